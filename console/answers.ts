/** What the API answers, read once here: past this file the type is the proof. Members that no page shows are left out. */
import * as v from 'valibot'
import { isJson, isObject } from './json.ts'
import type { Json, JsonObject } from './json.ts'

const text = v.string()
const time = v.number()
const maybeText = v.nullable(text)
const maybeNumber = v.nullable(v.number())
const json = v.custom<Json>(isJson)
const jsonObject = v.custom<JsonObject>((value) => isObject(value) && isJson(value))

export const failure = v.object({
  error: v.object({ code: text, message: text, hint: v.optional(maybeText, null) }),
})

export const session = v.object({ name: text, role: text, until: time, for: maybeText })
/** `page` is the half of the session that the page keeps. */
export const signedIn = v.object({ ...session.entries, page: text })
export const door = v.object({ company: maybeText })
export const away = v.object({ url: text, state: text })
export type Session = v.InferOutput<typeof session>

export const hold = v.object({
  id: text,
  state: v.picklist([
    'open',
    'approved',
    'scheduled',
    'executing',
    'executed',
    'failed',
    'denied',
    'expired',
    'undone',
  ]),
  principal: text,
  target: text,
  operation: text,
  digest: text,
  requestedAt: time,
  expiresAt: time,
  executesAt: maybeNumber,
  approvals: v.number(),
  approvalsNeeded: v.number(),
  recoveryPoints: v.array(text),
  closing: maybeText,
  /** What would go, in a line; only in a list. */
  goes: v.optional(text, ''),
})
export type Hold = v.InferOutput<typeof hold>
export const holds = v.array(hold)

const thing = v.object({
  type: text,
  name: text,
  id: text,
  environment: maybeText,
  bytes: maybeNumber,
})
export type Thing = v.InferOutput<typeof thing>

const detail = v.object({
  operations: v.array(
    v.object({ name: text, target: text, effect: text, kinds: v.array(text), shown: jsonObject }),
  ),
  resources: v.array(thing),
  backups: v.array(thing),
  left: v.array(thing),
  environments: v.array(text),
  unknown: v.array(text),
  rows: maybeNumber,
  findings: v.array(v.object({ rule: text, message: text })),
  alternatives: v.array(text),
  principal: v.object({ name: text, chain: v.array(text), mintedBy: text }),
  reason: maybeText,
  graceMs: v.number(),
  needsRecoveryPoint: v.boolean(),
  points: v.array(
    v.object({
      id: text,
      engine: text,
      grade: text,
      takenAt: time,
      verifiedAt: maybeNumber,
      drilledAt: maybeNumber,
    }),
  ),
})
export type Detail = v.InferOutput<typeof detail>

export const shownHold = v.object({
  ...hold.entries,
  /** What the person signs for. */
  text,
  /** SHA-256 of it. */
  shown: text,
  confirm: text,
  short: maybeText,
  lost: maybeText,
  detail,
})
export type ShownHold = v.InferOutput<typeof shownHold>

export const closedClasses = v.array(
  v.object({
    id: text,
    principal: text,
    target: text,
    kind: text,
    family: text,
    hold: text,
    until: time,
  }),
)
export type ClosedClass = v.InferOutput<typeof closedClasses>[number]

export const done = v.object({ done: v.array(text) })
export const halted = v.object({ who: text, stored: v.boolean(), why: v.optional(text) })

export const statement = v.object({
  challenge: text,
  allow: v.array(text),
  statement: v.strictObject({
    v: v.literal(1),
    approver: text,
    digest: text,
    what: json,
    shown: maybeText,
    nonce: text,
    until: time,
  }),
})
export type Asked = v.InferOutput<typeof statement>

export const opened = v.object({ name: text, role: text, challenge: text, rpId: text })
export type Opened = v.InferOutput<typeof opened>
export const arrived = v.object({ number: text })

export const entry = v.object({
  seq: v.number(),
  kind: text,
  at: time,
  subject: maybeText,
  principal: maybeText,
  body: jsonObject,
})
export type Entry = v.InferOutput<typeof entry>

const halt = v.object({ id: text, at: time, by: text, reason: text })
export type Halt = v.InferOutput<typeof halt>
export const state = v.object({ holds: v.number(), halted: v.array(halt), alarms: v.number() })
export type State = v.InferOutput<typeof state>

export const alarms = v.array(
  v.object({
    id: text,
    at: time,
    rule: text,
    message: text,
    subject: text,
    seenAt: maybeNumber,
  }),
)
export type Alarm = v.InferOutput<typeof alarms>[number]

export const lookedUp = v.object({
  size: v.number(),
  from: v.number(),
  to: v.number(),
  next: maybeNumber,
  entries: v.array(
    v.object({
      index: v.number(),
      at: time,
      kind: text,
      subject: maybeText,
      principal: maybeText,
      line: text,
    }),
  ),
})
export type Found = v.InferOutput<typeof lookedUp>['entries'][number]

export const entryProof = v.object({
  receipt: text,
  verifier: text,
  size: v.number(),
  flaw: maybeText,
})
export type EntryProof = v.InferOutput<typeof entryProof>

export const policy = v.object({
  mode: text,
  set: text,
  rules: v.array(
    v.object({
      id: text,
      set: v.picklist(['guard', 'run', 'hold', 'loosen']),
      own: v.boolean(),
      file: text,
      line: v.number(),
      says: text,
      message: text,
      asks: v.array(text),
      text,
    }),
  ),
  issues: v.array(v.object({ level: text, file: text, line: v.number(), message: text })),
})
export type ReadPolicy = v.InferOutput<typeof policy>

export const explained = v.array(
  v.union([
    v.object({ id: json, error: text }),
    v.object({
      id: json,
      effect: text,
      verdict: v.picklist(['allow', 'hold', 'deny']),
      operation: text,
      findings: v.array(v.object({ rule: text, message: text })),
    }),
  ]),
)
export type Explained = v.InferOutput<typeof explained>[number]

export const shadow = v.object({
  rules: v.array(
    v.object({
      rule: text,
      message: text,
      held: v.number(),
      denied: v.number(),
      agents: v.array(text),
      operations: v.array(text),
      entry: v.number(),
      at: time,
    }),
  ),
  passed: v.number(),
  size: v.number(),
  from: v.number(),
  to: v.number(),
  next: maybeNumber,
})
export type Shadow = v.InferOutput<typeof shadow>

export const incident = v.object({
  account: v.object({
    title: text,
    headlines: v.array(text),
    sections: v.array(
      v.object({ heading: text, lines: v.array(v.object({ text, index: maybeNumber })) }),
    ),
    timeline: v.array(v.object({ index: v.number(), at: text, line: text })),
  }),
  text,
  files: v.array(v.object({ path: text, content: text })),
})
export type Incident = v.InferOutput<typeof incident>

export const anything = json

export const grants = v.array(
  v.object({
    id: text,
    principal: text,
    mintedBy: text,
    mintedAt: time,
    expiresAt: time,
    note: text,
    caveats: v.array(text),
    revokedAt: maybeNumber,
  }),
)
export type Grant = v.InferOutput<typeof grants>[number]
export const minted = v.object({ id: text, grant: text })
export const pushKey = v.object({ key: maybeText })
