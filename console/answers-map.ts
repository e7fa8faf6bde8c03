/** What the API answers about the map: grants and things in words, and the picture of them. */
import * as v from 'valibot'

const text = v.string()
const maybeText = v.nullable(text)

export const map = v.object({
  credentials: v.array(v.object({ id: text, target: maybeText })),
  targets: v.array(v.object({ name: text, platform: text, kept: v.boolean() })),
  environments: v.array(v.object({ target: text, name: text, protected: v.boolean() })),
  grants: v.array(
    v.object({
      id: text,
      principal: text,
      operations: v.array(text),
      expiresAt: v.number(),
      reach: v.array(
        v.object({
          target: text,
          environment: text,
          worst: v.picklist(['reads', 'held', 'runs']),
        }),
      ),
      bare: v.number(),
    }),
  ),
  things: v.array(
    v.object({
      target: text,
      key: text,
      type: text,
      name: text,
      environment: maybeText,
      point: maybeText,
      grade: maybeText,
    }),
  ),
  drawn: v.object({
    width: v.number(),
    height: v.number(),
    heads: v.array(v.object({ text, x: v.number() })),
    boxes: v.array(
      v.object({
        id: text,
        x: v.number(),
        y: v.number(),
        mark: text,
        text,
        sub: text,
        tone: v.picklist(['plain', 'gone', 'bare', 'stays', 'held', 'unsaid']),
        full: text,
      }),
    ),
    lines: v.array(v.object({ d: v.pipe(text, v.regex(/^[MCH\d. -]*$/)), tone: text })),
  }),
})
export type ReachMap = v.InferOutput<typeof map>
