/** What the API answers about the house: credentials, what weakens it, whether its ledger is whole, whom it reaches. Of a credential itself no answer has a character. */
import * as v from 'valibot'

const text = v.string()

export const kept = v.array(v.object({ target: text, addedAt: v.number(), addedBy: text }))
export type KeptCredential = v.InferOutput<typeof kept>[number]

export const wanted = v.array(v.object({ name: text, goes: text }))
export type WantedCredential = v.InferOutput<typeof wanted>[number]

export const findings = v.array(v.object({ rule: text, message: text }))

export const checkedLedger = v.object({ ok: v.boolean(), size: v.number(), faults: v.array(text) })

export const tested = v.array(v.object({ channel: text, taken: v.boolean(), said: text }))
