/** A broken state folder, whole command: refused in one clear line with exit code 4 (or 2), and never a fresh state in the place of the broken one. */
import {
  chmodSync,
  statSync,
  cpSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { kestrel } from '../../sim/tenant.ts'
import { serve } from '../../src/app/serve.ts'
import { exitOf } from '../../src/cli/command.ts'
import { FirebreakError } from '../../src/base/error.ts'
import { textOf } from '../../src/base/json.ts'
import { everything, openRig } from '../rig.ts'
import type { Rig } from '../rig.ts'
import { openDaemon } from './daemon.ts'

let rig: Rig
let [good, grant, hold] = ['', '', '']

/** The state as a crash leaves it: everything of value is in the write-ahead log, and a halt and a revocation are the last of it. */
beforeAll(async () => {
  rig = await openRig()
  grant = await rig.people.mint('agent:cursor', everything)
  const asked = await rig.ask(grant, `mutation { volumeDelete(volumeId: "${kestrel.volumeId}") }`)
  hold = textOf(asked.body['holdId'])
  good = join(rig.dir, 'good')
  const before = new DatabaseSync(at('state.db'))
  before.exec(`VACUUM INTO '${good}-older.db'`)
  before.close()
  await rig.people.call('halt', { who: 'agent:cursor', reason: 'three at night' })
  await rig.running.firebreak.heads.keep()
  cpSync(rig.config.state, good, { recursive: true, filter: (from) => !from.endsWith('.sock') })
  cpSync(vault(), `${good}-vault`, { recursive: true })
  await rig.running.stop()
}, 60_000)
afterAll(async () => {
  await rig.platform.close()
  rmSync(rig.dir, { recursive: true, force: true })
})

const at = (name: string): string => join(rig.config.state, name)
const vault = (): string => join(rig.dir, 'vault')
const head = (): string =>
  join(vault(), readdirSync(vault()).find((name) => name.startsWith('head-')) ?? '')

/** Puts the good state back, breaks it, and starts; gives what the start threw, or null. */
async function startOn(damage: () => void): Promise<unknown> {
  rmSync(rig.config.state, { recursive: true, force: true })
  rmSync(vault(), { recursive: true, force: true })
  cpSync(good, rig.config.state, { recursive: true })
  chmodSync(rig.config.state, 0o700)
  cpSync(`${good}-vault`, vault(), { recursive: true })
  damage()
  try {
    rig.running = await serve(rig.config, () => {})
  } catch (thrown) {
    return thrown
  }
  return null
}

/** The middle of the file is written over, page by page header or not, as a bad sector does. */
function garble(name: string, from: number, bytes: number): void {
  const file = readFileSync(at(name))
  file.fill(0x5a, from, from + bytes)
  writeFileSync(at(name), file)
}

/** The whole state in the one file, without a log beside it. */
function checkpointed(): void {
  const db = new DatabaseSync(at('state.db'))
  db.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  db.close()
}

test('the state as a crash leaves it starts, with everything in it', async () => {
  expect(await startOn(() => {})).toBeNull()
  expect(await rig.people.call('hold-show', { id: hold })).toMatchObject({ state: 'open' })
  expect((await rig.ask(grant, 'query { me { id } }')).text).toContain('three at night')
  await rig.running.stop()
})

test.each<[string, () => void]>([
  [
    'the state file is gone',
    () => ['', '-wal', '-shm'].forEach((end) => rmSync(at(`state.db${end}`), { force: true })),
  ],
  [
    'the state file is empty',
    () => {
      checkpointed()
      truncateSync(at('state.db'), 0)
    },
  ],
  ['its write-ahead log is gone', () => rmSync(at('state.db-wal'))],
  [
    'half of it is gone',
    () => {
      checkpointed()
      truncateSync(at('state.db'), 40_960)
    },
  ],
  [
    'its header is garbage',
    () => {
      checkpointed()
      garble('state.db', 0, 100)
    },
  ],
  [
    'a page in the middle is garbage',
    () => {
      checkpointed()
      garble('state.db', 8192, 4096)
    },
  ],
  [
    'a folder stands in its place',
    () => {
      ;['', '-wal', '-shm'].forEach((end) => rmSync(at(`state.db${end}`), { force: true }))
      mkdirSync(at('state.db'))
    },
  ],
  ['it is of a newer Firebreak', () => version(99)],
  ['it says that it is older than it is', () => version(0)],
  [
    'its history is another',
    () => {
      const other = new DatabaseSync(at('state.db'))
      other.exec(
        'UPDATE log_hash SET hash = zeroblob(32) WHERE level = 0 AND seq = (SELECT max(seq) FROM log_leaf); UPDATE log_hash SET hash = zeroblob(32) WHERE level > 0',
      )
      other.close()
    },
  ],
  ['the lock is garbage', () => writeFileSync(at('lock.db'), 'no lock at all '.repeat(600))],
])('broken-is-closed: %s: no start, one line, exit code 4', async (_, damage) => {
  const before = { file: Buffer.alloc(0), there: false }
  const thrown = await startOn(() => {
    damage()
    before.there = existsSync(at('state.db'))
  })
  expect(thrown).toBeInstanceOf(FirebreakError)
  expect(exitOf(thrown)).toBe(4)
  const { message, hint } = thrown instanceof FirebreakError ? thrown : { message: '', hint: '' }
  expect(message).toMatch(/^[^\n]{20,300}$/)
  expect(hint ?? '').toMatch(/^[^\n]{10,300}$/)
  // What is gone is not made anew behind the person's back.
  expect(existsSync(at('state.db'))).toBe(before.there)
})

function version(number: number): void {
  const db = new DatabaseSync(at('state.db'))
  db.exec(`PRAGMA user_version = ${number}`)
  db.close()
}

// What was written down since the start may have made it as long again: it is another ledger then.
const older =
  /an older copy of the state was put back|the first \d+ entries of the ledger are not those/

test.each<[string, RegExp, () => void]>([
  [
    'its write-ahead log ends early',
    older,
    () => truncateSync(at('state.db-wal'), statSync(at('state.db-wal')).size - 9000),
  ],
  [
    'its write-ahead log has a bad sector',
    older,
    () => garble('state.db-wal', statSync(at('state.db-wal')).size - 9000, 512),
  ],
  [
    'it is an older copy',
    older,
    () => {
      ;['', '-wal', '-shm'].forEach((end) => rmSync(at(`state.db${end}`), { force: true }))
      copyFileSync(`${good}-older.db`, at('state.db'))
    },
  ],
  ['what remembers it is garbage', /was changed/, () => writeFileSync(head(), 'nothing\n')],
  ['what remembers it was taken away', /nothing remembers/, () => rmSync(head())],
])(
  'halt-halts, broken-is-closed: %s: it starts, and nothing runs until a person has looked',
  async (_, why, damage) => {
    expect(await startOn(damage)).toBeNull()
    expect(rig.running.firebreak.isStopped()).toMatchObject({ rule: 'unaccepted' })
    expect(JSON.stringify(await rig.people.call('power-changes', {}))).toMatch(why)
    const refused = await rig.ask(grant, 'query { me { id } }')
    expect([401, 403]).toContain(refused.status)
    await rig.people.call('halt', { who: 'all', reason: 'it still does' })
    await rig.running.stop()
  },
)

test('broken-is-closed: a state folder that others can write is refused with exit code 2, a state file that others can read is closed', async () => {
  const thrown = await startOn(() => chmodSync(rig.config.state, 0o777))
  expect(exitOf(thrown)).toBe(2)
  expect(thrown).toMatchObject({ message: expect.stringContaining('others') })
  expect(await startOn(() => chmodSync(at('state.db'), 0o666))).toBeNull()
  expect(statSync(at('state.db')).mode & 0o777).toBe(0o600)
  await rig.running.stop()
})

test('the command says it in one line, ends with 4, and leaves the broken file as it is', async () => {
  const daemon = await openDaemon()
  try {
    mkdirSync(daemon.config.state, { mode: 0o700 })
    copyFileSync(join(good, 'key'), join(daemon.config.state, 'key'))
    const file = join(daemon.config.state, 'state.db')
    writeFileSync(file, 'not a database '.repeat(1000), { mode: 0o644 })
    await expect(daemon.up()).rejects.toThrow(/ended with 4/)
    expect(daemon.told()).toMatch(
      /^firebreak: the state file `[^\n]+` cannot be used: file is not a database\n {2}[^\n]+\n$/,
    )
    expect(readFileSync(file, 'utf8')).toBe('not a database '.repeat(1000))
  } finally {
    await daemon.close()
  }
}, 60_000)
