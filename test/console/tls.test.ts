/** The console under a certificate, and the ways in which its place in the config cannot be. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import type { IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { TLSSocket } from 'node:tls'
import type { PeerCertificate, SecureVersion } from 'node:tls'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freePort } from '../free-port.ts'
import { makeCertificates } from '../postgres/cluster-tls.ts'
import { openRig } from '../rig.ts'
import type { Rig } from '../rig.ts'

const folder = mkdtempSync(join(tmpdir(), 'firebreak-tls-'))
let rig: Rig
let port = 0
let ca = ''
const lines: string[] = []
beforeAll(async () => {
  ca = readFileSync(
    makeCertificates(folder, (args) => spawnSync('openssl', args)),
    'utf8',
  )
  port = await freePort()
  const tls = `tls: { cert: ${join(folder, 'server.crt')}, key: ${join(folder, 'server.key')} }`
  rig = await openRig(
    `console: { listen: "127.0.0.1:${port}", origin: "https://localhost:${port}", ${tls} }`,
    { log: (line) => lines.push(line) },
  )
})
afterAll(async () => {
  await rig.close()
  rmSync(folder, { recursive: true })
})

function ask(path: string, maxVersion: SecureVersion = 'TLSv1.3'): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const where = { host: '127.0.0.1', port, path, ca, servername: 'localhost', maxVersion }
    const headers = { host: `localhost:${port}` }
    request({ ...where, headers, agent: false, minVersion: 'TLSv1.1' }, (answer) => {
      answer.resume()
      resolve(answer)
    })
      .on('error', reject)
      .end()
  })
}

async function certificate(): Promise<PeerCertificate> {
  const { socket } = await ask('/')
  if (!(socket instanceof TLSSocket)) throw new Error('no TLS')
  return socket.getPeerCertificate()
}

test('it answers over TLS, and tells browsers to come by nothing else', async () => {
  const { statusCode, headers } = await ask('/')
  expect(statusCode).toBeOneOf([200, 503])
  expect(headers['strict-transport-security']).toBe('max-age=31536000')
})

test('what is older than TLS 1.2, or no TLS, gets nothing', async () => {
  await expect(ask('/', 'TLSv1.1')).rejects.toThrow(/protocol|alert|version/i)
  await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow('fetch failed')
})

test('a renewed certificate is taken without a restart, half of one is not', async () => {
  const before = (await certificate()).serialNumber
  writeFileSync(join(folder, 'server.crt'), 'half of a certif')
  await expect.poll(() => lines.join()).toContain('the one before still serves')
  expect((await certificate()).serialNumber).toBe(before)
  ca = readFileSync(
    makeCertificates(folder, (args) => spawnSync('openssl', args)),
    'utf8',
  )
  await expect.poll(() => lines.join()).toContain('the certificate was renewed')
  await expect.poll(async () => (await certificate()).serialNumber).not.toBe(before)
})

test.each([
  [
    'without a certificate for others than this machine',
    'listen: "0.0.0.0:7078"',
    'would answer `0.0.0.0:7078` without a certificate',
  ],
  [
    'with a certificate that is not there',
    'tls: { cert: nowhere.crt, key: nowhere.key }',
    "the console's certificate cannot be read",
  ],
  [
    'under a name that browsers make no passkeys for',
    'origin: "http://firebreak.example"',
    'must be like',
  ],
  ['under an address instead of a name', 'origin: "http://127.0.0.1:7078"', 'must be like'],
  ['with a path behind its origin', 'origin: "https://firebreak.example/console"', 'must be like'],
  [
    'with a provider without TLS',
    'oidc: { issuer: "http://idp.example", client: c, people: {} }',
    'must be https',
  ],
])('it does not start %s, and says why', async (_, line, why) => {
  const listen = line.startsWith('listen')
    ? line
    : `listen: "127.0.0.1:${await freePort()}", ${line}`
  await expect(openRig(`console: { ${listen} }`)).rejects.toThrow(why)
})
