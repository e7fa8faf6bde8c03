/** The order of a rotation: what may be needed is stored before it is done, so that whatever is cut off leaves a credential that opens. */
import { FirebreakError, messageOf } from '../../base/error.ts'
import { Secret } from '../../base/secret.ts'
import { dropRotation, putRotation, rotationOf } from '../../custody/rotation.ts'
import type { Rotation } from '../../custody/rotation.ts'
import type { JsonObject } from '../../base/json.ts'
import type { Tx } from '../../guard/ports.ts'
import type { Firebreak } from '../compose.ts'
import { putInPlace } from './place.ts'
import { proveOld } from './proof.ts'
import type { Proof } from './proof.ts'
import { keptOf, mayGoOut, wayOf } from './ways.ts'
import type { Changed, Look, Way } from './way.ts'

export interface Rotated {
  /** All that have the new one now. */
  readonly targets: readonly string[]
  readonly old: Proof
  /** What a person still has to do; null where nothing. */
  readonly left: string | null
}

/** Whose word it is, and what proves it. */
export interface Signed extends JsonObject {
  readonly by: string
}

/** A person has signed for it. Throws why it was not done; then what was kept is kept, and opens. */
export async function rotate(
  firebreak: Firebreak,
  target: string,
  { by, ...word }: Signed,
): Promise<Rotated> {
  const way = orThrow(await wayOf(firebreak, target), target)
  if (!(await settle(firebreak, target)))
    throw new FirebreakError(
      'not_reachable',
      `an earlier rotation of \`${target}\` was cut off, and which one opens is not known yet`,
      'look whether the target answers, then run this again',
    )
  // Once more, and before anything is done: why it cannot be is told.
  await way.look(await keptOf(firebreak, target))
  const targets = [target, ...way.targets]
  return await firebreak.credential.during(targets, async () => {
    const old = await keptOf(firebreak, target)
    const begun = await way.begin(old)
    const rotation: Rotation = { target, stage: 'begun', old: old.reveal(), by, ...begun }
    await write(firebreak, rotation, { what: 'rotation begun', by, ...word }, (tx) =>
      putRotation(firebreak.seal, tx, rotation),
    )
    return await carry(firebreak, { way, targets, rotation })
  })
}

/** What would be done, for whoever is to sign it; `given`: of a credential that is not kept yet. Throws why it cannot be. */
export async function lookAt(
  firebreak: Firebreak,
  target: string,
  given: Secret | null = null,
): Promise<Look> {
  const way = orThrow(await wayOf(firebreak, target), target)
  return await way.look(given ?? (await keptOf(firebreak, target)))
}

/** What a crash has cut off, brought to an end: with the new one where that opens, else with the old one. True where that is certain now. */
export async function settle(firebreak: Firebreak, target: string): Promise<boolean> {
  const { state, seal } = firebreak
  const rotation = await state.transact((tx) => rotationOf(seal, tx, target))
  if (rotation === null) return true
  mayGoOut(firebreak)
  const way = orThrow(await wayOf(firebreak, target), target)
  const all = [target, ...way.targets]
  if (rotation.stage === 'kept') {
    await finish(firebreak, { way, targets: all, rotation })
    return true
  }
  const asked = await way.ask(new Secret(rotation.old))
  if (asked.kind === 'in') {
    await way.giveUp(rotation)
    await givenUp(firebreak, rotation)
    return true
  }
  const next = rotation.next === null ? null : await way.ask(new Secret(rotation.next))
  if (next?.kind !== 'in') return false
  const kept = await keepNext(firebreak, { targets: all, rotation })
  await finish(firebreak, { way, targets: all, rotation: kept })
  return true
}

interface Going {
  readonly way: Way
  readonly targets: readonly string[]
  readonly rotation: Rotation
}

async function carry(firebreak: Firebreak, going: Going): Promise<Rotated> {
  const { way, targets } = going
  const changed = await changedOr(firebreak, going)
  const rotation: Rotation = { ...going.rotation, next: changed.secret.reveal() }
  let kept: Rotation
  try {
    if (going.rotation.next === null)
      await firebreak.state.transact((tx) => putRotation(firebreak.seal, tx, rotation))
    const asked = await way.ask(changed.secret)
    if (asked.kind !== 'in') {
      await changed.putBack()
      await givenUp(firebreak, rotation)
      throw new FirebreakError(
        'wrong_state',
        `the new one does not open, and the old one was put back: ${asked.said}`,
        'make it new by hand, then `firebreak custody add`',
      )
    }
    kept = await keepNext(firebreak, { targets, rotation })
  } finally {
    await changed.close()
  }
  return await finish(firebreak, { way, targets, rotation: kept })
}

/** What broke on the way may have been done all the same: that is looked at before it is said. */
async function changedOr(firebreak: Firebreak, { way, rotation }: Going): Promise<Changed> {
  try {
    return await way.change(rotation)
  } catch (thrown) {
    if (await settle(firebreak, rotation.target)) throw thrown
    throw new FirebreakError(
      'not_reachable',
      `it broke off, and whether the new one opens is not known yet: ${messageOf(thrown)}`,
      'both are kept, and it is looked at again by itself; `firebreak doctor` says how it stands',
      thrown,
    )
  }
}

/** From here on the new one is used; the old one waits to be taken away. */
async function keepNext(
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

async function finish(firebreak: Firebreak, { way, targets, rotation }: Going): Promise<Rotated> {
  const { target } = rotation
  const left = await way
    .takeAway(rotation, new Secret(rotation.next ?? ''))
    .catch((thrown: unknown) => messageOf(thrown))
  const old = (await proveOld(firebreak, target, way)) ?? {
    kind: 'unclear' as const,
    said: 'there is no old one',
  }
  // Of one and the same old one nothing more need be found out for the others.
  for (const other of targets.slice(1)) await proveOld(firebreak, other, way)
  await firebreak.state.transact((tx) => dropRotation(tx, target))
  return { targets, old, left }
}

async function givenUp(firebreak: Firebreak, rotation: Rotation): Promise<void> {
  const body = { what: 'rotation given up', by: rotation.by }
  await write(firebreak, rotation, body, (tx) => dropRotation(tx, rotation.target))
}

async function write(
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

function orThrow(way: Way | null, target: string): Way {
  if (way !== null) return way
  throw new FirebreakError(
    'wrong_state',
    `Firebreak cannot make the credential of \`${target}\` new by itself`,
    'make another at its platform, `firebreak custody add`, and take the old one back there',
  )
}
