/** The way out over TLS: certificates made here, verified as any other. */
import { generateKeyPairSync, sign } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:https'
import { expect, onTestFinished, test } from 'vitest'
import { Secret } from '../../base/secret.ts'
import { collect } from './collect.ts'
import type { Collected } from './collect.ts'
import { openUpstream } from './upstream.ts'

const day = 86_400_000

/** A self-signed certificate (RFC 5280) in PEM, for one name. */
function certificate(key: KeyObject, publicKey: KeyObject, altName: Buffer, until: number): string {
  const algorithm = seq(oid('2a8648ce3d040302'))
  const name = seq(der(0x31, seq(oid('550403'), der(0x0c, Buffer.from('firebreak test')))))
  const time = (at: number): Buffer =>
    der(0x18, Buffer.from(new Date(at).toISOString().replaceAll(/[-:T]|\.\d+/g, '')))
  const extensions = seq(
    seq(oid('551d11'), der(0x04, seq(altName))),
    seq(
      oid('551d13'),
      der(0x01, Buffer.from([0xff])),
      der(0x04, seq(der(0x01, Buffer.from([0xff])))),
    ),
  )
  const body = seq(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from([1])),
    algorithm,
    name,
    seq(time(until - 10 * day), time(until)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, extensions),
  )
  const signature = der(0x03, Buffer.from([0]), sign('sha256', body, key))
  const text = seq(body, algorithm, signature)
    .toString('base64')
    .match(/.{1,64}/g)
    ?.join('\n')
  return `-----BEGIN CERTIFICATE-----\n${text}\n-----END CERTIFICATE-----\n`
}

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts)
  const { length } = body
  const size =
    length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255]
  return Buffer.concat([Buffer.from([tag, ...size]), body])
}

const seq = (...parts: readonly Buffer[]): Buffer => der(0x30, ...parts)
const oid = (hex: string): Buffer => der(0x06, Buffer.from(hex, 'hex'))
const loopback = der(0x87, Buffer.from([127, 0, 0, 1]))
const elsewhere = der(0x82, Buffer.from('elsewhere.example'))

interface Tls {
  readonly ask: (ca: string | null) => Promise<Collected>
  readonly cert: string
  readonly seen: string[]
}

async function server(altName: Buffer, until: number): Promise<Tls> {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const cert = certificate(privateKey, publicKey, altName, until)
  const seen: string[] = []
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' })
  const https = createServer({ key, cert }, (incoming, outgoing) => {
    seen.push(incoming.headers.authorization ?? '')
    outgoing.end('over TLS')
  })
  https.on('tlsClientError', () => undefined)
  https.listen(0, '127.0.0.1')
  await once(https, 'listening')
  onTestFinished(() => {
    https.closeAllConnections()
    https.close()
  })
  const address = https.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const ask = async (ca: string | null): Promise<Collected> => {
    const credential = { name: 'authorization', prefix: 'Bearer ' }
    const target = {
      name: 't',
      platform: 'p',
      origin: `https://127.0.0.1:${port}`,
      basePath: '',
      credential,
      graphql: false,
      read: () => [],
    }
    const limits = { connectMs: 2000, headMs: 2000, bodyMs: 2000, connections: 2 }
    const upstream = openUpstream(target, limits, ca)
    onTestFinished(() => upstream.close())
    const outgoing = { method: 'GET', path: '/', query: '', headers: [], body: Buffer.alloc(0) }
    const signal = AbortSignal.timeout(3000)
    return await collect(upstream, outgoing, new Secret('s3cret'), { maxBytes: 1000, signal })
  }
  return { ask, cert, seen }
}

test('an upstream that the given authority vouches for is spoken to', async () => {
  const { ask, cert, seen } = await server(loopback, Date.now() + day)
  expect((await ask(cert)).body.toString()).toBe('over TLS')
  expect(seen).toEqual(['Bearer s3cret'])
})

test.each<[string, Buffer, number, boolean]>([
  ['nobody vouches for', loopback, Date.now() + day, false],
  ['has the certificate of another host', elsewhere, Date.now() + day, true],
  ['has an expired certificate', loopback, Date.now() - day, true],
])('an upstream that %s never hears the credential', async (_, altName, until, trusted) => {
  const { ask, cert, seen } = await server(altName, until)
  await expect(ask(trusted ? cert : null)).rejects.toThrow('the target cannot be reached')
  expect(seen).toEqual([])
})
