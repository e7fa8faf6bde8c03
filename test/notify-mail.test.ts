/** Mail to a real server: TLS from the start or by STARTTLS, with a certificate that must be trusted, and a login that never goes in the clear. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { SMTPServer } from 'smtp-server'
import type { SMTPServerOptions } from 'smtp-server'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { Secret } from '../src/base/secret.ts'
import type { Answer } from '../src/notices/channel.ts'
import { mail } from '../src/notices/mail.ts'
import type { MailPlace } from '../src/notices/mail.ts'
import { makeCertificates } from './postgres/cluster-tls.ts'
import { listenOn } from './receiver.ts'
import { openRig } from './rig.ts'

const folder = mkdtempSync(join(tmpdir(), 'firebreak-mail-'))
const usual = getCACertificates('default')
const [user, password] = ['firebreak', 'correct horse']
let ca = ''
let files: Pick<SMTPServerOptions, 'key' | 'cert'> = {}
beforeAll(() => {
  ca = readFileSync(
    makeCertificates(folder, (args) => spawnSync('openssl', args)),
    'utf8',
  )
  files = {
    key: readFileSync(join(folder, 'server.key')),
    cert: readFileSync(join(folder, 'server.crt')),
  }
})
const opened: SMTPServer[] = []
afterEach(async () => {
  setDefaultCACertificates(usual)
  for (const server of opened.splice(0))
    await new Promise<void>((resolve) => server.close(() => resolve()))
})
afterAll(() => rmSync(folder, { recursive: true }))

interface Seen {
  readonly port: number
  readonly mails: { readonly isSecure: boolean; readonly user: unknown; readonly text: string }[]
  /** Passwords that have come, right or wrong. */
  readonly logins: (string | null | undefined)[]
}

/** A server that wants a login, except where told otherwise, and takes nothing for `gone@`. */
async function server(options: SMTPServerOptions): Promise<Seen> {
  const seen: Omit<Seen, 'port'> = { mails: [], logins: [] }
  const smtp = new SMTPServer({
    ...files,
    onAuth: ({ username, password: given }, _, done) => {
      seen.logins.push(given)
      if (username === user && given === password) done(null, { user: username })
      else done(new Error('no'))
    },
    onRcptTo: ({ address }, _, done) =>
      done(address.startsWith('gone@') ? new Error('550 nobody of that name') : null),
    onData: (stream, { secure, user: by }, done) => {
      const parts: Buffer[] = []
      stream.on('data', (part: Buffer) => parts.push(part))
      stream.on('end', () => {
        seen.mails.push({ isSecure: secure, user: by, text: Buffer.concat(parts).toString() })
        done()
      })
    },
    ...options,
  })
  // A client that hangs up in the middle is a part of it.
  smtp.on('error', () => undefined)
  opened.push(smtp)
  return { port: await listenOn(smtp.server), ...seen }
}

async function send(port: number, more: Partial<MailPlace> = {}): Promise<Answer | string> {
  const place: MailPlace = {
    host: '127.0.0.1',
    port,
    tls: 'at-once',
    from: 'f@example.com',
    to: ['ops@example.com'],
    login: { user, password: async () => await Promise.resolve(new Secret(password)) },
    ...more,
  }
  const letter = { id: 'told_1', at: 0, title: 'a title', text: 'facts', isUrgent: true, items: [] }
  try {
    return await mail(place).send(letter, AbortSignal.timeout(10_000))
  } catch (thrown) {
    return String(thrown)
  }
}

const trust = (): void => setDefaultCACertificates([...usual, ca])

test.each<readonly [MailPlace['tls'], SMTPServerOptions]>([
  ['at-once', { secure: true }],
  ['starttls', { secure: false }],
])('%s: the login and the mail go over TLS', async (tls, options) => {
  trust()
  const { port, mails, logins } = await server(options)
  expect(await send(port, { tls })).toEqual({ kind: 'taken', said: 'taken for 1 of 1' })
  expect(mails).toMatchObject([{ isSecure: true, user }])
  expect(mails[0]?.text).toContain('Subject: Firebreak: a title')
  expect(logins).toEqual([password])
})

test.each<readonly [MailPlace['tls'], SMTPServerOptions]>([
  ['at-once', { secure: true }],
  ['starttls', { secure: false }],
])('%s: a certificate that nobody vouches for gets no login and no mail', async (tls, options) => {
  const { port, mails, logins } = await server(options)
  expect(JSON.stringify(await send(port, { tls }))).toMatch(/certificate/)
  expect([mails, logins]).toEqual([[], []])
})

test('starttls: a server that does not offer it, or somebody on the way who took the offer out, gets no login', async () => {
  trust()
  const { port, mails, logins } = await server({
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
  })
  expect(JSON.stringify(await send(port, { tls: 'starttls' }))).toMatch(/STARTTLS/)
  expect([mails, logins]).toEqual([[], []])
})

test('a login that is refused is not taken, and what is said has no password in it, whatever the server says back', async () => {
  trust()
  const { port, mails } = await server({
    secure: true,
    onAuth: ({ username, password: given = '' }, _, done) =>
      done(new Error(`no ${username} ${given} ${Buffer.from(given ?? '').toString('base64')}`)),
  })
  const said = JSON.stringify(await send(port))
  expect(said).toMatch(/Invalid login.*no firebreak \[secret\] \[secret\]/)
  expect(mails).toEqual([])
})

test('one address that the server does not take: the others have it, and who has not is named', async () => {
  trust()
  const { port, mails } = await server({ secure: true })
  const to = ['gone@example.com', 'ops@example.com']
  const said = 'taken for 1 of 2, not for gone@example.com'
  expect(await send(port, { to })).toEqual({ kind: 'partly', said })
  expect(mails).toHaveLength(1)
  expect(JSON.stringify(await send(port, { to: ['gone@example.com'] }))).toMatch(/550/)
})

test('and that is an alarm', async () => {
  const { port, mails } = await server({ authOptional: true })
  const place = `host: 127.0.0.1, port: ${port}, from: f@example.com, to: [gone@example.com, ops@example.com]`
  const rig = await openRig(`notify:\n  channels:\n    post: { kind: mail, tls: off, ${place} }\n`)
  try {
    expect(await rig.people.call('notify-test')).toMatchObject([{ channel: 'post', taken: false }])
    await rig.people.call('halt', { who: 'agent:b', reason: 'looks odd' })
    const alarms = async (): Promise<string> => {
      rig.pass(3000)
      return JSON.stringify(await rig.people.call('alarm-list', { all: false }))
    }
    await expect
      .poll(alarms, { timeout: 15_000 })
      .toMatch(/did not reach everybody by the channel post[^"]*not for gone@example.com/)
    expect(mails.at(-1)?.text).toContain('agent:b is halted')
  } finally {
    await rig.close()
  }
})
