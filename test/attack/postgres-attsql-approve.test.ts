/** What was approved and what runs: an agent that gives another thing the name of what a person has looked at. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { isObject, textOf } from '../../src/base/json.ts'
import { everything, openGate } from '../postgres/gate.ts'
import type { Gate } from '../postgres/gate.ts'

let gate: Gate

beforeAll(async () => {
  gate = await openGate({
    sql: `CREATE TABLE car (id int); INSERT INTO car SELECT generate_series(1, 300); CREATE TABLE junk (id int); INSERT INTO junk VALUES (1); DELETE FROM junk;
CREATE FUNCTION first() RETURNS int STABLE LANGUAGE sql AS 'SELECT 1'; CREATE TABLE never (id int); INSERT INTO never VALUES (1)`,
  })
}, 60_000)
afterAll(() => gate.close())

const swap = (one: string, other: string): string =>
  `ALTER TABLE ${one} RENAME TO between; ALTER TABLE ${other} RENAME TO ${one}; ALTER TABLE between RENAME TO ${other};`

test.each(['DELETE FROM junk', 'DROP TABLE junk', 'TRUNCATE junk'])(
  'approval-binds: %s is of the table that was shown, not of another that has got its name',
  async (sql) => {
    const grant = await gate.people.mint(`agent:${sql.slice(0, 4).toLowerCase()}`, everything)
    const id = /firebreak approve (hold_\w+)/.exec(await gate.psql(grant, `${sql};`))?.[1] ?? ''
    const shown = await gate.people.call('hold-show', { id, by: 'ada' })
    expect(await gate.psql(grant, swap('junk', 'car'))).toBe('')
    const digest = isObject(shown) ? textOf(shown['shown']) : ''
    const approved = await gate.people.callAs('hold-approve', { id, shown: digest, by: 'ada' })
    expect(approved).toMatchObject({ state: 'failed' })
    expect(await gate.direct('SELECT count(*) FROM junk')).toBe('300\n')
    await gate.direct(swap('junk', 'car'))
  },
)

test('rows that were never counted are not told as none', async () => {
  const grant = await gate.people.mint('agent:never', everything)
  const heard = await gate.psql(grant, 'DELETE FROM never WHERE id >= first();')
  expect(heard).toMatch(/Firebreak holds DELETE/)
  expect(heard).toMatch(/would go: table public\.never\n/)
  expect(heard).not.toMatch(/0 rows/)
})

test.each([
  [12, 'executed', '288\n'],
  [200, 'failed', '300\n'],
])('approval-binds: %i rows where five were told: %s', async (count, state, left) => {
  await gate.direct(
    'DELETE FROM junk; INSERT INTO junk SELECT generate_series(1, 5); INSERT INTO junk SELECT 0 FROM generate_series(1, 295)',
  )
  const grant = await gate.people.mint(`agent:grown${count}`, everything)
  const heard = await gate.psql(grant, 'DELETE FROM junk WHERE id > 0;')
  const id = /firebreak approve (hold_\w+)/.exec(heard)?.[1] ?? ''
  await gate.direct(
    `UPDATE junk SET id = 7 WHERE ctid IN (SELECT ctid FROM junk WHERE id = 0 LIMIT ${count - 5})`,
  )
  expect(await gate.approve(id)).toMatchObject({ state })
  expect(await gate.direct('SELECT count(*) FROM junk')).toBe(left)
})

test.each([
  ['DELETE FROM seen', 'VIEW seen', 'VIEW others', ''],
  ['DROP VIEW seen', 'VIEW seen', 'VIEW others', "SELECT pg_get_viewdef('seen'::regclass)"],
  [
    'DROP FUNCTION one()',
    'FUNCTION one()',
    'FUNCTION two()',
    "SELECT prosrc FROM pg_proc WHERE proname = 'one'",
  ],
])(
  'approval-binds: %s is of what was shown, not of another that has got its name',
  async (sql, one, other, kept) => {
    await gate.direct(
      `CREATE OR REPLACE VIEW seen AS SELECT * FROM junk; CREATE OR REPLACE VIEW others AS SELECT * FROM car;
CREATE OR REPLACE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE OR REPLACE FUNCTION two() RETURNS int LANGUAGE sql AS 'SELECT 2'`,
    )
    const grant = await gate.people.mint(
      `agent:${sql.replaceAll(/\W/g, '').toLowerCase()}`,
      everything,
    )
    const heard = await gate.psql(grant, `${sql};`)
    const id = /firebreak approve (hold_\w+)/.exec(heard)?.[1] ?? ''
    const shown = await gate.people.call('hold-show', { id, by: 'ada' })
    const name = (of: string): string => of.split(' ')[1]?.replace('()', '') ?? ''
    await gate.direct(
      `ALTER ${one} RENAME TO between; ALTER ${other} RENAME TO ${name(one)}; ALTER ${one.replace(name(one), 'between')} RENAME TO ${name(other)};`,
    )
    const digest = isObject(shown) ? textOf(shown['shown']) : ''
    const approved = await gate.people.callAs('hold-approve', { id, shown: digest, by: 'ada' })
    expect(approved).toMatchObject({ state: 'failed' })
    if (kept !== '') expect(await gate.direct(kept)).not.toBe('')
    expect(await gate.direct('SELECT count(*) FROM car')).toBe('300\n')
  },
)
