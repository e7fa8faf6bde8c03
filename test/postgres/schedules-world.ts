/** What is known of one schedule: who is there, what they were told, and what the database should hold by now. */
import { attenuateGrant } from '../../src/app/narrow.ts'
import type { Change } from './schedules-change.ts'
import { isIdle } from './schedules-line.ts'
import type { Line } from './schedules-line.ts'
import { readShop } from './schedules-shop.ts'
import type { Seen, Shop } from './schedules-shop.ts'
import { budget } from './schedules-stage.ts'
import type { Stage } from './schedules-stage.ts'

/** A hold that a client was told of. */
export interface Held {
  readonly id: string
  readonly sql: string
  readonly change: Change
  readonly principal: string
  /** The tables as they were around the time when it was held. */
  readonly seen: Seen[]
  /** How often a person has tried to approve it, without being refused; has denied it, and heard that it is so. */
  approvals: number
  isDenied: boolean
  act: Act | null
}

/** It has run. */
export interface Act {
  readonly before: Shop
  readonly after: Shop
  /** What pg_dump said right before, where nobody else was doing anything; how many changes there were before and with it. */
  readonly dump: string | null
  readonly versions: readonly [number, number]
}

export interface Counts {
  executed: number
  undone: number
  exact: number
  held: number
  kept: number
  killed: number
  refused: number
}

/** What is known of a schedule while it goes on. */
export class World {
  readonly stage: Stage
  readonly counts: Counts
  readonly lines: readonly Line[]
  readonly holds = new Map<string, Held>()
  readonly spent = new Map<string, number>()
  readonly halted = new Set<string>()
  /** Names of lines. */
  readonly revoked = new Set<string>()
  shop: Shop = {}
  /** A name for what the database holds: it is the same again after an undo. */
  version = 0
  versions = 0
  readonly story: string[] = []
  /** How many entries of the ledger were read. */
  entries = 0
  /** What pg_dump says, where an approval is all that goes on. */
  dump: string | null = null

  private constructor(stage: Stage, counts: Counts, lines: readonly Line[]) {
    this.stage = stage
    this.counts = counts
    this.lines = lines
  }

  /** Two sessions of one agent, one with a narrowed grant, and one of another, before a new database. */
  static async begin(stage: Stage, counts: Counts, nth: number): Promise<World> {
    await stage.afresh()
    const line = (name: string, principal: string): Line => ({
      name: `schedule ${name}`,
      principal: `agent:${nth}-${principal}`,
      grant: '',
      session: null,
      status: 'I',
      pending: [],
      marks: [],
    })
    const world = new World(stage, counts, [line('one', 'x'), line('two', 'x'), line('three', 'y')])
    for (const { principal } of [world.lines[0], world.lines[2]].flatMap((each) => each ?? []))
      await world.mint(principal)
    world.shop = await readShop(stage.database)
    return world
  }

  async mint(principal: string): Promise<void> {
    const grant = await this.stage.mint(principal, budget)
    const [first, ...others] = this.lines.filter((line) => line.principal === principal)
    if (first !== undefined) first.grant = grant
    for (const line of others)
      line.grant = attenuateGrant(grant, { rows: budget - 5 }, this.stage.now())
    for (const { name } of [first, ...others].flatMap((line) => line ?? []))
      this.revoked.delete(name)
  }

  tell(line: string): void {
    this.story.push(line)
  }

  /** Halted, or without a grant that works. */
  isStopped({ name, principal }: Line): boolean {
    return this.halted.has(principal) || this.revoked.has(name)
  }

  get isIdle(): boolean {
    return this.lines.every(isIdle)
  }
}
