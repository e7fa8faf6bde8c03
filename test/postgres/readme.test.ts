/** What the README shows of psql is what psql shows. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { execFile } from 'node:child_process'
import { everything, openGate } from './gate.ts'
import type { Gate } from './gate.ts'

test('the README’s session with psql, a backup and its drill come out as they are printed there', async () => {
  const readme = readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8')
  const block = /```text\n\$ PGPASSWORD=\$GRANT psql.*\n([\s\S]*?)```/.exec(readme)?.[1] ?? ''
  const steps = block.split(/^shop=> /m).slice(1)
  expect(steps).toHaveLength(2)
  const gate = await openGate({
    sql: `CREATE TABLE customers (id int PRIMARY KEY, name text);
CREATE TABLE bookings (id int PRIMARY KEY, customer int REFERENCES customers ON DELETE CASCADE, day date);
INSERT INTO customers SELECT g, 'customer ' || g FROM generate_series(1, 800) g;
INSERT INTO bookings SELECT g, g % 800 + 1, date '2026-01-01' + g % 365 FROM generate_series(1, 2400) g;`,
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
  const bin = join(import.meta.dirname, '../../bin/firebreak')
  const config = join(gate.dir, 'home', 'firebreak.yaml')
  return await new Promise((resolve) => {
    const all = [bin, ...args, '--config', config]
    execFile(process.execPath, all, (_, out, err) => resolve(`${out}${err}`)).stdin?.end()
  })
}

/** Names, sizes and times are others each time. */
function unhurried(text: string): string {
  return text.replaceAll(/point_\w+|POINT/g, 'POINT').replaceAll(/\d+(\.\d+)? (kB|ms|s)\b/g, 'N')
}
