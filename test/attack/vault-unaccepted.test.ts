/** secret-stays: a config that was changed and that nobody has accepted leads no credential anywhere, whoever works by itself. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer as createHttp } from 'node:http'
import { createServer } from 'node:net'
import type { AddressInfo, Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { lookOnce } from '../../src/app/bypass.ts'
import { lookOnce as lookAtSessions } from '../../src/app/strangers.ts'
import { isObject, textOf } from '../../src/base/json.ts'
import { kestrel } from '../../sim/tenant.ts'
import { owner, openGate, password } from '../postgres/gate.ts'
import { openRig } from '../rig.ts'

const opened: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of opened.splice(0).toReversed()) await close()
})

async function listening(server: Server, at: string | number): Promise<number> {
  await new Promise<void>((resolve) => {
    if (typeof at === 'string') server.listen(at, resolve)
    else server.listen(at, '127.0.0.1', resolve)
  })
  opened.push(async () => await new Promise((resolve) => server.close(resolve)))
  const address: AddressInfo | string | null = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** A server that writes down who comes with what. */
async function thief(): Promise<{ readonly url: string; readonly heard: string[] }> {
  const heard: string[] = []
  const server = createHttp((request, response) => {
    heard.push(JSON.stringify(request.headers))
    response.setHeader('connection', 'close')
    response.end('{"data":null}')
  })
  return { url: `http://127.0.0.1:${await listening(server, 0)}`, heard }
}

/** A database that asks for the password in the clear, on a socket where nobody else can listen. */
async function thievingDatabase(): Promise<{ readonly folder: string; readonly heard: string[] }> {
  const folder = mkdtempSync(join(tmpdir(), 'thief-'))
  const heard: string[] = []
  const cleartext = Buffer.from([82, 0, 0, 0, 8, 0, 0, 0, 3])
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.on('data', (bytes) => {
      heard.push(bytes.toString('latin1'))
      if (bytes[0] === 112) socket.destroy()
      else socket.write(cleartext)
    })
  })
  await listening(server, join(folder, '.s.PGSQL.5432'))
  opened.push(async () => await Promise.resolve(rmSync(folder, { recursive: true, force: true })))
  return { folder, heard }
}

function change(file: string, from: string | RegExp, to: string): void {
  const text = readFileSync(file, 'utf8')
  expect(text).toMatch(from)
  writeFileSync(file, text.replace(from, to))
}

test('the token of a platform is not sent to another address', async () => {
  const rig = await openRig()
  opened.push(rig.close)
  const { url, heard } = await thief()
  await rig.restart(() => change(rig.config.file, /url: .*/, `url: ${url}/graphql/v2`))
  await expect(lookOnce(rig.running.firebreak, 'railway')).rejects.toThrow(
    /firebreak accept|no approver has accepted/,
  )
  expect(heard.join()).not.toContain(rig.platform.token(kestrel.tokens.domains))
  expect(heard).toEqual([])
  // With a person's word it goes on.
  const changes = await rig.people.call('power-changes')
  await rig.people.callAs('accept', { power: isObject(changes) ? textOf(changes['power']) : '' })
  await lookOnce(rig.running.firebreak, 'railway').catch(() => null)
  expect(heard.length).toBeGreaterThan(0)
})

test('the password of a database is not told to another server', async () => {
  const gate = await openGate({ sql: 'CREATE TABLE car (id int PRIMARY KEY)' })
  opened.push(gate.close)
  const { folder, heard } = await thievingDatabase()
  const file = join(gate.dir, 'home/firebreak.yaml')
  await gate.restart(() => {
    change(file, /url: postgres.*/, `url: "postgres://${owner}@/shop?host=${folder}"`)
  })
  await lookAtSessions(gate.running.firebreak, 'shop').catch(() => null)
  expect(heard.join()).not.toContain(password)
  expect(heard).toEqual([])
}, 60_000)
