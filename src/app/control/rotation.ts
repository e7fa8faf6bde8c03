/** Control commands about credentials that were exposed: made new where the platform can, and the old one proven dead. */
import * as v from 'valibot'
import { wordStill } from '../../approvals/signers.ts'
import { FirebreakError, messageOf } from '../../base/error.ts'
import { canonical, objectOf, parseJson, toJson } from '../../base/json.ts'
import type { Json, JsonObject } from '../../base/json.ts'
import { Secret } from '../../base/secret.ts'
import { keptCredentials } from '../../custody/custody.ts'
import type { Tx } from '../../guard/ports.ts'
import type { Firebreak } from '../compose.ts'
import { proveOld } from '../rotate/proof.ts'
import type { Proof } from '../rotate/proof.ts'
import { lookAt, rotate } from '../rotate/rotate.ts'
import { exposedIn, placesOf } from '../rotate/seen.ts'
import { settle } from '../rotate/settle.ts'
import { keptOf, wayOf } from '../rotate/ways.ts'
import { by, command } from './command.ts'
import type { ControlCommand } from './command.ts'
import { signed } from './signed.ts'

const target = v.pipe(v.string(), v.maxLength(100))
const text = v.pipe(v.string(), v.maxLength(20_000))
const lying = v.pipe(v.array(v.strictObject({ where: text, text })), v.maxLength(5000))

/** What was signed at a set-up and waits until its files are written: no longer than this. */
const waitsMs = 10 * 60_000
const waitingRow = 'setup-rotate'

export const rotationCommands: Readonly<Record<string, ControlCommand>> = {
  /** What a person looks at first. `secret`: of one that is about to be kept; `seen`: what lies about, to be told which of it is this one. */
  'custody-rotate-look': command(
    v.strictObject({
      target,
      secret: v.optional(v.nullable(text), null),
      seen: v.optional(lying, []),
      by,
    }),
    async (firebreak, given) => {
      const own = given.secret === null ? null : new Secret(given.secret)
      const look = await lookAt(firebreak, known(firebreak, given.target), own)
      const holds = await placesOf(firebreak, given.target, given.seen)
      return toJson({ ...look, holds })
    },
  ),
  'custody-rotate': signed(
    { target },
    async (firebreak, given) =>
      await Promise.resolve({
        sign: {
          what: ['custody-rotate', known(firebreak, given.target)],
          role: 'approver' as const,
        },
        found: null,
      }),
    async (firebreak, given, { proven }) => {
      const word = await firebreak.state.transact((tx) => wordStill(firebreak, tx, proven))
      const signature = { by: proven.approver.name, ...word }
      return toJson(await rotate(firebreak, given.target, signature))
    },
  ),
  /** What was signed together with a set-up, once its files are written. Each by itself: one that fails keeps no other from it. `drop`: they could not be written, so nothing is made new. */
  'setup-rotate': command(
    v.strictObject({ drop: v.optional(v.boolean(), false), by }),
    async (firebreak, { drop }) => {
      const waiting = await taken(firebreak)
      if (drop) return []
      const done: JsonObject[] = []
      for (const name of waiting?.targets ?? []) done.push(await rotated(firebreak, name, waiting))
      return done
    },
  ),
  /** Of every credential that is kept: whether it stood where an agent could read it, and whether the one before it is dead. One read each. */
  'custody-proof': command(
    v.strictObject({ seen: v.optional(lying, []), by }),
    async (firebreak, { seen }) => {
      // Under a config that nobody has accepted nothing is asked.
      if (!firebreak.credential.isAllowed()) return []
      const kept = await firebreak.state.transact(keptCredentials)
      const told: Json[] = []
      for (const { id } of kept)
        if (Object.hasOwn(firebreak.config.targets, id))
          told.push({
            target: id,
            holds: [...(await placesOf(firebreak, id, seen))],
            ...(await stateOf(firebreak, id)),
          })
      return told
    },
  ),
}

/** Puts down, sealed, what a person has signed together with a set-up. */
export async function waitToRotate(
  { seal, clock }: Pick<Firebreak, 'seal' | 'clock'>,
  tx: Tx,
  { targets, by: who }: { readonly targets: readonly string[]; readonly by: string },
): Promise<void> {
  // An earlier yes was for what was shown then.
  if (targets.length === 0) {
    await tx.remove('meta', waitingRow)
    return
  }
  const value = { targets: [...targets], by: who, until: clock.now() + waitsMs }
  await tx.put('meta', { id: waitingRow, value: seal.seal(canonical(toJson(value)), waitingRow) })
}

const waitingShape = v.object({ targets: v.array(v.string()), by: v.string(), until: v.number() })

/** Once, and only while it is fresh: a set-up that broke off is looked at anew. */
async function taken({
  state,
  seal,
  clock,
}: Firebreak): Promise<v.InferOutput<typeof waitingShape> | null> {
  return await state.transact(async (tx) => {
    const value = (await tx.get('meta', waitingRow))?.value
    if (typeof value !== 'string') return null
    await tx.remove('meta', waitingRow)
    const waiting = v.parse(waitingShape, parseJson(seal.open(value, waitingRow)))
    return waiting.until < clock.now() ? null : waiting
  })
}

async function rotated(
  firebreak: Firebreak,
  name: string,
  waiting: { readonly by: string } | null,
): Promise<JsonObject> {
  try {
    const done = await rotate(firebreak, known(firebreak, name), { by: waiting?.by ?? '' })
    return { target: name, ...objectOf(toJson(done)) }
  } catch (thrown) {
    const hint = thrown instanceof FirebreakError ? thrown.hint : null
    return { target: name, failed: messageOf(thrown), hint }
  }
}

async function stateOf(firebreak: Firebreak, name: string): Promise<JsonObject> {
  const nothing: JsonObject = { exposed: [], opens: false, old: null, rotates: false }
  try {
    const way = await wayOf(firebreak, name)
    await settle(firebreak, name)
    const secret = (await keptOf(firebreak, name)).reveal()
    const exposed = await firebreak.state.transact((tx) =>
      exposedIn(firebreak, tx, { target: name, secret }),
    )
    const old: Proof | null = await proveOld(firebreak, name, way)
    const asked = exposed.length === 0 ? null : await way?.ask(new Secret(secret))
    const opens = asked?.kind === 'in'
    return { exposed: [...exposed], opens, old: toJson(old), rotates: way !== null }
  } catch (thrown) {
    return { ...nothing, old: { kind: 'unclear', said: messageOf(thrown) } }
  }
}

function known({ config }: Firebreak, name: string): string {
  if (Object.hasOwn(config.targets, name)) return name
  throw new FirebreakError('bad_input', `the config has no target \`${name}\``)
}
