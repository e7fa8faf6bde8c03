/** Where the schedules happen: a database, a Firebreak before it as a process that can be killed, and its people, whose clock goes on. */
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import pg from 'pg'
import { expect } from 'vitest'
import { readConfig } from '../../src/app/config.ts'
import { isObject, textOf } from '../../src/base/json.ts'
import type { Json, JsonObject } from '../../src/base/json.ts'
import { readLeaf } from '../../src/ledger/leaf.ts'
import type { Told } from '../../src/ledger/leaf.ts'
import type { Fault } from '../faults/order.ts'
import { everything, openGate, say } from './gate.ts'
import { apart } from './gate-process.ts'
import { shopSql } from './schedules-shop.ts'

export interface Stage {
  readonly port: () => number
  /** The superuser past Firebreak. */
  readonly database: pg.Client
  readonly call: (command: string, input?: JsonObject) => Promise<Json>
  readonly callAs: (command: string, input?: JsonObject) => Promise<Json>
  readonly mint: (principal: string, rows: number) => Promise<string>
  readonly now: () => number
  /** It dies so at a commit of its own, from now on. */
  readonly arm: (fault: Fault) => Promise<void>
  /** It dies no more; true where it has, and is there again. */
  readonly disarm: () => Promise<boolean>
  readonly kill: () => Promise<void>
  /** A new database, and a Firebreak that has started before it. */
  readonly afresh: () => Promise<void>
  /** The sessions that Firebreak has in the database, and what they do. */
  readonly backends: () => Promise<readonly Backend[]>
  /** All of the database as pg_dump tells it. */
  readonly dump: () => Promise<string>
  /** The ledger after so many entries. */
  readonly entries: (after: number) => readonly Told[]
  readonly close: () => Promise<void>
}

export interface Backend {
  readonly name: string
  readonly state: string | null
}

export const budget = 20

export async function openStage(): Promise<Stage> {
  const gate = await openGate({ sql: 'SELECT 1' })
  // Nobody waits long for a lock: what cannot have it fails, and that is one more thing that may happen.
  gate.cluster.sql(`ALTER ROLE keeper SET lock_timeout = '150ms'`)
  const database = new pg.Client({ connectionString: gate.cluster.url('shop') })
  await database.connect()
  const alone = await apart(gate)
  let fault: Fault | null = null
  let turn = Promise.resolve()
  /** Each code is for a later half minute than the one before, also where two persons act at the same time. */
  const inTurn = async <T>(call: () => Promise<T>): Promise<T> => {
    const begun = turn.then(async () => {
      await alone.order(fault, 31_000)
      return { going: call() }
    })
    turn = begun.then(() => undefined)
    return await (
      await begun
    ).going
  }
  const log = new DatabaseSync(
    join(readConfig(join(gate.dir, 'home', 'firebreak.yaml')).state, 'state.db'),
    { readOnly: true },
  )
  const leaves = log.prepare('SELECT leaf FROM log_leaf ORDER BY seq LIMIT -1 OFFSET ?')
  return {
    port: gate.port,
    database,
    now: () => Date.now() + gate.ahead(),
    call: gate.people.call,
    callAs: (command, input) => inTurn(() => gate.people.callAs(command, input)),
    mint: (principal, rows) => inTurn(() => gate.people.mint(principal, { ...everything, rows })),
    arm: async (given) => {
      fault = given
      await alone.order(fault)
    },
    disarm: async () => {
      fault = null
      if (await alone.order(null)) return false
      await alone.kill()
      await alone.up()
      return true
    },
    kill: async () => {
      await alone.kill()
      await alone.up()
    },
    afresh: async () => {
      await alone.kill()
      await gone(database)
      await database.query(shopSql)
      await database.query('RESET ROLE')
      await alone.up()
    },
    backends: async () => await backendsOf(database),
    dump: async () => {
      const out = await say(
        join(gate.cluster.binDir, 'pg_dump'),
        ['-h', gate.cluster.socketDir, '-p', String(gate.cluster.port), '-U', 'postgres', 'shop'],
        { secret: '', input: '' },
      )
      // A table that came back may have its rows in another order, and newer versions draw a word of their own.
      return out
        .split('\n')
        .filter((line) => !/^\\(un)?restrict/.test(line))
        .toSorted()
        .join('\n')
    },
    entries: (after) =>
      leaves.all(after).flatMap(({ leaf }) => {
        const entry = leaf instanceof Uint8Array ? readLeaf(leaf) : null
        return entry === null ? [] : [entry]
      }),
    close: async () => {
      await alone.kill()
      log.close()
      await database.end()
      await gate.close()
    },
  }
}

async function backendsOf(database: pg.Client): Promise<readonly Backend[]> {
  const { rows } = await database.query<Backend>(
    `SELECT application_name AS name, state FROM pg_stat_activity WHERE usename = 'keeper'`,
  )
  return rows
}

/** Until the server has noticed that those who have died are gone. */
async function gone(database: pg.Client): Promise<void> {
  await expect.poll(async () => await backendsOf(database), { timeout: 10_000 }).toEqual([])
}

/** Where every hold stands that anybody has asked for. */
export async function standing(stage: Stage): Promise<ReadonlyMap<string, JsonObject>> {
  const holds = await stage.call('hold-list', { all: true, by: 'ada' })
  const all = Array.isArray(holds) ? holds.filter(isObject) : []
  return new Map(all.map((hold) => [textOf(hold['id']), hold]))
}
