/**
 * `npm run big:vault -- [--gb 10]`: a database of that size copied, verified and drilled by the real daemon with both engines, and how much
 * memory the daemon takes meanwhile, looked at every second. Ends with 1 where a step fails or the memory grows with the data.
 */
import { readFileSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { parseArgs } from 'node:util'
import { isObject, textOf } from '../src/base/json.ts'
import type { Json, JsonObject } from '../src/base/json.ts'
import { openGate, owner, password } from '../test/postgres/gate.ts'
import { apart } from '../test/postgres/gate-process.ts'

const { values } = parseArgs({ options: { gb: { type: 'string' } } })
const gigabytes = Number(values.gb ?? 10)
const say = (line: string): void => void process.stdout.write(`${line}\n`)
const { bavail, bsize } = statfsSync(tmpdir())
// The server, the copy that is no smaller than its rows, and what a drill restores.
const needed = gigabytes * 3.5 + 5
if ((bavail * bsize) / 1e9 < needed) throw new Error(`it takes ${needed} GB in ${tmpdir()}`)

/** A gigabyte of heap and index: 16 tables of it would be as large as 16 GB. */
const perGigabyte = 1_060_000
const load = Array.from(
  { length: Math.ceil(gigabytes) },
  (_, nth) => `CREATE TABLE big_${nth} (id int PRIMARY KEY, text text);
INSERT INTO big_${nth} SELECT g, repeat(md5(g::text), 28) FROM generate_series(1, ${perGigabyte}) g;`,
)

const gate = await openGate({
  sql: 'CREATE TABLE small (id int);',
  may: 'REPLICATION',
  conf: ['max_slot_wal_keep_size = 20GB', 'full_page_writes = on', 'max_wal_size = 2GB'],
  vault: 'databases: { shop: { engine: physical }, plain: {} }',
  targets: `  plain:
    platform: postgres
    url: postgres://${owner}@127.0.0.1:PORT/shop
    tls: off
    environments: { staging: { id: plain } }`,
})
const alone = await begin()
const wrong: string[] = []
try {
  for (const engine of ['shop', 'plain']) {
    const kind = engine === 'shop' ? 'physical' : 'logical'
    const point = await measured(`${kind} backup`, 'vault-backup', { target: engine })
    const id = isObject(point) ? textOf(point['id'] ?? '') : ''
    const found = await measured(`${kind} verify`, 'vault-verify', { id })
    if (!isObject(found) || found['whole'] !== true) wrong.push(`${kind}: not whole`)
    const drill = await measured(`${kind} drill`, 'vault-drill', { id })
    if (!isObject(drill) || drill['passed'] !== true)
      wrong.push(`${kind}: the drill failed: ${JSON.stringify(drill)}`)
  }
} finally {
  await alone.kill()
  await gate.close()
}
for (const line of wrong) say(`WRONG ${line}`)
process.exitCode = wrong.length === 0 ? 0 : 1

/** The data is there before any of its WAL is received: it is the copies that are measured. */
async function begin(): ReturnType<typeof apart> {
  await gate.people.callAs('custody-add', { target: 'plain', secret: password })
  gate.cluster.sql(`GRANT EXECUTE ON FUNCTION pg_create_restore_point(text) TO ${owner}`, 'shop')
  const began = performance.now()
  for (const sql of load) gate.cluster.sql(`SET ROLE ${owner}; ${sql}`, 'shop')
  gate.cluster.sql('VACUUM ANALYZE', 'shop')
  const bytes = Number(gate.cluster.sql(`SELECT pg_database_size('shop')`))
  say(`a database of ${(bytes / 1e9).toFixed(2)} GB, made in ${since(began)} s`)
  const daemon = await apart(gate)
  for (;;) {
    const all = await gate.people.call('vault-status')
    if (JSON.stringify(all).includes('"receives":true')) return daemon
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}

/** What the daemon has in memory, in MB. */
function resident(): number {
  const status = readFileSync(`/proc/${alone.pid()}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+)/u.exec(status)?.[1] ?? 0) / 1024
}

async function measured(what: string, command: string, input: JsonObject): Promise<Json> {
  const samples: number[] = []
  const timer = setInterval(() => samples.push(resident()), 1000)
  const [began, before] = [performance.now(), resident()]
  try {
    return await gate.people.call(command, input)
  } finally {
    clearInterval(timer)
    samples.push(resident())
    const peak = Math.max(...samples)
    // The first seconds fill the buffers; from then on it must not grow with what has passed.
    const settled = samples.slice(Math.min(10, Math.floor(samples.length / 2)))
    const slope = slopeOf(settled) * 60
    const grown = slope * (settled.length / 60)
    say(
      `${what}: ${since(began)} s; memory ${Math.round(before)} MB before, peak ${Math.round(peak)} MB, slope ${slope.toFixed(1)} MB a minute over ${settled.length} s`,
    )
    if (grown > 100 || peak > 1024) wrong.push(`${what}: the memory is not flat`)
  }
}

/** Least squares, a second between two samples. */
function slopeOf(samples: readonly number[]): number {
  const middle = (samples.length - 1) / 2
  const mean = samples.reduce((sum, one) => sum + one, 0) / samples.length
  const above = samples.reduce((sum, one, at) => sum + (at - middle) * (one - mean), 0)
  const below = samples.reduce((sum, _, at) => sum + (at - middle) ** 2, 0)
  return below === 0 ? 0 : above / below
}

function since(began: number): number {
  return Math.round((performance.now() - began) / 1000)
}
