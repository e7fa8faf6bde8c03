/** What the API answers about credentials, and about what weakens this set-up. Of a credential itself no answer has a character. */
import * as v from 'valibot'

const text = v.string()

export const kept = v.array(v.object({ target: text, addedAt: v.number(), addedBy: text }))
export type KeptCredential = v.InferOutput<typeof kept>[number]

export const wanted = v.array(v.object({ name: text, goes: text }))
export type WantedCredential = v.InferOutput<typeof wanted>[number]

export const findings = v.array(v.object({ rule: text, message: text }))
