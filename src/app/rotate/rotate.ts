/** The order of a rotation: what may be needed is stored before it is done, so that whatever is cut off leaves a credential that opens. */
import { FirebreakError, messageOf } from '../../base/error.ts'
import type { JsonObject } from '../../base/json.ts'
import type { Secret } from '../../base/secret.ts'
import { putRotation } from '../../custody/rotation.ts'
import type { Rotation } from '../../custody/rotation.ts'
import type { Firebreak } from '../compose.ts'
import { settled } from './settle.ts'
import { finish, givenUp, keepNext, orThrow, write } from './steps.ts'
import type { Going, Rotated } from './steps.ts'
import { keptOf, wayOf } from './ways.ts'
import type { Changed, Look } from './way.ts'

/** Whose word it is, and what proves it. */
export interface Signed extends JsonObject {
  readonly by: string
}

/** A person has signed for it. Throws why it was not done; then what was kept is kept, and opens. */
export async function rotate(
  firebreak: Firebreak,
  target: string,
  signature: Signed,
): Promise<Rotated> {
  // Two names may be for one credential: the second is made new after the first, from what is kept then.
  return await firebreak.credential.alone(async () => await begun(firebreak, target, signature))
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

async function begun(
  firebreak: Firebreak,
  target: string,
  { by, ...word }: Signed,
): Promise<Rotated> {
  const way = orThrow(await wayOf(firebreak, target), target)
  if (!(await settled(firebreak, target)))
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
    const first = await way.begin(old)
    const rotation: Rotation = { target, stage: 'begun', old: old.reveal(), by, ...first }
    await write(firebreak, rotation, { what: 'rotation begun', by, ...word }, (tx) =>
      putRotation(firebreak.seal, tx, rotation),
    )
    return await carry(firebreak, { way, targets, rotation })
  })
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
    if (await settled(firebreak, rotation.target)) throw thrown
    throw new FirebreakError(
      'not_reachable',
      `it broke off, and whether the new one opens is not known yet: ${messageOf(thrown)}`,
      'both are kept, and it is looked at again by itself; `firebreak doctor` says how it stands',
      thrown,
    )
  }
}
