/** The ledger in its file, attacked by hand: `firebreak ledger verify`, as a process, ends with 4 and names the entry. */
import { spawnSync } from 'node:child_process'
import { cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { everything, openRig } from '../rig.ts'
import type { Rig } from '../rig.ts'

const bin = join(import.meta.dirname, '../../bin/firebreak')
let rig: Rig
let copies = 0

beforeAll(async () => {
  rig = await openRig()
  for (const name of ['agent:a', 'agent:b', 'agent:c']) await rig.people.mint(name, everything)
  await rig.people.call('halt', { who: 'agent:b', reason: 'a look' })
  await rig.restart()
  // Closed: only then the database is one file, and can be copied by hand.
  await rig.running.stop()
})
afterAll(async () => {
  await rig.platform.close()
  rmSync(rig.dir, { recursive: true, force: true })
})

/** The state in a folder of its own, changed, and what `ledger verify` says of it. */
function verified(edit: (db: DatabaseSync) => void): { status: number | null; out: string } {
  const home = join(rig.dir, `copy-${(copies += 1)}`)
  cpSync(join(rig.dir, 'home'), home, { recursive: true })
  const db = new DatabaseSync(join(home, '.firebreak', 'state.db'))
  edit(db)
  db.close()
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, 'ledger', 'verify'], {
    cwd: home,
    encoding: 'utf8',
  })
  return { status, out: `${stdout}${stderr}` }
}

test('untouched it is whole', () => {
  expect(verified(() => {})).toMatchObject({ status: 0, out: expect.stringMatching(/whole/) })
})

const swap =
  'UPDATE log_leaf SET seq = -1 WHERE seq = 3; UPDATE log_leaf SET seq = 3 WHERE seq = 4; UPDATE log_leaf SET seq = 4 WHERE seq = -1'
test.each<[string, string, RegExp]>([
  [
    'changed',
    `UPDATE log_leaf SET leaf = CAST(replace(CAST(leaf AS TEXT), 'agent:a', 'agent:z') AS BLOB) WHERE seq = 4`,
    /entry 4 .*was changed/,
  ],
  ['dropped', 'DELETE FROM log_leaf WHERE seq = 4', /entry 4 was dropped/],
  ['put in another order', swap, /entry 3 .*reordered/],
  [
    'cut off, with its hashes and checkpoints',
    'DELETE FROM log_leaf WHERE seq > 3; DELETE FROM log_hash WHERE (seq + 1) * (1 << level) > 4; DELETE FROM log_checkpoint WHERE size > 4',
    /entries 4 to \d+ are gone|entry 4 was dropped/,
  ],
  ['made to forget its checkpoints', 'DELETE FROM log_checkpoint', /stand under no checkpoint/],
  [
    'made to forget a halt, in the rows alone',
    'DELETE FROM halt',
    /the state: `agent:b` was halted/,
  ],
])('tamper-shows: an entry that was %s is named, and it ends with 4', (_, sql, named) => {
  const { status, out } = verified((db) => db.exec(sql))
  expect(out).toMatch(named)
  expect(status).toBe(4)
})
