import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { Secret } from '../base/secret.ts'
import { openSqlite } from '../store/sqlite.ts'
import { credentialOf, keepCredential, keptCredentials } from './custody.ts'
import { createKeyFile, parseKey, readCredential, readKeyFile } from './key.ts'
import { createRedactor } from './redact.ts'
import { openSeal } from './seal.ts'

const folder = mkdtempSync(join(tmpdir(), 'firebreak-custody-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const seal = openSeal(new Uint8Array(32).fill(1))
const locked = expect.objectContaining({ code: 'custody_locked' })

test('what is sealed opens again, in its own context, under its own key, and only whole', () =>
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string(), fc.nat(), (text, context, flip) => {
      const sealed = seal.seal(text, context)
      expect(seal.open(sealed, context)).toBe(text)
      expect(() => seal.open(sealed, `${context}x`)).toThrow(locked)
      expect(() => openSeal(new Uint8Array(32).fill(2)).open(sealed, context)).toThrow(locked)
      const body = Buffer.from(sealed.slice(5), 'base64url')
      body[flip % body.length] = (body[flip % body.length] ?? 0) ^ 1
      expect(() => seal.open(`fbs1.${body.toString('base64url')}`, context)).toThrow(locked)
    }),
  ))

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
])('a key file %s is refused', (name, spoil, why) => {
  const file = join(folder, name.replaceAll(' ', '-'))
  createKeyFile(file)
  expect(readKeyFile(file, process.getuid?.() ?? null)).toHaveLength(32)
  spoil(file)
  expect(() => readKeyFile(file, null)).toThrow(
    expect.objectContaining({ code: 'custody_locked', message: expect.stringMatching(why) }),
  )
})

test('another owner, a missing credential folder and a second key file are refused', () => {
  const file = join(folder, 'own')
  createKeyFile(file)
  expect(() => readKeyFile(file, 12_345)).toThrow(/another user/)
  expect(() => readCredential(null, 'key')).toThrow(/no credential directory/)
  expect(readCredential(folder, 'own')).toHaveLength(32)
  expect(() => createKeyFile(file)).toThrow(/EEXIST/)
  expect(() => parseKey('zz', 'KEY')).toThrow(locked)
})

const secret = 'rw_Fe26.2**account-token-9a8b7c'

test('secret-stays: no row, list, error or print of a kept credential shows it', async () => {
  const state = openSqlite(':memory:')
  const kept = await state.transact((tx) =>
    keepCredential(seal, tx, { target: 'railway', secret: new Secret(secret), by: 'ada', now: 1 }),
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

test.each([
  ['a line end', 'abc\ndef'],
  ['a space', 'a b'],
  ['nothing', ''],
  ['a control character', 'a\u0000b'],
  ['too much', 'x'.repeat(20_000)],
])('a credential with %s is refused, and the refusal does not repeat it', async (_, text) => {
  const state = openSqlite(':memory:')
  const wish = { target: 't', secret: new Secret(text), by: 'ada', now: 1 }
  await expect(state.transact((tx) => keepCredential(seal, tx, wish))).rejects.toThrow(
    /one word of printable ASCII/,
  )
  state.close()
})

test('secret-stays: an echoed credential goes out as stars, wherever the chunks are cut; all else is unchanged', () =>
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(
          fc.uint8Array(),
          fc.constant(Buffer.from(secret)),
          fc.constant(Buffer.from(Buffer.from(secret).toString('base64'))),
        ),
      ),
      fc.array(fc.nat(40)),
      (parts, cuts) => {
        const body = Buffer.concat(parts)
        const redactor = createRedactor(new Secret(secret))
        const out: Buffer[] = []
        let at = 0
        for (const cut of cuts) {
          out.push(redactor.push(body.subarray(at, at + cut)))
          at = Math.min(body.length, at + cut)
        }
        out.push(redactor.push(body.subarray(at)), redactor.end())
        const whole = Buffer.concat(out)
        expect(whole.includes(secret)).toBe(false)
        expect(whole.length).toBe(body.length)
        if (
          !body.includes(secret) &&
          !body.includes(Buffer.from(secret).toString('base64').replaceAll('=', ''))
        )
          expect(whole.equals(body)).toBe(true)
      },
    ),
  ))
