/** What the API answers about questions and answers. */
import * as v from 'valibot'

const text = v.string()
const maybeText = v.nullable(text)
const maybeNumber = v.nullable(v.number())

export const decisions = v.object({
  since: v.number(),
  isWhole: v.boolean(),
  asked: v.number(),
  approved: v.number(),
  denied: v.number(),
  expired: v.number(),
  open: v.number(),
  approvedPercent: maybeNumber,
  medianMs: maybeNumber,
  p90Ms: maybeNumber,
  days: v.array(v.object({ day: text, agent: text, asked: v.number() })),
  classes: v.array(
    v.object({
      agent: text,
      operation: text,
      target: text,
      asked: v.number(),
      approved: v.number(),
      denied: v.number(),
      expired: v.number(),
      approvedPercent: maybeNumber,
      medianMs: maybeNumber,
      advice: maybeText,
      rule: maybeText,
    }),
  ),
})
export type Decisions = v.InferOutput<typeof decisions>
