/** What would end an approved act that takes its time is lifted in its own session, whatever the login or the asker has set. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { asItWas, asOurselves } from '../../src/gateways/postgres/as-it-was.ts'
import type { Ask } from '../../src/platforms/postgres/questions.ts'
import { openSession } from './session.ts'
import type { OpenSession } from './session.ts'
import { startCluster } from './cluster.ts'
import type { Cluster } from './cluster.ts'

let cluster: Cluster
let session: OpenSession
const asked: string[] = []
const ask: Ask = async (sql, values = []) => {
  asked.push([sql, ...values].join(' '))
  return await session.ask(sql, values)
}

beforeAll(async () => {
  cluster = await startCluster({
    conf: ['statement_timeout = 4s', 'idle_in_transaction_session_timeout = 5s'],
  })
  session = await openSession(cluster.url())
}, 60_000)
afterAll(async () => {
  await session.close()
  await cluster.stop()
})

test('every timeout of statements and transactions is, also where the server does not know one', async () => {
  await ask('BEGIN')
  await asOurselves(ask)
  expect(
    await ask(`SELECT name, setting FROM pg_settings
      WHERE name ~ '^(statement|transaction|idle_in_transaction_session)_timeout$' AND setting <> '0'`),
  ).toEqual([])
  expect(asked.join('\n')).toContain("'transaction_timeout'")
  await ask('ROLLBACK')
})

test("the asker's limit of a transaction is not the one that has the image in it", async () => {
  asked.length = 0
  await ask('BEGIN')
  const settings = new Map([['transaction_timeout', '1s']])
  expect(await asItWas(ask, { database: 'postgres', role: null, settings }, true)).toBeNull()
  expect(asked.join('\n')).not.toContain('transaction_timeout')
  await ask('ROLLBACK')
})
