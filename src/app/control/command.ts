/** What a control command is: a name, the shape of its input, what a person signs for it, and what it does. */
import * as v from 'valibot'
import { FirebreakError } from '../../base/error.ts'
import type { Json, JsonObject } from '../../base/json.ts'
import type { Firebreak } from '../compose.ts'

export interface ControlCommand {
  /** Of its input; what proves a person is beside it. */
  readonly schema: v.GenericSchema
  /** What a person would sign for this input; null where nobody need sign, or the command never asks. Throws what stands against it, before a code is spent. */
  readonly purpose:
    ((firebreak: Firebreak, input: JsonObject, approver: string) => Promise<Purpose | null>) | null
  readonly run: (firebreak: Firebreak, input: JsonObject) => Promise<Json>
}

/** What a factor is given for: an action's own digest, or the words of what is done. */
export type Purpose =
  | { readonly digest: string; readonly shown: string; readonly factor?: 'passkey' }
  | { readonly what: Json; readonly role: SigningPower }

/** Who may sign it. `stand-in`: an approver, or who signs in the place of one: what is about holds and halts; all else takes one's own office. */
export type SigningPower = 'stand-in' | 'approver' | 'admin'

export const by = v.optional(v.pipe(v.string(), v.maxLength(80)), 'local')
/** A command that takes nobody's word, from a schema and what it does with a checked input. */
export function command<S extends v.GenericSchema>(
  schema: S,
  run: (firebreak: Firebreak, input: v.InferOutput<S>) => Promise<Json>,
): ControlCommand {
  return {
    schema,
    purpose: null,
    run: async (firebreak, input) => await run(firebreak, checked(schema, input)),
  }
}

/** The input as its shape says; throws `bad_input` with the place and why. */
export function checked<S extends v.GenericSchema>(schema: S, input: unknown): v.InferOutput<S> {
  const result = v.safeParse(schema, input)
  if (result.success) return result.output
  const [issue] = result.issues
  const where = (issue.path ?? []).map((item) => String(item.key)).join('.')
  throw new FirebreakError('bad_input', `\`${where}\`: ${issue.message}`)
}
