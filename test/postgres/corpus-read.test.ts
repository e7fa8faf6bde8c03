/** The reader of SQL held to the corpus: nothing that destroys is let through, and all that is ordinary is. A fifth by seed, all with `FIREBREAK_CORPUS=all`. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadPolicy } from '../../src/app/policies.ts'
import { loadSql } from '../../src/classify/sql/read.ts'
import { startCluster } from './cluster.ts'
import type { Cluster } from './cluster.ts'
import { corpus } from './corpus/all.ts'
import type { Case } from './corpus/case.ts'
import { outages, outside } from './corpus/exempt.ts'
import { Judge } from './corpus/judge.ts'
import type { Judged } from './corpus/judge.ts'
import { corpusConf } from './corpus/prove.ts'
import { roles, world } from './corpus/world.ts'
import { openSession } from './session.ts'
import type { OpenSession } from './session.ts'

const whole = process.env['FIREBREAK_CORPUS'] === 'all'
const seed = Number(process.env['FIREBREAK_CORPUS'] ?? Math.floor(Date.now() / 1000) % 5) % 5
const sample = whole ? corpus : corpus.filter((_, index) => index % 5 === seed)

let cluster: Cluster
let session: OpenSession
let judge: Judge
beforeAll(async () => {
  await loadSql()
  cluster = await startCluster({ conf: corpusConf })
  cluster.sql(`${roles} CREATE DATABASE work`)
  cluster.sql(world, 'work')
  session = await openSession(cluster.url('work'))
  judge = await Judge.on(session.ask, await loadPolicy(null))
})
afterAll(async () => {
  await session.close()
  await cluster.stop()
})

/** Code that the setup hides behind a harmless text: without a catalog nobody can see it. */
const trap = /CREATE (FUNCTION|RULE|VIEW|MATERIALIZED VIEW|OPERATOR|TRIGGER)/

/** Only where the sequence stands tells whether this goes back. */
const unsure = /RESTART WITH 5$/

/** Ordinary by what is there or not: that needs a catalog. */
const leansOnCatalog =
  /IF EXISTS|ALTER COLUMN \w+ TYPE (bigint|varchar\(200\))|^CREATE FUNCTION .*DELETE/

const isStopped = ({ verdict }: Judged): boolean => verdict !== 'allow'

function tellsOutage({ why }: Judged): boolean {
  return why.some((each) => each.startsWith('outage:'))
}

function destroysIsSeen(one: Case, judged: Judged): boolean {
  return isStopped(judged) || judged.isCounted || (outages.test(one.text) && tellsOutage(judged))
}

test.each(
  sample.map(
    (one) =>
      [`${one.id}: ${one.text.slice(0, 80)} (${whole ? 'all' : `seed ${seed}`})`, one] as const,
  ),
)('%s', async (_, one) => {
  const { known, bare } = await judge.judge(one)
  if (one.label === 'destroys') {
    expect(destroysIsSeen(one, known), 'with the catalog').toBe(true)
    const hidden = trap.test(String(one.setup)) || unsure.test(one.text)
    if (!hidden) expect(destroysIsSeen(one, bare), 'without a catalog').toBe(true)
    return
  }
  if (outside.test(one.text)) return expect(isStopped(known)).toBe(true)
  expect(known, 'with the catalog').toMatchObject({ verdict: 'allow' })
  const unknown = bare.why.some((why) => why.startsWith('function-unknown'))
  if (!unknown && !leansOnCatalog.test(one.text))
    expect(bare, 'without a catalog').toMatchObject({ verdict: 'allow' })
})
