/** What the API answers about the house: credentials, what weakens it, whether its ledger is whole, whom it reaches. Of a credential itself no answer has a character. */
import * as v from 'valibot'

const text = v.string()

const maybeTime = v.nullable(v.number())
/** Where somebody has logged in for it. */
const login = v.nullable(v.object({ endsAt: maybeTime, deadSince: maybeTime }))
export const kept = v.array(v.object({ target: text, addedAt: v.number(), addedBy: text, login }))
export type KeptCredential = v.InferOutput<typeof kept>[number]

export const wanted = v.array(v.object({ name: text, goes: text, logsIn: v.boolean() }))
export type WantedCredential = v.InferOutput<typeof wanted>[number]

/** Where to log in for it. */
export const leaving = v.object({ url: text, state: text, issuer: text })

export const findings = v.array(v.object({ rule: text, message: text }))

export const checkedLedger = v.object({ ok: v.boolean(), size: v.number(), faults: v.array(text) })

export const tested = v.array(v.object({ channel: text, taken: v.boolean(), said: text }))
