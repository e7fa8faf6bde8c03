/** How a session starts: encryption on both sides, the grant, the real login, and who is turned away. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { connect as connectTcp } from 'node:net'
import { join } from 'node:path'
import { connect as encrypt } from 'node:tls'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Secret } from '../../src/base/secret.ts'
import type { PostgresTarget } from '../../src/gateways/postgres/house.ts'
import { readFields } from '../../src/wire/postgres/back.ts'
import { frame } from '../../src/wire/postgres/frame.ts'
import { query } from '../../src/wire/postgres/front.ts'
import { writeStart } from '../../src/wire/postgres/start.ts'
import {
  bin,
  login,
  openGateway,
  raw,
  startServer,
  type Message,
  type Opened,
  type Server,
} from './relay-house.ts'

let server: Server
let cert = ''
let key = ''
const open: Opened[] = []

beforeAll(async () => {
  // All logins in one server: the role says which.
  server = await startServer(
    [],
    [
      'local all boss trust',
      'hostssl all bound 127.0.0.1/32 scram-sha-256',
      'host all scram 127.0.0.1/32 scram-sha-256',
      'host all md 127.0.0.1/32 md5',
      'host all clear 127.0.0.1/32 password',
      'local all clear password',
      'host all boss 127.0.0.1/32 trust',
    ],
  )
  const made = spawnSync(
    'openssl',
    // prettier-ignore
    [
      'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=elsewhere',
      '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', 'k.pem', '-out', 'c.pem',
    ],
    { cwd: server.folder },
  )
  if (made.status !== 0) throw new Error('openssl failed')
  cert = readFileSync(join(server.folder, 'c.pem'), 'utf8')
  key = readFileSync(join(server.folder, 'k.pem'), 'utf8')
  writeFileSync(
    join(server.folder, 'set.sql'),
    `CREATE ROLE bound LOGIN PASSWORD 'pä ss'; CREATE ROLE scram LOGIN PASSWORD 'pä ss';
     CREATE ROLE clear LOGIN PASSWORD 'pä ss';
     SET password_encryption = md5; CREATE ROLE md LOGIN PASSWORD 'pä ss';
     ALTER SYSTEM SET ssl_cert_file = '${server.folder}/c.pem';
     ALTER SYSTEM SET ssl_key_file = '${server.folder}/k.pem'; ALTER SYSTEM SET ssl = on;
     SELECT pg_reload_conf();`
      .split(';')
      .join(';\n'),
  )
  spawnSync('chown', ['65534', join(server.folder, 'k.pem')])
  const ran = spawnSync(
    `${bin}/psql`,
    [
      '-X',
      '-h',
      server.folder,
      '-p',
      `${server.port}`,
      '-U',
      'boss',
      '-d',
      'postgres',
      '-v',
      'ON_ERROR_STOP=1',
      '-f',
      join(server.folder, 'set.sql'),
    ],
    { encoding: 'utf8' },
  )
  if (ran.status !== 0) throw new Error(ran.stderr)
  // The reload is heard of a moment later.
  for (;;) {
    const client = raw(server.port)
    client.socket.write(writeStart({ kind: 'ssl' }))
    const [byte] = await new Promise<Buffer>((resolve) => {
      client.socket.once('data', resolve)
    })
    client.socket.destroy()
    if (byte === 83) break
  }
})
afterAll(async () => {
  for (const { gateway } of open) await gateway.close(0)
  await server.stop()
})

async function house(
  target: Partial<PostgresTarget>,
  more: Parameters<typeof openGateway>[2] = {},
  secret = 'pä ss',
): Promise<Opened> {
  const opened = await openGateway(
    {
      host: '127.0.0.1',
      port: server.port,
      user: 'boss',
      database: 'postgres',
      tls: { kind: 'off' },
      ...target,
    },
    secret,
    more,
  )
  open.push(opened)
  return opened
}

const begin = (parameters: readonly (readonly [string, string])[], minor = 0): Uint8Array =>
  writeStart({ kind: 'begin', major: 3, minor, parameters })

/** What a client is told that shows a grant and asks who it is. */
async function told(
  port: number,
  more: readonly (readonly [string, string])[] = [],
  token = 'fbk_good',
): Promise<string> {
  const client = raw(port)
  client.say(begin([['user', 'x'], ['database', 'shop'], ...more]), frame('p', token))
  const greeting = await client.until('Z')
  if (greeting.at(-1)?.type !== 'Z') return fatalOf(greeting)
  client.say(query('SELECT current_user'))
  const row = (await client.until('Z')).find(({ type }) => type === 'D')
  client.socket.destroy()
  return Buffer.from(row?.bytes.subarray(11) ?? []).toString()
}

function fatalOf(messages: readonly Message[]): string {
  const fields = readFields(messages.at(-1)?.bytes.subarray(5) ?? Buffer.of(0))
  return `${fields.get('S')} ${fields.get('C')} ${fields.get('M')}`
}

describe('the real login', () => {
  const verified = (): PostgresTarget['tls'] => ({ kind: 'verify', ca: cert })
  test.each<[string, string, boolean, RegExp]>([
    ['SCRAM', 'scram', false, /^scram$/],
    ['SCRAM, bound to the channel', 'bound', true, /^bound$/],
    ['md5', 'md', false, /^md$/],
    ['in the clear, encrypted', 'clear', true, /^clear$/],
    ['in the clear over a network', 'clear', false, /^FATAL 08006 .*in the clear/],
    ['none', 'boss', false, /^boss$/],
    ['a role that is not there', 'nobody', false, /^FATAL 08006 .*pg_hba/],
  ])('%s', async (_, user, encrypted, expected) => {
    const { port } = await house({ user, tls: encrypted ? verified() : { kind: 'off' } })
    expect(await told(port)).toMatch(expected)
  })

  test('in the clear over a Unix socket', async () => {
    const { port } = await house({ user: 'clear', host: server.folder })
    expect(await told(port)).toBe('clear')
  })

  test.each<[string, string]>([
    ['scram', 'FATAL 08006'],
    ['md', 'FATAL 08006'],
  ])('a wrong password for %s is not the client’s fault', async (user, expected) => {
    const { port } = await house({ user }, {}, 'wrong')
    expect(await told(port)).toContain(expected)
  })

  test('binds to the channel where the server offers it', async () => {
    const { port } = await house({ user: 'bound', tls: verified() })
    const client = await login(port, 'x', 'shop')
    client.say(query('SELECT ssl, version FROM pg_stat_ssl WHERE pid = pg_backend_pid()'))
    const row = (await client.until('Z')).find(({ type }) => type === 'D')
    expect(Buffer.from(row?.bytes ?? []).toString()).toContain('TLSv1.3')
    client.socket.destroy()
  })

  test.each<[string, () => Partial<PostgresTarget>]>([
    ['an authority that did not sign', () => ({ tls: { kind: 'verify', ca: null } })],
    ['another name', () => ({ host: 'localhost', tls: verified() })],
  ])('a certificate is refused for %s', async (_, target) => {
    const { port } = await house({ ...target() })
    expect(await told(port)).toMatch(/^FATAL 08001/)
  })

  test('a target that is not there', async () => {
    const { port } = await house({ host: server.folder, port: 1 })
    expect(await told(port)).toMatch(/^FATAL 08001/)
  })
})

describe('the grant', () => {
  test('is checked before anything is said of targets', async () => {
    const { port } = await house({})
    expect(await told(port, [], 'fbk_bad')).toBe('FATAL 28P01 this grant is not known')
    const client = raw(port)
    client.say(
      begin([
        ['user', 'x'],
        ['database', 'none'],
      ]),
      frame('p', 'fbk_good'),
    )
    expect(fatalOf(await client.until('Z'))).toBe(
      'FATAL 3D000 no target `none` speaks Postgres here',
    )
  })

  test('is taken over TLS', async () => {
    const { port } = await house({}, { tls: { cert, key: new Secret(key) } })
    const where = `host=127.0.0.1 port=${port} user=x dbname=shop sslmode=verify-full`
    const child = spawn(
      `${bin}/psql`,
      ['-X', '-Atc', 'SELECT current_user', `${where} sslrootcert=${server.folder}/c.pem`],
      { env: { PATH: '/usr/bin:/bin', PGPASSWORD: 'fbk_good' } },
    )
    const [out] = await Promise.all([child.stdout.toArray(), once(child, 'close')])
    expect(Buffer.concat(out).toString()).toBe('boss\n')
  })
})

describe('the start', () => {
  test.each<[string, readonly (readonly [string, string])[], RegExp]>([
    ['options', [['options', '-c standard_conforming_strings=off']], /^FATAL 42501 .*`options`/],
    ['replication', [['replication', 'database']], /^FATAL 42501 .*`replication`/],
    ['another encoding', [['client_encoding', 'SJIS']], /^FATAL 42501 .*`client_encoding`/],
    ['the pinned setting', [['standard_conforming_strings', 'off']], /^FATAL 42501/],
    ['a setting that is not listed', [['session_preload_libraries', 'x']], /^FATAL 42501/],
    [
      'what holds anyway',
      [
        ['client_encoding', "'utf-8'"],
        ['replication', 'off'],
        ['options', ''],
      ],
      /^boss$/,
    ],
    [
      'what is listed',
      [
        ['application_name', 'a'],
        ['DateStyle', 'ISO'],
        ['TimeZone', 'UTC'],
      ],
      /^boss$/,
    ],
    ['what the server refuses', [['DateStyle', 'none']], /^FATAL 08006/],
  ])('%s', async (_, parameters, expected) => {
    const { port } = await house({})
    expect(await told(port, parameters)).toMatch(expected)
  })

  test('a newer client is told which version is spoken', async () => {
    const { port } = await house({})
    const client = raw(port)
    client.say(
      begin(
        [
          ['user', 'x'],
          ['database', 'shop'],
          ['_pq_.new', '1'],
        ],
        2,
      ),
      frame('p', 'fbk_good'),
    )
    const types = (await client.until('Z')).map(({ type }) => type)
    expect(types.slice(0, 3)).toEqual(['v', 'R', 'R'])
    expect(types.at(-1)).toBe('Z')
    client.socket.destroy()
  })

  test('INVARIANT (no early bytes): what stands behind the ask for encryption is refused', async () => {
    const { port } = await house({}, { tls: { cert, key: new Secret(key) } })
    const client = raw(port)
    client.say(
      writeStart({ kind: 'ssl' }),
      begin([
        ['user', 'x'],
        ['database', 'shop'],
      ]),
    )
    expect(fatalOf(await client.until('Z'))).toMatch(/^FATAL 08P01 unencrypted bytes/)
  })

  test('asks for encryption are answered, and a session starts without or with it', async () => {
    for (const tls of [null, { cert, key: new Secret(key) }]) {
      const { port } = await house({}, { tls })
      const plain = connectTcp(port, '127.0.0.1')
      const answer = async (said: Uint8Array): Promise<number | undefined> => {
        plain.write(said)
        const [byte] = await new Promise<Buffer>((resolve) => {
          plain.once('data', resolve)
        })
        return byte
      }
      expect(await answer(writeStart({ kind: 'gss' }))).toBe(78)
      expect(await answer(writeStart({ kind: 'ssl' }))).toBe(tls === null ? 78 : 83)
      const socket = tls === null ? plain : encrypt({ socket: plain, host: '127.0.0.1', ca: cert })
      socket.write(
        begin([
          ['user', 'x'],
          ['database', 'shop'],
        ]),
      )
      const first = await new Promise<Buffer>((resolve) => {
        socket.once('data', resolve)
      })
      expect(first.toString('latin1')).toBe('R\0\0\0\b\0\0\0\x03')
      socket.destroy()
    }
  })

  test('nonsense is told so', async () => {
    const { port } = await house({})
    const client = raw(port)
    client.socket.write('GET / HTTP/1.1\r\n\r\n')
    expect(fatalOf(await client.until('Z'))).toMatch(/^FATAL 08P01/)
  })

  test('who says nothing is hung up on, and gives its place back', async () => {
    const limits = { connections: 1, startMs: 50, messageBytes: 1000, keptBytes: 1000 }
    const { port } = await house({}, { limits })
    const silent = raw(port)
    const [first, second] = [await silent.until('Z'), await told(port)]
    expect([first, second]).toEqual([[], 'boss'])
  })

  test('who comes when all places are taken is told so', async () => {
    const limits = { connections: 1, startMs: 10_000, messageBytes: 1000, keptBytes: 1000 }
    const { port } = await house({}, { limits })
    const client = await login(port, 'x', 'shop')
    expect(fatalOf(await raw(port).until('Z'))).toMatch(/^FATAL 53300/)
    client.say(query(`SELECT '${'x'.repeat(2000)}'`))
    expect(fatalOf(await client.until('Z'))).toMatch(/^FATAL 08P01 .*longer than the 1000/)
  })

  test('a drain lets who works finish', async () => {
    const { gateway, port } = await house({})
    const [idle, works] = [await login(port, 'x', 'shop'), await login(port, 'x', 'shop')]
    works.say(query('BEGIN'))
    await works.until('Z')
    const closed = (async (): Promise<number> => {
      await gateway.close(60_000)
      return gateway.sessions
    })()
    expect(fatalOf(await idle.until('Z'))).toMatch(/^FATAL 57P01/)
    works.say(query('COMMIT'))
    expect((await works.until('Z')).map(({ type }) => type)).toEqual(['C', 'Z'])
    expect(fatalOf(await works.until('Z'))).toMatch(/^FATAL 57P01/)
    expect(await closed).toBe(0)
  })
})

test('the database ends the session while it is prepared: the client is told, and does not wait', async () => {
  const admin = await login(server.port, 'boss', 'postgres', null)
  const ended = async (): Promise<undefined> => {
    admin.say(
      query(`SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = 'md'`),
    )
    await admin.until('Z')
    // What the server has said last is read by whoever reads.
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
  }
  const { port } = await house({ user: 'md' }, { prepare: ended })
  expect(await told(port)).toBe('FATAL 08006 the database behind this gateway hung up')
  admin.socket.destroy()
})
