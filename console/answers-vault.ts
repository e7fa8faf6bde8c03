/** What the API answers about recovery points. Members that no view shows are left out. */
import * as v from 'valibot'

const text = v.string()
const time = v.nullable(v.number())

const drill = v.nullable(
  v.object({
    at: v.number(),
    passed: v.boolean(),
    rtoMs: v.optional(time, null),
    rpoMs: v.optional(time, null),
  }),
)

export const points = v.array(
  v.union([
    v.object({ kind: v.literal('broken'), id: text, why: text }),
    v.object({
      id: text,
      engine: text,
      source: v.optional(v.nullable(text), null),
      takenAt: v.number(),
      bytes: v.number(),
      grade: text,
      verifiedAt: time,
      drill: v.optional(drill, null),
      covers: v.optional(v.array(v.object({ target: text, type: text, id: text })), []),
    }),
  ]),
)
export type Listed = v.InferOutput<typeof points>[number]
export type Point = Exclude<Listed, { readonly kind: 'broken' }>

export const status = v.object({
  kept: v.array(
    v.object({
      of: text,
      points: v.number(),
      newest: v.optional(text),
      ageMs: v.optional(v.number()),
      grade: v.optional(text),
      copies: v.number(),
      media: v.number(),
      isOffSite: v.optional(v.boolean(), false),
      lockedUntil: v.optional(time, null),
      drilledAt: v.optional(time, null),
      isStale: v.optional(v.boolean(), false),
      schema: v.optional(v.nullable(text), null),
      problems: v.array(text),
    }),
  ),
  room: v.nullable(
    v.object({
      place: text,
      bytes: v.number(),
      free: time,
      quota: time,
      points: v.number(),
      plain: v.number(),
      stored: v.number(),
      kept: v.array(v.object({ id: text, prunable: v.boolean(), until: time, why: text })),
    }),
  ),
  offsite: v.nullable(
    v.object({
      place: text,
      grade: v.nullable(text),
      at: time,
      waiting: time,
      trouble: v.nullable(text),
    }),
  ),
  wal: v.array(
    v.object({
      target: text,
      receives: v.boolean(),
      durable: v.optional(text, ''),
      lagBytes: v.optional(v.number(), 0),
      way: v.optional(text, ''),
      exposedMs: v.optional(time, null),
      trouble: v.optional(v.nullable(text), null),
      /** Why no base backup reaches what comes now. */
      gap: v.nullable(text),
      offsite: v.nullable(v.object({ exposedMs: time, trouble: v.nullable(text) })),
    }),
  ),
  findings: v.array(v.object({ rule: text, message: text })),
})
export type Status = v.InferOutput<typeof status>
export type Kept = Status['kept'][number]

export const running = v.array(
  v.object({
    thing: text,
    bytes: v.number(),
    total: time,
    about: v.boolean(),
    sinceMs: v.number(),
  }),
)
export type Running = v.InferOutput<typeof running>[number]

export const drills = v.object({
  isWhole: v.boolean(),
  drills: v.array(
    v.object({
      at: v.number(),
      point: text,
      of: v.nullable(text),
      passed: v.boolean(),
      rtoMs: time,
      rpoMs: time,
      wrong: v.nullable(text),
    }),
  ),
})
export type Drills = v.InferOutput<typeof drills>
export type Drill = Drills['drills'][number]

export const verified = v.object({
  whole: v.boolean(),
  wrong: v.optional(v.nullable(text), null),
  lastGood: v.optional(v.nullable(text), null),
  instead: v.optional(v.nullable(text), null),
})
export const drilled = v.object({
  passed: v.boolean(),
  wrong: v.array(text),
  rtoMs: v.optional(time, null),
  rpoMs: v.optional(time, null),
})
export const restored = v.object({ done: v.array(text) })
