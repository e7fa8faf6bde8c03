/** Commands that take a person's word: what is looked at first, what is signed, and what is done then. */
import * as v from 'valibot'
import { prove, provenOrThrow } from '../../approvals/factor.ts'
import type { Bound, Proof, Proven } from '../../approvals/factor.ts'
import { tooWeak } from '../../approvals/approve.ts'
import { standsFor } from '../../approvals/delegate.ts'
import { plain } from '../../base/plain.ts'
import { FirebreakError } from '../../base/error.ts'
import type { Json, JsonObject } from '../../base/json.ts'
import { digest } from '../../base/json.ts'
import type { Firebreak } from '../compose.ts'
import { unseatedLine } from '../seated.ts'
import { placeToSign } from '../site.ts'
import { by, checked } from './command.ts'
import type { ControlCommand, Purpose, SigningPower } from './command.ts'

/** Bytes as a browser hands them over. */
export const base64url = v.pipe(
  v.string(),
  v.maxLength(8192),
  v.regex(/^[A-Za-z0-9_-]*$/, 'is no base64url'),
)
const approver = v.pipe(v.string(), v.maxLength(80))
const byCode = v.object({ approver, code: v.pipe(v.string(), v.maxLength(20)) })
const byPasskey = v.object({
  approver,
  assertion: v.strictObject({
    id: base64url,
    clientDataJSON: base64url,
    authenticatorData: base64url,
    signature: base64url,
  }),
})

type Input<E extends v.ObjectEntries> = v.InferOutput<v.StrictObjectSchema<E, undefined>>

/** What is signed, and what was found on the way to it. */
export interface Asked<F> {
  readonly sign: Purpose
  readonly found: F
}

type Ask<E extends v.ObjectEntries, A> = (
  firebreak: Firebreak,
  input: Input<E>,
  approver: string,
) => Promise<A>

/** Where nothing need be looked at first: these words are signed. */
export function words<I>(
  say: (input: I) => Json,
  role: SigningPower = 'approver',
): (firebreak: Firebreak, input: I) => Promise<Asked<null>> {
  return async (_, input) =>
    await Promise.resolve({ sign: { what: say(input), role }, found: null })
}

/**
 * A command that takes a person's word: `ask` looks and says what is signed, `run` has it signed.
 * INVARIANT (power-widens-with-a-person): the factor is checked here, and a failure is counted even though nothing else happens.
 */
export function signed<E extends v.ObjectEntries, F>(
  entries: E,
  ask: Ask<E, Asked<F>>,
  run: (
    firebreak: Firebreak,
    input: Input<E>,
    signed: { readonly proven: Proven; readonly found: F },
  ) => Promise<Json>,
): ControlCommand {
  const schema = v.strictObject(entries)
  return {
    schema,
    purpose: async (firebreak, input, approver) =>
      (await ask(firebreak, checked(schema, input), approver)).sign,
    run: async (firebreak, all) => {
      const { rest, proof } = parted(all)
      const input = checked(schema, rest)
      const given = proofIn(proof)
      const { sign, found } = await ask(firebreak, input, given.approver)
      return await run(firebreak, input, { proven: await proveFor(firebreak, given, sign), found })
    },
  }
}

/** The same where it depends on what is found whether anybody must sign: null where nobody, else what is said to whoever has not. */
export function signedWhere<E extends v.ObjectEntries>(
  entries: E,
  ask: Ask<E, { readonly sign: Purpose; readonly why: FirebreakError } | null>,
  run: (
    firebreak: Firebreak,
    input: Input<E>,
    signed: { readonly proven: Proven | null; readonly by: string },
  ) => Promise<Json>,
): ControlCommand {
  const schema = v.strictObject(entries)
  return {
    schema,
    purpose: async (firebreak, input, approver) =>
      (await ask(firebreak, checked(schema, input), approver))?.sign ?? null,
    run: async (firebreak, all) => {
      const { rest, proof, asker } = parted(all)
      const input = checked(schema, rest)
      // INVARIANT (power-widens-with-a-person): what is asked of oneself is asked of whoever proves it, not of a name that is only said.
      const who = typeof proof['approver'] === 'string' ? proof['approver'] : asker
      const asked = await ask(firebreak, input, who)
      if (asked === null) return await run(firebreak, input, { proven: null, by: asker })
      if (Object.keys(proof).length < 2) throw asked.why
      const proven = await proveFor(firebreak, proofIn(proof), asked.sign)
      return await run(firebreak, input, { proven, by: proven.approver.name })
    },
  }
}

/** What proves a person, who asks, and all else of an input. */
function parted({ approver, code, assertion, by: who, ...rest }: JsonObject): {
  readonly rest: JsonObject
  readonly proof: JsonObject
  readonly asker: string
} {
  const proof: JsonObject = {
    ...(approver === undefined ? {} : { approver }),
    ...(code === undefined ? {} : { code }),
    ...(assertion === undefined ? {} : { assertion }),
  }
  return { rest, proof, asker: checked(by, who) }
}

/** What proves a person, in its shape; throws `bad_input`. */
export function proofIn(proof: JsonObject): Proof {
  return 'assertion' in proof ? checked(byPasskey, proof) : checked(byCode, proof)
}

async function proveFor(firebreak: Firebreak, given: Proof, purpose: Purpose): Promise<Proven> {
  // Before a code is spent for nothing.
  if ('factor' in purpose && purpose.factor === 'passkey' && 'code' in given)
    throw new FirebreakError('factor_refused', tooWeak, placeToSign(firebreak.config))
  return await proveBound(firebreak, given, boundOf(purpose))
}

/** Who has proven to be an approver of that role, for that digest; throws `factor_refused`, and the failure is counted. */
export async function proveBound(
  firebreak: Firebreak,
  given: Proof,
  bound: Omit<Bound, 'standsFor'>,
): Promise<Proven> {
  const { state, factors, seal, clock, look, isStopped } = firebreak
  const result = await state.transact(async (tx) => {
    // A row that was put back opens as it did: by the ledger alone it is known.
    await look(tx)
    const proven = await prove(factors, tx, given, {
      ...bound,
      standsFor: async ({ id }) =>
        isStopped() === null ? await standsFor(seal, tx, { id, now: clock.now() }) : null,
    })
    if (typeof proven === 'string' || isStopped() === null) return proven
    return (await unseatedLine(tx, proven)) ?? proven
  })
  // Whoever tries codes from an agent's shell shall be seen, long before one fits.
  if (typeof result === 'string')
    firebreak.notices.tell('factor-refused', plain(`${given.approver}: ${result}`), 'approvals')
  return provenOrThrow(result)
}

/** The digest and the text that a factor is given for, and who may give it. */
export function boundOf(purpose: Purpose): Bound {
  return 'digest' in purpose
    ? { digest: purpose.digest, shown: purpose.shown, role: 'stand-in' }
    : { digest: digest(purpose.what), shown: null, role: purpose.role }
}
