/** The whole loop on real parts, where the founder's own restic keeps the volume; and a config that would lead its password elsewhere. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { kestrel, rows } from '../../sim/tenant.ts'
import { isObject, textOf } from '../../src/base/json.ts'
import type { Json } from '../../src/base/json.ts'
import { everything, openRig } from '../rig.ts'
import type { Rig } from '../rig.ts'
import { secret } from './restic-ground.ts'
import { initCheaply } from './restic-key.ts'

const opened: (() => unknown)[] = []
afterEach(async () => {
  for (const close of opened.splice(0).toReversed()) await close()
})

const volumeDelete = `mutation { volumeDelete(volumeId: "${kestrel.volumeId}") }`

async function rigWith(): Promise<{ readonly rig: Rig; readonly repository: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'firebreak-restic-loop-'))
  opened.push(() => rmSync(folder, { recursive: true, force: true }))
  const repository = join(folder, 'repository')
  initCheaply(repository, secret)
  const rig = await openRig('', { repository })
  opened.push(rig.close)
  return { rig, repository }
}

async function approve({ people }: Rig, id: Json | undefined): Promise<Json> {
  const shown = await people.call('hold-show', { id: textOf(id) })
  const digest = isObject(shown) ? textOf(shown['shown']) : ''
  return await people.callAs('hold-approve', { id: textOf(id), shown: digest })
}

const bookings = ({ platform }: Rig): number =>
  rows(platform.volumePath(kestrel.productionInstanceId)).bookings

test('volumeDelete is held, its volume kept by restic and read back, then it runs, and every row comes back', async () => {
  const { rig } = await rigWith()
  const grant = await rig.people.mint('agent:cursor', { ...everything, expiresMs: 7 * 86_400_000 })
  const early = await rig.ask(grant, volumeDelete, { headers: { 'idempotency-key': 'early' } })
  // Without its password there is no way back, and nothing is called.
  expect(await approve(rig, early.body['holdId'])).toMatchObject({
    state: 'failed',
    closing: expect.stringMatching(/no credential is kept for `restic`/),
  })
  await rig.people.callAs('custody-add', { target: 'restic', secret })
  const held = await rig.ask(grant, volumeDelete, { headers: { 'idempotency-key': 'late' } })
  expect(await approve(rig, held.body['holdId'])).toMatchObject({ state: 'scheduled' })
  expect(rig.platform.mutations()).toBe(0)
  rig.pass(48 * 3_600_000)
  const state = async (): Promise<Json> => {
    const hold = await rig.people.call('hold-show', { id: textOf(held.body['holdId']) })
    return isObject(hold) ? (hold['state'] ?? null) : null
  }
  await expect.poll(state, { timeout: 20_000 }).toBe('executed')
  expect(bookings(rig)).toBe(0)
  await rig.people.call('hold-undo', { id: textOf(held.body['holdId']) })
  expect(bookings(rig)).toBe(2400)
  const listed = JSON.stringify(await rig.people.call('vault-list'))
  expect(listed).toContain('"engine":"restic"')
  expect(listed).not.toContain(secret)
  expect(await rig.people.call('ledger-verify')).toMatchObject({ ok: true })
}, 90_000)

test('secret-stays: an unaccepted config leads neither the password nor a credential to another repository', async () => {
  const { rig, repository } = await rigWith()
  await rig.people.callAs('custody-add', { target: 'restic', secret })
  const heard: string[] = []
  const server = createServer((request, response) => {
    heard.push(JSON.stringify(request.headers))
    response.statusCode = 404
    response.end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  opened.push(() => server.close())
  const address: AddressInfo | string | null = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const elsewhere = `rest:http://127.0.0.1:${port}/`
  await rig.restart(() => {
    const text = readFileSync(rig.config.file, 'utf8')
    expect(text).toContain(repository)
    writeFileSync(
      rig.config.file,
      text.replace(`"${repository}" }`, `"${elsewhere}", credential: backup }`),
    )
  })
  const access = async (): Promise<unknown> =>
    await rig.running.firebreak.restic.access({ repository: elsewhere, password: null })
  await expect(access()).rejects.toThrow('no approver has accepted it')
  const changes = await rig.people.call('power-changes')
  expect(JSON.stringify(changes)).toContain(elsewhere)
  expect(heard).toEqual([])
  // With a person's word it is opened there.
  await rig.people.callAs('accept', { power: isObject(changes) ? textOf(changes['power']) : '' })
  await rig.people.callAs('custody-add', { target: 'backup', secret: 'user:of-the-server' })
  const grant = await rig.people.mint('agent:cursor', everything)
  const held = await rig.ask(grant, volumeDelete)
  expect(await approve(rig, held.body['holdId'])).toMatchObject({
    state: 'failed',
    closing: expect.stringContaining('there is no restic repository at'),
  })
  expect(heard.join()).toContain(Buffer.from('user:of-the-server').toString('base64'))
  expect(heard.join()).not.toContain(secret)
}, 60_000)
