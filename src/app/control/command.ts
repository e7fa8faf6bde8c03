/** What a control command is: a name, the shape of its input, and what it does; the daemon checks every factor itself. */
import * as v from 'valibot'
import { provenOrThrow, prove } from '../../approvals/factor.ts'
import type { Proven } from '../../approvals/factor.ts'
import { openTotp } from '../../approvals/totp-factor.ts'
import { plain } from '../../base/plain.ts'
import { FirebreakError } from '../../base/error.ts'
import type { Json, JsonObject } from '../../base/json.ts'
import { digest } from '../../base/json.ts'
import type { Firebreak } from '../compose.ts'

export interface ControlCommand {
  readonly run: (firebreak: Firebreak, input: JsonObject) => Promise<Json>
}

export const by = v.optional(v.pipe(v.string(), v.maxLength(80)), 'local')
/** An approver's name and one-time code. */
export const proof = {
  approver: v.pipe(v.string(), v.maxLength(80)),
  code: v.pipe(v.string(), v.maxLength(20)),
} as const

/** A command from a schema and what it does with a checked input. */
export function command<S extends v.GenericSchema>(
  schema: S,
  run: (firebreak: Firebreak, input: v.InferOutput<S>) => Promise<Json>,
): ControlCommand {
  return {
    run: async (firebreak, input) => {
      const result = v.safeParse(schema, input)
      if (result.success) return await run(firebreak, result.output)
      const [issue] = result.issues
      const where = (issue.path ?? []).map((item) => String(item.key)).join('.')
      throw new FirebreakError('bad_input', `\`${where}\`: ${issue.message}`)
    },
  }
}

/** INVARIANT (power-widens-with-a-person): the approver's code is checked here, and its failure is counted even though nothing else happens. */
export async function withFactor(
  firebreak: Firebreak,
  given: { readonly approver: string; readonly code: string },
  purpose:
    { readonly what: Json; readonly role: 'approver' | 'admin' } | { readonly digest: string },
): Promise<Proven> {
  const factor = openTotp({ seal: firebreak.seal, now: () => firebreak.clock.now() })
  const bound =
    'digest' in purpose
      ? { digest: purpose.digest, role: 'approver' as const }
      : { digest: digest(purpose.what), role: purpose.role }
  const result = await firebreak.state.transact((tx) => prove(factor, tx, given, bound))
  // Whoever tries codes from an agent's shell shall be seen, long before one fits.
  if (typeof result === 'string')
    firebreak.notices.tell('factor-refused', plain(`${given.approver}: ${result}`), 'approvals')
  return provenOrThrow(result)
}
