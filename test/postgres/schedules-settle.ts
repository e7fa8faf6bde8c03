/** When nothing goes on any more: the halts, the holds and the database are read, and must be explained by what was told. */
import { expect } from 'vitest'
import { textOf as text } from '../../src/base/json.ts'
import type { JsonObject } from '../../src/base/json.ts'
import { approved } from './schedules-change.ts'
import { explained } from './schedules-facts.ts'
import type { Fact, Happened } from './schedules-facts.ts'
import { isIdle, lost } from './schedules-line.ts'
import { readShop, textOf } from './schedules-shop.ts'
import type { Shop } from './schedules-shop.ts'
import { budget, standing } from './schedules-stage.ts'
import type { Held, World } from './schedules-world.ts'

/** Waits until nothing goes on, and looks whether all of it can be explained. */
export async function settle(world: World, told: readonly Fact[]): Promise<void> {
  readHalts(world)
  await stoppedAreGone(world)
  const acts = await actsNow(world)
  // What was dumped was before the first of them: where a crash left another that runs now too, it tells of neither.
  if (acts.length > 1) world.dump = null
  await atRest(world)
  const facts = [...told, ...acts.map(({ fact }) => fact)]
  const now = await readShop(world.stage.database)
  const happened = explained(world.shop, now, facts)
  if (happened === null)
    expect(textOf(now), unexplained(world, facts)).toBe(
      textOf(facts.reduce((shop, { apply }) => apply(shop).shop, world.shop)),
    )
  for (const each of happened ?? [])
    took(
      world,
      each,
      acts.find(({ fact }) => fact === each.fact),
    )
  world.shop = now
}

function unexplained(world: World, facts: readonly Fact[]): string {
  return `destroy-needs-clearance: what is there is explained by nothing that was told: ${facts.map(({ what }) => what).join('; ')}\n${world.story.join('\n')}`
}

function took(
  world: World,
  { fact, before, after, rows }: Happened,
  ran: { readonly held: Held } | undefined,
): void {
  const first = world.version
  const back = /^back to (\d+)$/.exec(fact.what)?.[1]
  world.version = back === undefined ? (world.versions += 1) : Number(back)
  if (fact.spends !== null) {
    const sum = (world.spent.get(fact.spends) ?? 0) + rows
    world.spent.set(fact.spends, sum)
    expect(
      sum,
      `rows of ${fact.spends} beyond the budget\n${world.story.join('\n')}`,
    ).toBeLessThanOrEqual(budget)
  }
  if (ran === undefined) return
  world.counts.executed += 1
  ran.held.act = { before, after, dump: world.dump, versions: [first, world.version] }
}

/** The holds that have run since it was asked last; all that were told of are still there. */
async function actsNow(
  world: World,
): Promise<readonly { readonly held: Held; readonly fact: Fact }[]> {
  const rows = await settled(world)
  const ran: { readonly held: Held; readonly fact: Fact }[] = []
  for (const held of world.holds.values()) {
    const { id, sql, change, seen } = held
    const row = rows.get(id)
    expect(row, `a hold that was told of is lost: ${id}`).toBeDefined()
    const state = text(row?.['state'])
    if (held.approvals === 0 || held.isDenied)
      expect(
        ['open', 'denied'],
        `E1: ${id} ${sql} is ${state}\n${world.story.join('\n')}`,
      ).toContain(state)
    if (state !== 'executed' || held.act !== null) continue
    const points = row?.['recoveryPoints']
    expect(points, `recovery-first: ${sql}`).not.toEqual([])
    const apply = (shop: Shop): { shop: Shop; rows: number } => {
      const after = seen.map((each) => approved(shop, change, each))
      return { shop: after.find((each) => each !== shop) ?? shop, rows: 0 }
    }
    ran.push({ held, fact: { what: `${id} ${sql}`, isCertain: true, spends: null, apply } })
  }
  return ran
}

/** Every hold's row, when no approved one is on its way any more: only a halt keeps it waiting. */
async function settled(world: World): Promise<ReadonlyMap<string, JsonObject>> {
  let rows = await standing(world.stage)
  const busy = (): readonly string[] =>
    [...world.holds.values()].flatMap(({ id, principal }) => {
      const state = text(rows.get(id)?.['state'])
      const waits = state === 'approved' || state === 'scheduled'
      return state === 'executing' || (waits && !world.halted.has(principal))
        ? [`${id} ${state}`]
        : []
    })
  await expect
    .poll(
      async () => {
        rows = await standing(world.stage)
        return busy()
      },
      { timeout: 15_000, interval: 20 },
    )
    .toEqual([])
  return rows
}

/** INVARIANT (halt-halts): no session of whoever is stopped stays, nor what it was doing. */
async function stoppedAreGone(world: World): Promise<void> {
  for (const line of world.lines) {
    if (!world.isStopped(line) || line.session === null) continue
    const ended = line.session.until('').then(() => 'ended')
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<string>((resolve) => {
      timer = setTimeout(() => resolve('still there'), 10_000)
    })
    expect(await Promise.race([ended, late]), `halt-halts: ${line.name}`).toBe('ended')
    clearTimeout(timer)
    lost(line)
  }
}

/** Only transactions that agents have open are left in the database. */
async function atRest(world: World): Promise<void> {
  const open = new Set(world.lines.filter((line) => !isIdle(line)).map(({ name }) => name))
  const others = async (): Promise<readonly unknown[]> =>
    (await world.stage.backends()).filter(
      ({ name, state }) =>
        state !== 'idle' && !(open.has(name) && (state ?? '').startsWith('idle in')),
    )
  await expect.poll(others, { timeout: 10_000, interval: 10 }).toEqual([])
}

function readHalts(world: World): void {
  const entries = world.stage.entries(world.entries)
  world.entries += entries.length
  for (const { kind, subject } of entries) {
    if (kind === 'halted' && subject !== null) world.halted.add(subject)
    if (kind === 'resumed' && subject !== null) world.halted.delete(subject)
  }
}
