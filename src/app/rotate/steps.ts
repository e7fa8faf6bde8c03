/** The steps that a rotation and its settling have in common: each is one commit, with its entry in the ledger. */
import { FirebreakError, messageOf } from '../../base/error.ts'
import type { JsonObject } from '../../base/json.ts'
import { Secret } from '../../base/secret.ts'
import { credentialOf } from '../../custody/custody.ts'
import { dropRotation, putRotation } from '../../custody/rotation.ts'
import type { Rotation } from '../../custody/rotation.ts'
import type { Tx } from '../../guard/ports.ts'
import type { Firebreak } from '../compose.ts'
import { putInPlace } from './place.ts'
import { proveOld } from './proof.ts'
import type { Proof } from './proof.ts'
import type { Way } from './way.ts'

export interface Rotated {
  /** All that have the new one now. */
  readonly targets: readonly string[]
  readonly old: Proof
  /** What a person still has to do; null where nothing. */
  readonly left: string | null
}

export interface Going {
  readonly way: Way
  readonly targets: readonly string[]
  readonly rotation: Rotation
}

/** From here on the new one is used; the old one waits to be taken away. */
export async function keepNext(
  firebreak: Firebreak,
  { targets, rotation }: Omit<Going, 'way'>,
): Promise<Rotation> {
  const kept: Rotation = { ...rotation, stage: 'kept' }
  const body = { what: 'rotated', by: rotation.by, targets: [...targets] }
  await write(firebreak, rotation, body, async (tx) => {
    for (const target of targets)
      await putInPlace(firebreak, tx, {
        target,
        secret: rotation.next ?? '',
        by: rotation.by,
        made: true,
      })
    await putRotation(firebreak.seal, tx, kept)
  })
  firebreak.credential.forget()
  return kept
}

/** Takes the old one away. The rotation is over once it is gone: what could not be reached is tried again. */
export async function finish(
  firebreak: Firebreak,
  { way, targets, rotation }: Going,
): Promise<Rotated> {
  const { target, next } = rotation
  const left = await way
    .takeAway(rotation, new Secret(next ?? ''))
    .catch((thrown: unknown) => messageOf(thrown))
  const old = (await proveOld(firebreak, target, way)) ?? {
    kind: 'unclear' as const,
    said: 'there is no old one',
  }
  // Of one and the same old one nothing more need be found out for the others.
  for (const other of targets.slice(1)) await proveOld(firebreak, other, way)
  await firebreak.state.transact(async (tx) => {
    const kept = await credentialOf(firebreak.seal, tx, target)
    // A person who has put another in its place has taken it over.
    const isOver = left === null || old.kind === 'dead' || kept?.reveal() !== next
    if (isOver) await dropRotation(tx, target)
  })
  return { targets, old, left }
}

export async function givenUp(firebreak: Firebreak, rotation: Rotation): Promise<void> {
  const body = { what: 'rotation given up', by: rotation.by }
  await write(firebreak, rotation, body, (tx) => dropRotation(tx, rotation.target))
}

export async function write(
  { state, ledger, clock }: Firebreak,
  { target }: Rotation,
  body: JsonObject,
  work: (tx: Tx) => Promise<void>,
): Promise<void> {
  await state.transact(async (tx) => {
    await work(tx)
    await ledger.append(tx, [
      { kind: 'custody', at: clock.now(), subject: target, principal: null, body },
    ])
  })
}

export function orThrow(way: Way | null, target: string): Way {
  if (way !== null) return way
  throw new FirebreakError(
    'wrong_state',
    `Firebreak cannot make the credential of \`${target}\` new by itself`,
    'make another at its platform, `firebreak custody add`, and take the old one back there',
  )
}
