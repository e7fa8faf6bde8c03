/** What the README shows of psql is what psql shows. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { everything, openGate } from './gate.ts'

test('the README’s session with psql comes out as it is printed there', async () => {
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
  } finally {
    await gate.close()
  }
}, 60_000)
