/** Another user of the machine, for real: what they can read, reach and lay as a trap. Only root can become somebody else, so elsewhere it is skipped. */
import { spawn, spawnSync } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'

const isRoot = process.getuid?.() === 0
const bin = join(import.meta.dirname, '../../bin/firebreak')
const [owner, other] = [59_001, 59_002] as const
const dir = mkdtempSync(join(tmpdir(), 'firebreak-users-'))
const home = join(dir, 'home')
const state = join(home, '.firebreak')
const config = `version: 1
listen: 127.0.0.1:0
targets: { railway: { platform: railway, url: 'http://127.0.0.1:1' } }
`
let daemon: ChildProcess | null = null

function run(uid: number, cwd: string, ...args: readonly string[]): string {
  const command = [bin, ...args]
  const ran = spawnSync(process.execPath, command, {
    cwd,
    uid,
    gid: uid,
    encoding: 'utf8',
    input: 'a-secret-token',
  })
  return `${ran.status} ${ran.stdout}${ran.stderr}`
}

function folder(path: string, uid: number, mode = 0o755): string {
  mkdirSync(path)
  chmodSync(path, mode)
  chownSync(path, uid, uid)
  writeFileSync(join(path, 'firebreak.yaml'), config)
  return path
}

beforeAll(async () => {
  if (!isRoot) return
  chmodSync(dir, 0o755)
  folder(home, owner)
  // With the most careless umask there is.
  const line = `umask 0; exec ${process.execPath} ${bin} up`
  const started = spawn('/bin/sh', ['-c', line], { cwd: home, uid: owner, gid: owner })
  daemon = started
  await new Promise((resolve) => started.stdout.once('data', resolve))
})

afterAll(async () => {
  const running = daemon
  if (running !== null) {
    const ended = new Promise((resolve) => running.once('exit', resolve))
    running.kill('SIGTERM')
    await ended
  }
  rmSync(dir, { recursive: true, force: true })
})

test.runIf(isRoot)('another user enters nothing, reads nothing and gives no command', () => {
  expect(statSync(state).mode & 0o777).toBe(0o700)
  for (const file of ['key', 'state.db', 'state.db-wal', 'control.sock'])
    expect([file, statSync(join(state, file)).mode & 0o177]).toEqual([file, 0])
  for (const args of [['holds'], ['approver', 'enrol', 'eve'], ['ledger', 'verify']])
    expect(run(other, home, ...args)).toMatch(/^[1-9] firebreak: /)
  expect(spawnSync('cat', [join(state, 'key')], { uid: other, encoding: 'utf8' }).stdout).toBe('')
})

test.runIf(isRoot)('a user whom the machine has no name for, as in a container, can halt', () => {
  expect(run(owner, home, 'halt', 'agent:x')).toMatch(/^0 halted: agent:x/)
})

test.runIf(isRoot)(
  "a trap in a working directory, a config that names another user's socket, gets no code and no credential",
  async () => {
    const trap = folder(join(dir, 'trap'), other)
    const listen = `
    const { appendFileSync, chmodSync, mkdirSync } = require('node:fs')
    mkdirSync('.firebreak')
    require('node:http').createServer((asked, answer) => {
      asked.on('data', (bytes) => appendFileSync('loot', bytes))
      asked.on('end', () => answer.end('{"result":{}}'))
    }).listen('.firebreak/control.sock', () => {
      chmodSync('.firebreak/control.sock', 0o777)
      console.log('set')
    })`
    const thief = spawn(process.execPath, ['-e', listen], { cwd: trap, uid: other, gid: other })
    await new Promise((resolve) => thief.stdout.once('data', resolve))
    const add = ['custody', 'add', 'railway', '--approver', 'ada', '--code', '123456']
    expect(run(owner, trap, ...add)).toMatch(/^2 .*belongs to another user: nothing is sent to it/)
    expect(existsSync(join(trap, 'loot'))).toBe(false)
    thief.kill()
  },
)

test.runIf(isRoot)('a state folder that somebody else has made ready is not moved into', () => {
  const ready = folder(join(dir, 'ready'), owner)
  mkdirSync(join(ready, '.firebreak'))
  chmodSync(join(ready, '.firebreak'), 0o777)
  chownSync(join(ready, '.firebreak'), other, other)
  expect(run(owner, ready, 'up')).toMatch(/^2 .*the state folder .* belongs to another user/)
  chownSync(join(ready, '.firebreak'), owner, owner)
  expect(run(owner, ready, 'up')).toMatch(/^2 .*the state folder .* may be entered by others/)
})
