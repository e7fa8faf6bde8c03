/** A debugger reads everything in memory, and its port knows no users: the daemon neither starts with one nor is talked into one. */
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'

const bin = join(import.meta.dirname, '../../bin/firebreak')
const dir = mkdtempSync(join(tmpdir(), 'firebreak-debugger-'))
writeFileSync(
  join(dir, 'firebreak.yaml'),
  `version: 1
listen: 127.0.0.1:0
targets: { railway: { platform: railway, url: 'http://127.0.0.1:1' } }
`,
)
afterAll(() => rmSync(dir, { recursive: true, force: true }))

test('with a debugger open it does not start', () => {
  const ran = spawnSync(process.execPath, ['--inspect=127.0.0.1:0', bin, 'up'], {
    cwd: dir,
    encoding: 'utf8',
  })
  expect(ran.stderr).toMatch(/a debugger is open/)
  expect(ran.status).toBe(1)
})

test('a SIGUSR1, which many daemons take for "reopen the log", opens no debugger', async () => {
  const daemon = spawn(process.execPath, [bin, 'up'], { cwd: dir })
  let told = ''
  daemon.stderr.on('data', (bytes: Buffer) => (told += bytes.toString()))
  await new Promise((resolve) => daemon.stdout.once('data', resolve))
  daemon.kill('SIGUSR1')
  await expect.poll(() => told).toMatch(/SIGUSR1: ignored/)
  const ended = new Promise((resolve) => daemon.once('exit', resolve))
  daemon.kill('SIGTERM')
  expect(await ended).toBe(0)
  expect(told).not.toMatch(/Debugger listening/)
})
