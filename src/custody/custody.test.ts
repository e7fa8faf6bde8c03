import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { Secret } from '../base/secret.ts'
import { openSqlite } from '../store/sqlite.ts'
import { credentialOf, forgetCredential, keepCredential, keptCredentials } from './custody.ts'
import { createKeyFile, parseKey, readCredential, readIdentityFile, readKeyFile } from './key.ts'
import { createRedactor } from './redact.ts'
import { openSeal } from './seal.ts'
import { sameUser } from './user.ts'

const folder = mkdtempSync(join(tmpdir(), 'firebreak-custody-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const seal = openSeal(new Uint8Array(32).fill(1))
/** Of coreutils; Node has no call for it. */
const makePipe = 'mkfifo'
const locked = expect.objectContaining({ code: 'custody_locked' })

test('what is sealed opens again, in its own context, under its own key, and only whole', () =>
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string(), fc.nat(), (text, context, flip) => {
      const sealed = seal.seal(text, context)
      expect(seal.open(sealed, context)).toBe(text)
      expect(() => seal.open(sealed, `${context}x`)).toThrow(locked)
      expect(() => openSeal(new Uint8Array(32).fill(2)).open(sealed, context)).toThrow(locked)
      const cut = sealed.lastIndexOf('.') + 1
      const body = Buffer.from(sealed.slice(cut), 'base64url')
      body[flip % body.length] = (body[flip % body.length] ?? 0) ^ 1
      expect(() =>
        seal.open(`${sealed.slice(0, cut)}${body.toString('base64url')}`, context),
      ).toThrow(locked)
    }),
  ))

test('another key is told from a changed bit', () => {
  const sealed = seal.seal('a', 'b')
  const other = openSeal(new Uint8Array(32).fill(2))
  expect(() => other.open(sealed, 'b')).toThrow(/another key/)
  expect(() => seal.open(sealed, 'c')).toThrow(/a bit has changed/)
  for (const odd of ['', 'fbs1', 'fbs2.a.b', `${sealed}=`, `${sealed}.x`, sealed.slice(0, 30)])
    expect(() => seal.open(odd, 'b')).toThrow(locked)
})

test('the same text is never sealed the same way twice, and each purpose has a key of its own', () => {
  expect(seal.seal('a', 'b')).not.toBe(seal.seal('a', 'b'))
  expect(seal.derive('grants')).not.toEqual(seal.derive('ledger'))
})

test.each<[string, (file: string) => void, RegExp]>([
  ['that others may read', (file) => chmodSync(file, 0o640), /may be read by others/],
  ['that is short', (file) => writeFileSync(file, 'abcd'), /64 hex digits/],
  [
    'that is a link',
    (file) => {
      rmSync(file)
      symlinkSync('/etc/hostname', file)
    },
    /cannot be opened/,
  ],
  ['that is not there', (file) => rmSync(file), /cannot be opened/],
  ['that is long', (file) => writeFileSync(file, 'ab'.repeat(5000)), /64 hex digits/],
  [
    'that is a folder',
    (file) => {
      rmSync(file)
      mkdirSync(file)
    },
    /not a plain file/,
  ],
  [
    'that is a pipe nobody writes to',
    (file) => {
      rmSync(file)
      execFileSync(makePipe, ['-m', '600', file])
    },
    /not a plain file/,
  ],
])('a key file %s is refused', (name, spoil, why) => {
  const file = join(folder, name.replaceAll(' ', '-'))
  createKeyFile(file)
  expect(readKeyFile(file, process.getuid?.() ?? null)).toHaveLength(32)
  spoil(file)
  expect(() => readKeyFile(file, null)).toThrow(
    expect.objectContaining({ code: 'custody_locked', message: expect.stringMatching(why) }),
  )
})

test('an identity file is held to the same, and its text comes as it is', () => {
  const file = join(folder, 'identity')
  writeFileSync(file, '# mine\nAGE-SECRET-KEY-1\n', { mode: 0o600 })
  expect(readIdentityFile(file, process.getuid?.() ?? null)).toBe('# mine\nAGE-SECRET-KEY-1\n')
  expect(() => readIdentityFile(file, 12_345)).toThrow(/another user/)
  chmodSync(file, 0o644)
  expect(() => readIdentityFile(file, null)).toThrow(locked)
})

test('another owner, a missing credential folder and a second key file are refused', () => {
  const file = join(folder, 'own')
  createKeyFile(file)
  expect(() => readKeyFile(file, 12_345)).toThrow(/another user/)
  expect(() => readCredential(null, 'key')).toThrow(/no credential directory/)
  expect(readCredential(folder, 'own')).toHaveLength(32)
  expect(() => createKeyFile(file)).toThrow(locked)
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(() => parseKey('zz', 'KEY')).toThrow(locked)
})

const secret = 'rw_Fe26.2**account-token-9a8b7c'

test('secret-stays: no row, list, error or print of a kept credential shows it', async () => {
  const state = openSqlite(':memory:')
  const kept = await state.transact((tx) =>
    keepCredential(seal, tx, {
      target: 'railway',
      secret: new Secret(secret),
      by: 'ada',
      now: 1,
      as: 'header',
    }),
  )
  const listed = await state.transact(keptCredentials)
  const out = await state.transact((tx) => credentialOf(seal, tx, 'railway'))
  for (const shown of [
    JSON.stringify([kept, listed, out]),
    inspect([kept, listed, out], { depth: 9, showHidden: true }),
    String(out),
  ])
    expect(shown).not.toContain(secret)
  expect(out?.reveal()).toBe(secret)
  expect(await state.transact((tx) => credentialOf(seal, tx, 'other'))).toBeNull()
  state.close()
})

test('what stands around a pasted credential is not part of it, and what was forgotten is gone', async () => {
  const state = openSqlite(':memory:')
  const wish = {
    target: 't',
    secret: new Secret(` ${secret}\r\n`),
    by: 'ada',
    now: 1,
    as: 'header' as const,
  }
  await state.transact((tx) => keepCredential(seal, tx, wish))
  expect((await state.transact((tx) => credentialOf(seal, tx, 't')))?.reveal()).toBe(secret)
  expect(await state.transact((tx) => forgetCredential(tx, 't'))).toBe(true)
  expect(await state.transact((tx) => forgetCredential(tx, 't'))).toBe(false)
  expect(await state.transact((tx) => credentialOf(seal, tx, 't'))).toBeNull()
  state.close()
})

test("a row that was moved to another target does not open: one target's credential is no other's", async () => {
  const state = openSqlite(':memory:')
  const wish = { target: 'a', secret: new Secret(secret), by: 'ada', now: 1, as: 'header' as const }
  const moved = state.transact(async (tx) => {
    await tx.put('credential', { ...(await keepCredential(seal, tx, wish)), id: 'b' })
    return await credentialOf(seal, tx, 'b')
  })
  await expect(moved).rejects.toThrow(locked)
  state.close()
})

test.each<[string, number | null, readonly string[]]>([
  ['two users', 1001, []],
  ['one user', 1000, ['same-user']],
  ['an agent that is root', 0, ['agent-is-root']],
  ['an agent nobody knows of', null, ['agent-user-unknown']],
])('doctor: %s', (_, agent, rules) => {
  expect(sameUser({ gateway: 1000, agent }).map(({ rule }) => rule)).toEqual(rules)
})

test.each([
  ['a line end', 'abcdef\nghijkl'],
  ['a space', 'abcdef ghijkl'],
  ['nothing', ''],
  ['a control character', 'abcdefgh\u0000'],
  ['a letter beyond ASCII', 'abcdefghé'],
  ['seven characters', 'abcdefg'],
  ['too much', 'x'.repeat(20_000)],
])('a credential with %s is refused, and the refusal does not repeat it', async (_, text) => {
  const state = openSqlite(':memory:')
  const wish = { target: 't', secret: new Secret(text), by: 'ada', now: 1, as: 'header' as const }
  await expect(state.transact((tx) => keepCredential(seal, tx, wish))).rejects.toThrow(
    /one word of 8 to 16384 printable ASCII characters$/,
  )
  state.close()
})

test.each([
  ['one letter', 'x', null],
  ['spaces and letters of any script', 'the real one, größer 密', null],
  ['a line end', 'two\nlines', 'one line'],
  ['nothing', '  ', 'one line'],
  ['too much', 'x'.repeat(1025), 'one line'],
])('a password with %s', async (_, text, why) => {
  const state = openSqlite(':memory:')
  const wish = { target: 't', secret: new Secret(text), by: 'ada', now: 1, as: 'password' as const }
  const kept = state.transact((tx) => keepCredential(seal, tx, wish))
  if (why === null) expect(await kept).toMatchObject({ id: 't' })
  else await expect(kept).rejects.toThrow(why)
  state.close()
})

const hidden = 'ab"ab"ab+ab/cde=fgh%ij'
/** How a server may echo it, with what stands around it in base64. */
const echoes = (text: string): readonly Buffer[] => {
  const base64 = ['', 'u:', 'usr:', 'user:'].map((lead) => Buffer.from(`${lead}${text}!`))
  return [
    Buffer.from(text),
    Buffer.from(JSON.stringify(text)),
    Buffer.from(encodeURIComponent(text)),
    ...base64.map((bytes) => Buffer.from(bytes.toString('base64'))),
    ...base64.map((bytes) => Buffer.from(bytes.toString('base64url'))),
  ]
}

function redacted(text: string, body: Buffer, cuts: readonly number[]): Buffer {
  const redactor = createRedactor(new Secret(text))
  const out: Buffer[] = []
  let at = 0
  for (const cut of cuts) {
    out.push(Buffer.from(redactor.push(body.subarray(at, at + cut))))
    at = Math.min(body.length, at + cut)
  }
  out.push(redactor.push(body.subarray(at)), redactor.end())
  return Buffer.concat(out)
}

const chunks = fc.array(fc.nat(40))
test.each([secret, hidden])(
  'secret-stays: an echoed credential goes out as stars, wherever the chunks are cut',
  (text) =>
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.uint8Array({ maxLength: 9 }), fc.constantFrom(...echoes(text)))),
        chunks,
        (parts, cuts) => {
          const body = Buffer.concat(parts)
          const out = redacted(text, body, cuts)
          expect(out.length).toBe(body.length)
          expect(out.equals(redacted(text, body, []))).toBe(true)
          const whole = createRedactor(new Secret(text)).whole(body.toString('latin1'))
          expect(out.toString('latin1')).toBe(whole)
          for (const echo of echoes(text)) expect(out.includes(echo)).toBe(false)
          expect(Buffer.from(out.toString('latin1'), 'base64').includes(text)).toBe(false)
        },
      ),
    ),
)

test('quiet-on-safe: what has no secret in it is not changed by a byte, and leaves no byte behind', () =>
  fc.assert(
    fc.property(fc.array(fc.uint8Array()), chunks, (parts, cuts) => {
      const body = Buffer.concat(parts)
      expect(redacted(secret, body, cuts).equals(body)).toBe(true)
    }),
  ))

test('an event stream does not stall: whole events go on at once', () => {
  const redactor = createRedactor(new Secret(secret))
  expect(redactor.push(Buffer.from('data: 1\n\n')).toString()).toBe('data: 1\n\n')
  expect(redactor.push(Buffer.from(`x ${secret.slice(0, 5)}`)).toString()).toBe('x ')
  expect(redactor.push(Buffer.from(' y\n')).toString()).toBe(`${secret.slice(0, 5)} y\n`)
  expect(redactor.end()).toHaveLength(0)
})

test('a secret that overlaps itself is starred whole, across chunks too', () => {
  const text = 'abababab'
  expect(redacted(text, Buffer.from(`-${text}ab-`), [5, 5]).toString()).toBe('-**********-')
})
