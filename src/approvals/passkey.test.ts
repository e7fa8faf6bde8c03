/** Passkeys, with keys made here: what counts, every part that may be bent, one use, and another library of the same mind. */
import { generateKeyPairSync } from 'node:crypto'
import { verifyAuthenticationResponse, verifyRegistrationResponse } from '@simplewebauthn/server'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openAuthenticator } from '../../test/authenticator.ts'
import type { Authenticator, Bent } from '../../test/authenticator.ts'
import type { Seal, State } from '../guard/ports.ts'
import { openSqlite } from '../store/sqlite.ts'
import { removeApprover } from './enrol.ts'
import { approverByName, prove } from './factor.ts'
import { arrived, confirmed, invite, numberOf, opened } from './invite.ts'
import type { Invited } from './invite.ts'
import { openPasskeys } from './passkey-factor.ts'
import { signMs } from './statement.ts'
import { openStatements } from './statements.ts'
import { openTotp } from './totp-factor.ts'

const seal: Seal = {
  seal: (text, context) => `${context}#${text}`,
  open: (text, context) => {
    if (!text.startsWith(`${context}#`)) throw new Error('moved from another place')
    return text.slice(context.length + 1)
  },
}
const site = { rpId: 'localhost', origin: 'http://localhost:7078' }
let state: State
let now = 0
let seed = 0
const chance = (bytes: number): Uint8Array => new Uint8Array(bytes).fill((seed += 1))
const house = { seal, now: () => now, chance }
const statements = openStatements(() => now, chance)
const factors = { totp: openTotp(house), passkey: openPasskeys({ ...house, statements }) }
beforeEach(() => {
  state = openSqlite(':memory:')
  now = 1_700_000_000_000
})
afterEach(() => state.close())

async function invited(name: string, by: string | null = null): Promise<Invited> {
  return await state.transact((tx) => invite(house, tx, { name, role: 'approver', by }))
}
async function come(token: string, device: Authenticator, bent: Bent = {}): Promise<string> {
  const { challenge } = await state.transact((tx) => opened(house, tx, token))
  const given = device.create(challenge, bent)
  return await state.transact((tx) => arrived(house, tx, { token, given, site }))
}
async function enrol(name: string, device: Authenticator, by: string | null = null): Promise<void> {
  const { token, terminal } = await invited(name, by)
  const number = await come(token, device)
  const done = await state.transact((tx) => confirmed(house, tx, { terminal, number }))
  expect(done).toMatchObject({ seat: { name }, key: { id: device.id } })
}
function put(approver: string, digest = 'sha256:d'): string {
  const wish = { approver, digest, what: null, shown: 'abc' }
  return statements.put(wish).challenge
}
async function sign(
  approver: string,
  assertion: ReturnType<Authenticator['get']>,
  digest = 'sha256:d',
): Promise<string> {
  const purpose = { digest, shown: 'abc', role: 'approver' } as const
  const result = await state.transact((tx) => prove(factors, tx, { approver, assertion }, purpose))
  return typeof result === 'string' ? result : `${result.kind} ${result.digest}`
}

test('approval-binds: a passkey signs one statement, once, and the evidence holds all that it takes to check it again', async () => {
  const device = openAuthenticator()
  await enrol('ada', device)
  const assertion = device.get(put('ada'))
  const purpose = { digest: 'sha256:d', shown: 'abc', role: 'approver' } as const
  const proven = await state.transact((tx) =>
    prove(factors, tx, { approver: 'ada', assertion }, purpose),
  )
  expect(proven).toMatchObject({
    kind: 'passkey',
    evidence: {
      statement: { approver: 'ada', digest: 'sha256:d', shown: 'abc' },
      assertion,
      key: { id: device.id, spki: device.spki, ...site },
    },
  })
  expect(await sign('ada', assertion)).toMatch(/used already/)
})

test.each<[string, Bent, RegExp]>([
  ['another origin', { origin: 'http://localhost:7079' }, /another page/],
  ['a name that only looks alike', { origin: 'http://localhost.evil:7078' }, /another page/],
  ['another site', { rpId: 'evil.example' }, /another site/],
  ['nobody there', { flags: 0x04 }, /nobody was there/],
  ['nobody verified', { flags: 0x01 }, /not verified/],
  ['a frame in another page', { crossOrigin: true }, /frame/],
  ['a registration in its place', { type: 'webauthn.create' }, /another purpose/],
  [
    'another key',
    { by: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey },
    /not by that passkey/,
  ],
])('a signature with %s does not count, and the statement is still open', async (_, bent, why) => {
  const device = openAuthenticator()
  await enrol('ada', device)
  const challenge = put('ada')
  expect(await sign('ada', device.get(challenge, bent))).toMatch(why)
  expect(await sign('ada', device.get(challenge))).toBe('passkey sha256:d')
})

test('a statement serves its own person, digest and time alone', async () => {
  const [ada, bea] = [openAuthenticator(), openAuthenticator()]
  await enrol('ada', ada)
  await enrol('bea', bea, 'ada')
  const challenge = put('ada')
  expect(await sign('bea', bea.get(challenge))).toMatch(/before somebody else/)
  expect(await sign('ada', bea.get(challenge))).toMatch(/no passkey of `ada`/)
  expect(await sign('ada', ada.get(challenge), 'sha256:other')).toMatch(/for something else/)
  expect(await sign('ada', ada.get('AAAA'))).toMatch(/nothing that was asked here/)
  now += signMs + 1
  expect(await sign('ada', ada.get(challenge))).toMatch(/too late/)
})

test('a key whose count goes back may have been copied: it signs no more', async () => {
  const device = openAuthenticator()
  await enrol('ada', device)
  const [first, second] = [put('ada'), put('ada')]
  const early = device.get(second)
  expect(await sign('ada', device.get(first))).toBe('passkey sha256:d')
  expect(await sign('ada', early)).toMatch(/copied/)
})

test('a key that is written into the state, or to another person, is none; a removed one stays so', async () => {
  const [ada, bea] = [openAuthenticator(), openAuthenticator()]
  await enrol('ada', ada)
  await enrol('bea', bea, 'ada')
  await state.transact(async (tx) => {
    const seat = await approverByName(tx, 'ada')
    const row = await tx.get('passkey', bea.id)
    if (row !== null && seat !== null) await tx.put('passkey', { ...row, approver: seat.id })
  })
  const moved = sign('ada', bea.get(put('ada')))
  await expect(moved).rejects.toThrow(/moved from another place/)
  await state.transact((tx) => removeApprover(tx, 'bea', now))
  const row = await state.transact((tx) => tx.get('passkey', ada.id))
  expect(row?.removedAt).toBeNull()
})

test('an invitation works once, and the first to use it is seen by the second', async () => {
  const { token } = await invited('ada')
  await come(token, openAuthenticator())
  await expect(come(token, openAuthenticator())).rejects.toThrow(/used already/)
})

test('what came by an invitation counts with its number and its terminal alone, in one try', async () => {
  const thief = openAuthenticator()
  const { token, terminal } = await invited('ada')
  const number = await come(token, thief)
  const other = number === '000000' ? '000001' : '000000'
  const elsewhere = state.transact((tx) => confirmed(house, tx, { terminal: token, number }))
  await expect(elsewhere).rejects.toThrow(/invited nobody/)
  const wrong = await state.transact((tx) => confirmed(house, tx, { terminal, number: other }))
  expect(wrong).toMatch(/somebody else may have used/)
  const again = state.transact((tx) => confirmed(house, tx, { terminal, number }))
  await expect(again).rejects.toThrow(/used already/)
  expect(await state.transact((tx) => tx.find('passkey', {}))).toEqual([])
})

test('an invitation ends by time, by a first enrolment, and with the admin who signed it', async () => {
  const late = await invited('ada')
  const first = await invited('ada')
  await enrol('eve', openAuthenticator())
  const number = await come(first.token, openAuthenticator())
  const second = state.transact((tx) => confirmed(house, tx, { terminal: first.terminal, number }))
  await expect(second).rejects.toThrow(/enrolled first/)
  now += 16 * 60_000
  await expect(come(late.token, openAuthenticator())).rejects.toThrow(/too old/)
  await enrol('dan', openAuthenticator(), 'eve')
  const byDan = await invited('fay', 'dan')
  const came = await come(byDan.token, openAuthenticator())
  const stands = state.transact((tx) =>
    confirmed(house, tx, { terminal: byDan.terminal, number: came }),
  )
  await expect(stands).rejects.toThrow(/no admin any more/)
})

test.each<[string, Bent, RegExp]>([
  ['another challenge', { challenge: 'AAAA' }, /something else/],
  ['another page', { origin: 'https://evil.example' }, /another page/],
  ['an unverified person', { flags: 0x41 }, /not verified/],
  ['no key in it', { flags: 0x05 }, /another key/],
])('a registration with %s is refused', async (_, bent, why) => {
  const { token } = await invited('ada')
  await expect(come(token, openAuthenticator(), bent)).rejects.toThrow(why)
})

test('another library takes and refuses the same registrations and signatures', async () => {
  const device = openAuthenticator()
  const challenge = Buffer.from('a challenge').toString('base64url')
  const { clientDataJSON, authenticatorData, id } = device.create(challenge)
  // CBOR by hand: { fmt: "none", attStmt: {}, authData: bytes }.
  const data = Buffer.from(authenticatorData, 'base64url')
  const head = Buffer.from('a363666d74646e6f6e656761747453746d74a0686175746844617461', 'hex')
  const attestation = Buffer.concat([head, Buffer.from([0x58, data.length]), data])
  const wanted = {
    expectedChallenge: challenge,
    expectedOrigin: site.origin,
    expectedRPID: site.rpId,
  }
  const taken = await verifyRegistrationResponse({
    response: {
      id,
      rawId: id,
      type: 'public-key',
      clientExtensionResults: {},
      response: { clientDataJSON, attestationObject: attestation.toString('base64url') },
    },
    ...wanted,
  })
  expect(taken.verified).toBe(true)
  const bends: readonly Bent[] = [
    {},
    { origin: 'https://e' },
    { rpId: 'e' },
    { flags: 0x01 },
    { by: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey },
  ]
  await enrol('ada', device)
  for (const bent of bends) {
    const ours = put('ada')
    const { id: rawId, ...response } = device.get(ours, bent)
    const theirs = await verifyAuthenticationResponse({
      response: { id: rawId, rawId, type: 'public-key', clientExtensionResults: {}, response },
      ...wanted,
      expectedChallenge: ours,
      credential: { id: rawId, publicKey: device.cose, counter: 0 },
    }).then(
      ({ verified }) => verified,
      () => false,
    )
    const mine = (await sign('ada', { id: rawId, ...response })) === 'passkey sha256:d'
    expect([bent, mine]).toEqual([bent, theirs])
  }
})

test('the number on the page is of the key: another key has another', () => {
  const numbers = new Set(
    Array.from({ length: 20 }, () => openAuthenticator()).map(({ id, spki }) =>
      numberOf({ id, spki, algorithm: -7, ...site }),
    ),
  )
  expect(numbers.size).toBeGreaterThan(18)
})
