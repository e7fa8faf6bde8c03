/** What the README shows of psql is what psql shows. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { codeAt, stepAt } from '../../src/approvals/totp.ts'
import { readConfig } from '../../src/app/config.ts'
import { fromBase32 } from '../../src/app/rehearse.ts'
import { openWithoutDaemon } from '../../src/app/without-daemon.ts'
import { startCluster } from './cluster.ts'
import { everything, openGate } from './gate.ts'
import type { Gate } from './gate.ts'
import { firebreak as run } from '../run.ts'

const shopSql = `CREATE TABLE customers (id int PRIMARY KEY, name text);
CREATE TABLE bookings (id int PRIMARY KEY, customer int REFERENCES customers ON DELETE CASCADE, day date);
INSERT INTO customers SELECT g, 'customer ' || g FROM generate_series(1, 800) g;
INSERT INTO bookings SELECT g, g % 800 + 1, date '2026-01-01' + g % 365 FROM generate_series(1, 2400) g;`

test('the README’s session with psql, a backup and its drill come out as they are printed there', async () => {
  const readme = readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8')
  const block = /```text\n\$ PGPASSWORD=\$GRANT psql.*\n([\s\S]*?)```/.exec(readme)?.[1] ?? ''
  const steps = block.split(/^shop=> /m).slice(1)
  expect(steps).toHaveLength(2)
  const gate = await openGate({
    sql: shopSql,
  })
  try {
    const grant = await gate.people.mint('agent:cursor', everything)
    for (const step of steps) {
      const [sql = '', ...printed] = step.split('\n')
      const out = await gate.psql(grant, sql)
      expect(out.replace(/hold_\w+/, 'HOLD')).toBe(printed.join('\n'))
    }
    const [, vault = ''] = /```text\n(\$ firebreak backup[\s\S]*?)```/.exec(readme) ?? []
    const asks = vault.split(/^\$ firebreak /m).slice(1)
    expect(asks).toHaveLength(2)
    let point = ''
    for (const ask of asks) {
      const [line = '', ...printed] = ask.split('\n')
      const out = await firebreak(gate, line.replace('POINT', point).split(' '))
      point = /point_\w+/.exec(out)?.[0] ?? point
      expect(unhurried(out)).toBe(unhurried(printed.join('\n')))
    }
  } finally {
    await gate.close()
  }
}, 60_000)

async function firebreak(gate: Gate, args: readonly string[]): Promise<string> {
  return await run([...args, '--config', join(gate.dir, 'home', 'firebreak.yaml')], {})
}

test('what the README shows of `firebreak protect` is what it says', async () => {
  const readme = readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8')
  const [, line = '', printed = ''] =
    /```text\n\$ firebreak (protect .*)\n([\s\S]*?)```/.exec(readme) ?? []
  const cluster = await startCluster({
    users: [{ name: 'keeper', password: 'the real one', how: 'scram-sha-256' }],
  })
  const home = mkdtempSync(join(tmpdir(), 'firebreak-readme-'))
  try {
    cluster.sql('CREATE DATABASE shop OWNER keeper')
    cluster.sql(`SET ROLE keeper; ${shopSql}`, 'shop')
    mkdirSync(join(home, 'other-disk'))
    const here = `127.0.0.1:${cluster.port}`
    const code = await enrolled(home)
    const args = line
      .replace('db.example.com', here)
      .replace('/mnt/other-disk', join(home, 'other-disk'))
      .replace('123456', code)
      .split(' ')
    const out = await run(args, { cwd: home, env: { ...process.env, PGPASSWORD: 'the real one' } })
    const said = out
      .replace(here, 'db.example.com:5432')
      // This person was enrolled before, and this server is on this machine.
      .replaceAll(/^changed: .*\n/gm, '')
      .replace(/^the store is on .*\n/m, '')
      .replace(', perhaps on the disk of the database', '')
      .replace(/PostgreSQL \S+,/, 'PostgreSQL N,')
    expect(unhurried(said)).toBe(unhurried(printed).replace(/PostgreSQL \S+,/, 'PostgreSQL N,'))
  } finally {
    await cluster.stop()
    rmSync(home, { recursive: true, force: true })
  }
}, 60_000)

/** Ada is enrolled in that folder, in a config that has nothing yet; her next code. */
async function enrolled(home: string): Promise<string> {
  const file = join(home, 'firebreak.yaml')
  writeFileSync(file, 'version: 1\ntargets: {}\n')
  const { call, close } = await openWithoutDaemon(readConfig(file), () => undefined)
  rmSync(file)
  const begun = await call('approver-enrol', { name: 'ada', role: 'admin' })
  const secret = fromBase32(/secret=([A-Z2-7]+)/.exec(JSON.stringify(begun))?.[1] ?? '')
  const [first, next] = [-1, 1].map((from) => codeAt(secret, stepAt(Date.now()) + from))
  await call('approver-confirm', { name: 'ada', code: first ?? '' })
  await close()
  return next ?? ''
}

/** Names, sizes and times are others each time. */
function unhurried(text: string): string {
  return text
    .replaceAll(/pg_dump \S+/g, 'pg_dump N')
    .replaceAll(/point_\w+|POINT/g, 'POINT')
    .replaceAll(/\d+(\.\d+)? (kB|MB|ms|s)\b/g, 'N')
}
