/** The throw-away server does what its options say; other tests stand on it. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { notRoot, startCluster } from './cluster.ts'
import type { Cluster } from './cluster.ts'

let cluster: Cluster
beforeAll(async () => {
  cluster = await startCluster({
    tls: 'offered',
    conf: ['work_mem = 5MB'],
    users: [
      { name: 'scram', password: "it's", how: 'scram-sha-256' },
      { name: 'old', password: 'p', how: 'md5', may: 'CREATEDB' },
    ],
  })
})
afterAll(() => cluster.stop())

function psql(
  user: string,
  password: string,
  more: string,
): { out: string; status: number | null } {
  const where = `host=127.0.0.1 port=${cluster.port} dbname=postgres user=${user} ${more}`
  const sql = 'SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()'
  const { stdout, status } = spawnSync(join(cluster.binDir, 'psql'), ['-XAtc', sql, where], {
    ...notRoot,
    cwd: '/',
    encoding: 'utf8',
    env: { PGPASSWORD: password },
  })
  return { out: stdout, status }
}

test('settings are set, and the server is not root', () => {
  expect(cluster.sql('SHOW work_mem')).toBe('5MB\n')
  expect(spawnSync('stat', ['-c', '%u', `/proc/${cluster.pid()}`]).stdout.toString()).not.toBe(
    '0\n',
  )
})

test.each([
  ['scram over verified TLS', 'scram', "it's", 'sslmode=verify-full', 't'],
  ['scram with binding', 'scram', "it's", 'sslmode=verify-full channel_binding=require', 't'],
  ['md5 without TLS', 'old', 'p', 'sslmode=disable', 'f'],
])('%s', (...row) => {
  const [, user, password, mode, ssl] = row
  const answer = psql(user, password, `${mode} sslrootcert=${cluster.ca}`)
  expect(answer).toEqual({ out: `${ssl}\n`, status: 0 })
})

test('a wrong password gets nobody in', () =>
  expect(psql('old', 'q', 'sslmode=disable').status).toBe(2))

test('md5 and scram are stored as such', () => {
  const stored = cluster.sql(
    `SELECT rolname, substr(rolpassword, 1, 3) FROM pg_authid WHERE rolname IN ('old', 'scram') ORDER BY 1`,
  )
  expect(stored).toBe('old|md5\nscram|SCR\n')
})

test('what was not committed is gone after a kill, what was is there', async () => {
  cluster.sql('CREATE TABLE kept (i int)')
  await cluster.kill()
  expect(() => cluster.sql('SELECT 1')).toThrow('psql')
  await cluster.start()
  expect(existsSync(cluster.dataDir)).toBe(true)
  expect(cluster.sql('SELECT 1')).toBe('1\n')
})

test('TLS can be demanded', async () => {
  const strict = await startCluster({
    tls: 'demanded',
    users: [{ name: 'app', password: 'p', how: 'scram-sha-256' }],
  })
  const was = cluster
  cluster = strict
  expect(psql('app', 'p', 'sslmode=disable').status).toBe(2)
  expect(psql('app', 'p', 'sslmode=require').out).toBe('t\n')
  cluster = was
  await strict.stop()
})
