/** Killed at every step: the daemon as a real process, ended by SIGKILL in the act; after the restart nothing is lost, doubled or let through. */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { kestrel, rows, startKestrel } from '../sim/tenant.ts'
import { readConfig } from '../src/app/config.ts'
import { rehearse } from '../src/app/rehearse.ts'
import type { Rehearsal } from '../src/app/rehearse.ts'
import { callControl } from '../src/app/socket.ts'
import { isObject, textOf } from '../src/base/json.ts'
import type { Json, JsonObject } from '../src/base/json.ts'

const bin = join(import.meta.dirname, '../bin/firebreak')
let platform: Awaited<ReturnType<typeof startKestrel>>
let daemon: ChildProcess
let dir = ''

afterEach(async () => {
  await kill('SIGKILL')
  await platform.close()
  rmSync(dir, { recursive: true, force: true })
})

async function up(): Promise<string> {
  daemon = spawn(process.execPath, [bin, 'up'], { cwd: join(dir, 'home') })
  return await new Promise<string>((resolve, reject) => {
    daemon.stdout?.on('data', (bytes: Buffer) =>
      resolve(/http:\S+/.exec(bytes.toString())?.[0] ?? ''),
    )
    daemon.on('exit', (code) => reject(new Error(`the daemon ended with ${code}`)))
    daemon.stderr?.resume()
  })
}

async function kill(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
  if (daemon.exitCode !== null || daemon.signalCode !== null) return
  const gone = new Promise((resolve) => daemon.once('exit', resolve))
  daemon.kill(signal)
  await gone
}

interface Begun {
  readonly url: string
  readonly grant: string
  readonly people: Rehearsal
  readonly call: (command: string, input?: JsonObject) => Promise<Json>
}

async function begin(): Promise<Begun> {
  dir = mkdtempSync(join(tmpdir(), 'firebreak-kill-'))
  platform = await startKestrel({ dir: join(dir, 'platform') })
  mkdirSync(join(dir, 'home'))
  const file = join(dir, 'home', 'firebreak.yaml')
  const source = (id: string): string =>
    `    - { covers: railway/volumeInstance/${id}, path: ${platform.volumePath(id)} }`
  writeFileSync(
    file,
    `version: 1
listen: 127.0.0.1:0
grace: 1s
targets:
  railway:
    platform: railway
    url: ${platform.url}
    environments:
      production: { id: ${kestrel.productionId} }
      staging: { id: ${kestrel.stagingId} }
vault:
  store: ${join(dir, 'vault')}
  sources:
${source(kestrel.scratchInstanceId)}
`,
  )
  const url = await up()
  const config = readConfig(file)
  const people = await rehearse(
    config,
    { target: 'railway', secret: platform.token(kestrel.tokens.domains) },
    Date.now,
  )
  const grant = await people.mint('agent:a', {
    operations: ['*'],
    environments: ['*'],
    expiresMs: 3_600_000,
  })
  const call = (command: string, input: JsonObject = {}): Promise<Json> =>
    callControl(join(config.state, 'control.sock'), command, input)
  return { url, grant, people, call }
}

const query = `mutation { volumeDelete(volumeId: "${kestrel.scratchVolumeId}") }`
async function ask(
  { grant }: Begun,
  url: string,
): Promise<{ readonly status: number; readonly body: JsonObject }> {
  const headers = { authorization: `Bearer ${grant}`, 'content-type': 'application/json' }
  const answer = await fetch(`${url}/graphql/v2`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ query }),
  })
  const body: Json = JSON.parse(await answer.text())
  return { status: answer.status, body: isObject(body) ? body : {} }
}

async function state({ call }: Begun, id: string): Promise<string> {
  const hold = await call('hold-show', { id })
  return isObject(hold) ? textOf(hold['state']) : ''
}

async function approve(begun: Begun, id: string): Promise<void> {
  const shown = await begun.call('hold-show', { id })
  const digest = isObject(shown) ? textOf(shown['shown']) : ''
  await begun.people.callAs('hold-approve', { id, shown: digest })
}

test('killed while held, while scheduled, and in the act: after each restart it stands where it stood, and runs once', async () => {
  const begun = await begin()
  const held = await ask(begun, begun.url)
  const id = textOf(held.body['holdId'])
  await kill('SIGKILL')
  await up()
  expect(await state(begun, id)).toBe('open')
  // The platform does the deed and never answers; the daemon dies while it waits.
  platform.faults.set('volumeDelete', { kind: 'mute' }, 1)
  await approve(begun, id)
  expect(await state(begun, id)).toBe('scheduled')
  await kill('SIGKILL')
  await up()
  await expect.poll(async () => await state(begun, id), { timeout: 20_000 }).toBe('executing')
  await expect.poll(() => platform.mutations(), { timeout: 10_000 }).toBe(1)
  await kill('SIGKILL')
  const url = await up()
  await expect.poll(async () => await state(begun, id), { timeout: 20_000 }).toBe('executed')
  expect((await ask(begun, url)).status).toBe(200)
  expect(platform.mutations()).toBe(1)
  expect(await begun.call('ledger-verify')).toMatchObject({ ok: true })
  const done = await begun.call('hold-undo', { id })
  expect(JSON.stringify(done)).toContain('done')
}, 120_000)

test('killed before the call arrived: it is failed, not run again', async () => {
  const begun = await begin()
  const held = await ask(begun, begun.url)
  const id = textOf(held.body['holdId'])
  platform.faults.set('volumeDelete', { kind: 'hang' }, 1)
  await approve(begun, id)
  await expect.poll(async () => await state(begun, id), { timeout: 20_000 }).toBe('executing')
  await kill('SIGKILL')
  const url = await up()
  await expect.poll(async () => await state(begun, id), { timeout: 20_000 }).toBe('failed')
  expect((await ask(begun, url)).status).toBe(403)
  expect(platform.effects()).toEqual([])
  expect(rows(platform.volumePath(kestrel.productionInstanceId)).bookings).toBe(2400)
}, 120_000)
