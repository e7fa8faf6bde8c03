/** What a crash or a fault has cut off, brought to an end: by asking the platform which credential opens. */
import { FirebreakError } from '../../base/error.ts'
import { Secret } from '../../base/secret.ts'
import { credentialOf } from '../../custody/custody.ts'
import { rotationOf } from '../../custody/rotation.ts'
import type { Rotation } from '../../custody/rotation.ts'
import type { Firebreak } from '../compose.ts'
import { finish, givenUp, keepNext, orThrow } from './steps.ts'
import type { Going } from './steps.ts'
import { mayGoOut, wayOf } from './ways.ts'
import type { Way } from './way.ts'

/** When no rotation is under way any more: with the new one where that opens, else with the old one. True where that is certain now. */
export async function settle(firebreak: Firebreak, target: string): Promise<boolean> {
  return await firebreak.credential.alone(async () => await settled(firebreak, target))
}

/** The same for whoever has the turn. */
export async function settled(firebreak: Firebreak, target: string): Promise<boolean> {
  const { state, seal } = firebreak
  const rotation = await state.transact((tx) => rotationOf(seal, tx, target))
  if (rotation === null) return true
  mayGoOut(firebreak)
  const way = orThrow(await wayOf(firebreak, target), target)
  const going = { way, targets: [target, ...way.targets], rotation }
  if (rotation.stage === 'kept') {
    await finish(firebreak, going)
    return true
  }
  return (await goneBack(firebreak, going)) || (await goneOn(firebreak, going))
}

/** With the one that was there, or the one that a person has put in its place meanwhile. */
async function goneBack(firebreak: Firebreak, { way, rotation }: Going): Promise<boolean> {
  const { state, seal } = firebreak
  const kept = await state.transact((tx) => credentialOf(seal, tx, rotation.target))
  const able = new Set([kept?.reveal() ?? rotation.old, rotation.old])
  for (const one of able) {
    if (one === rotation.next || (await way.ask(new Secret(one))).kind !== 'in') continue
    if (!(await isLetGo(way, { ...rotation, old: one }))) return false
    await givenUp(firebreak, rotation)
    return true
  }
  return false
}

/** False where the platform refuses to take the new one back and it may open: then nothing is certain. */
async function isLetGo(way: Way, rotation: Rotation): Promise<boolean> {
  try {
    await way.giveUp(rotation)
    return true
  } catch (thrown) {
    // What the platform refuses, it may have refused before as well: then there is no new one to take back.
    if (!(thrown instanceof FirebreakError) || thrown.code !== 'wrong_state') throw thrown
    if (rotation.next === null) throw thrown
    return (await way.ask(new Secret(rotation.next))).kind === 'refused'
  }
}

async function goneOn(firebreak: Firebreak, { way, targets, rotation }: Going): Promise<boolean> {
  if (rotation.next === null) return false
  if ((await way.ask(new Secret(rotation.next))).kind !== 'in') return false
  const kept = await keepNext(firebreak, { targets, rotation })
  await finish(firebreak, { way, targets, rotation: kept })
  return true
}
