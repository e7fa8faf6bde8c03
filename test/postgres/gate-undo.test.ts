/** Undo after an approved statement has run: an approver's factor, once, and never over what others have changed since. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readConfig } from '../../src/app/config.ts'
import { readLeaf } from '../../src/ledger/leaf.ts'
import { everything, openGate } from './gate.ts'
import type { Gate } from './gate.ts'

let gate: Gate

beforeAll(async () => {
  gate = await openGate({
    sql: `CREATE TABLE car (id int PRIMARY KEY, name text NOT NULL);
INSERT INTO car SELECT g, 'car ' || g FROM generate_series(1, 300) g;`,
  })
}, 60_000)
afterAll(() => gate.close())

const cars = async (): Promise<string> => await gate.direct('SELECT * FROM car ORDER BY id')

/** What `firebreak undo` says where nobody sits before it. */
async function undo(id: string): Promise<string> {
  const [bin, config] = [join(import.meta.dirname, '../../bin/firebreak'), file()]
  return await new Promise((resolve) => {
    const args = [bin, 'undo', id, '--config', config]
    execFile(process.execPath, args, (_, out, err) => resolve(`${out}${err}`)).stdin?.end()
  })
}

const file = (): string => join(gate.dir, 'home', 'firebreak.yaml')

/** The newest entry of the ledger about this. */
function lastEntry(id: string): unknown {
  const db = new DatabaseSync(join(readConfig(file()).state, 'state.db'), { readOnly: true })
  const leaves = db.prepare('SELECT leaf FROM log_leaf ORDER BY seq').all()
  db.close()
  return leaves
    .map(({ leaf }) => (leaf instanceof Uint8Array ? readLeaf(leaf) : null))
    .findLast((entry) => entry?.subject === id)
}

/** The id of a hold that was approved, and has run. */
async function ran(agent: string, sql: string): Promise<string> {
  const grant = await gate.people.mint(agent, everything)
  const id = /firebreak approve (hold_\w+)/.exec(await gate.psql(grant, sql))?.[1] ?? ''
  expect(await gate.approve(id)).toMatchObject({ state: 'executed' })
  return id
}

test('power-widens-with-a-person: it takes an approver, who is written down, and works once', async () => {
  const before = await cars()
  const id = await ran('agent:one', 'DELETE FROM car WHERE id > 7;')
  const after = await cars()
  const { call, callAs } = gate.people
  await expect(call('hold-undo', { id, by: 'agent' })).rejects.toMatchObject({
    code: 'factor_refused',
    message: expect.stringContaining('writes over what lives now, so it needs an approver'),
  })
  await expect(call('hold-undo', { id, approver: 'ada', code: '000000' })).rejects.toMatchObject({
    code: 'factor_refused',
  })
  expect(await undo(id)).toMatch(/writes over what lives now[\s\S]*--approver NAME --code CODE/)
  expect(await cars()).toBe(after)
  expect(await callAs('hold-undo', { id })).toMatchObject({
    done: [expect.stringContaining('1 tables with 300 rows')],
  })
  expect(await cars()).toBe(before)
  await expect(callAs('hold-undo', { id })).rejects.toThrow(
    'all is as it was before the act already',
  )
  expect(lastEntry(id)).toMatchObject({
    kind: 'restored',
    body: { by: 'ada', points: [expect.stringMatching(/^point_/)] },
  })
})

test('rows that others have changed since stay as they are, and the refusal names their table', async () => {
  const id = await ran('agent:two', 'DELETE FROM car WHERE id > 200;')
  await gate.direct(`INSERT INTO car VALUES (999, 'of somebody else')`)
  const now = await cars()
  await expect(gate.people.callAs('hold-undo', { id })).rejects.toThrow(
    'rows of `public.car` were changed since',
  )
  expect(await cars()).toBe(now)
})
