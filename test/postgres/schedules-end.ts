/** After the last step: everybody goes, everything that can be taken back is, Firebreak answers as before, and the ledger tells it all. */
import { expect } from 'vitest'
import { lost, speak, statementOf } from './schedules-line.ts'
import { settle } from './schedules-settle.ts'
import type { Walk } from './schedules-walk.ts'
import type { Held, World } from './schedules-world.ts'

export async function finish(world: World, walk: Walk): Promise<void> {
  const { stage, lines, holds } = world
  for (const line of lines) lost(line)
  for (const principal of new Set(lines.map(({ principal }) => principal))) {
    await walk.resume(principal)
    await world.mint(principal)
  }
  await settle(world, [])
  await takeBack(world, walk)
  await answersAgain(world)
  expect(await stage.call('ledger-verify')).toMatchObject({ ok: true, faults: [] })
  const told = Map.groupBy(stage.entries(0), ({ subject }) => subject)
  for (const held of holds.values())
    tellsAll(
      held,
      (told.get(held.id) ?? []).map(({ kind }) => kind),
    )
}

/** The newest first, so that what was done after each has been taken back, as far as it can be. */
async function takeBack(world: World, walk: Walk): Promise<void> {
  const acts = [...world.holds.values()]
    .filter(({ act }) => act !== null)
    .toSorted((one, other) => (other.act?.versions[1] ?? 0) - (one.act?.versions[1] ?? 0))
  const all = [...world.holds.values()].filter(({ act }) => act !== null)
  for (const held of acts) await settle(world, await walk.undo(all.indexOf(held), true))
}

async function answersAgain(world: World): Promise<void> {
  const { stage, lines, shop } = world
  for (const line of lines) {
    const way = { port: stage.port(), isExtended: false, isGone: false, shop }
    const said = { ...statementOf({ kind: 'read' }, 0), sql: 'SELECT 1' }
    expect(await speak(line, said, way), world.story.join('\n')).toMatchObject({ ok: true })
    await line.session?.end()
    lost(line)
  }
  const names = new Set(lines.map(({ name }) => name))
  const left = async (): Promise<readonly unknown[]> =>
    (await stage.backends()).filter(({ name, state }) => names.has(name) || state !== 'idle')
  await expect.poll(left, { timeout: 10_000, interval: 20 }).toEqual([])
}

/** INVARIANT (intent-first): what has run was held, approved and meant before it was, each once, in that order. */
function tellsAll(held: Held, kinds: readonly string[]): void {
  const order = ['held', 'approved', 'intent', 'outcome'] as const
  const ran = order.filter((kind) => kinds.includes(kind))
  expect(kinds.filter((kind) => kind === 'intent').length, held.sql).toBeLessThanOrEqual(1)
  if (held.act === null) return
  const told = kinds.filter((kind) => order.some((each) => each === kind))
  expect(told, held.sql).toEqual(order)
  expect(ran).toEqual(order)
}
