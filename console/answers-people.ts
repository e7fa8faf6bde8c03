/** What the API answers about people: who approves, with which keys, who is signed in; and what waits for an admin. */
import * as v from 'valibot'

const text = v.string()
const time = v.number()
const maybeTime = v.nullable(time)

export const approvers = v.array(
  v.object({
    name: text,
    role: text,
    enrolledAt: time,
    enrolledBy: v.nullable(text),
    lent: v.nullable(v.object({ to: text, until: time })),
    for: v.nullable(v.object({ name: text, until: time })),
  }),
)
export type Approver = v.InferOutput<typeof approvers>[number]
export const passkeys = v.array(
  v.object({ id: text, name: text, addedAt: time, usedAt: maybeTime }),
)
export type Key = v.InferOutput<typeof passkeys>[number]
export const sessions = v.array(v.object({ id: text, name: text, since: time, until: time }))
export type Seat = v.InferOutput<typeof sessions>[number]
export const invited = v.object({ url: text, terminal: text, until: time })
export const power = v.object({ changes: v.array(text), odd: v.array(text), power: text })

/** What a client asks for; `to` is signed as it stands. */
export const grantAsk = v.object({
  /** The same, once it is known whose the address is. */
  ask: v.string(),
  name: v.string(),
  target: v.string(),
  environments: v.array(v.string()),
  to: v.object({
    name: v.string(),
    client: v.string(),
    document: v.nullable(v.string()),
    redirect: v.string(),
    resource: v.string(),
    challenge: v.string(),
  }),
})
export type GrantAsk = v.InferOutput<typeof grantAsk>
/** Where the browser goes then. */
export const sentBack = v.object({ back: v.string() })
