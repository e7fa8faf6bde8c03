/** The words that passkeys gave, checked from the entries alone: every field bent, and every key at the wrong time. */
import { expect, test } from 'vitest'
import { openAuthenticator } from '../../test/authenticator.ts'
import type { Authenticator, Bent } from '../../test/authenticator.ts'
import { digest, isObject, textOf, toJson } from '../base/json.ts'
import type { Json, JsonObject } from '../base/json.ts'
import type { Written } from './evidence.ts'
import { openKeyring } from './keyring.ts'
import { challengeOf } from './statement.ts'
import type { Statement } from './statement.ts'

const at = 1_700_000_000_000
const site = { rpId: 'localhost', origin: 'http://localhost:7078' }
const ada = openAuthenticator()
const bea = openAuthenticator()
const keyOf = ({ id, spki }: Authenticator): JsonObject => ({ id, spki, algorithm: -7, ...site })

function enrolled(name: string, device: Authenticator, role = 'admin'): Written {
  const body = { name, role, by: null, passkey: keyOf(device) }
  return { kind: 'enrolled', at, subject: `approver_${name}`, body }
}
const held = (id: string, of: string): Written => ({
  kind: 'held',
  at,
  subject: id,
  body: { digest: of },
})
interface Bends {
  readonly statement?: Partial<Statement>
  readonly bent?: Bent
  readonly who?: string
}
function evidenceOf(device: Authenticator, { statement = {}, bent = {}, who = 'ada' }: Bends) {
  const said: Statement = {
    v: 1,
    approver: who,
    digest: 'sha256:d',
    what: null,
    shown: 'text',
    nonce: 'n',
    until: at + 300_000,
    ...statement,
  }
  const assertion = toJson(device.get(challengeOf(said), bent))
  return { statement: { ...said }, assertion, key: keyOf(device) }
}
function approved(device: Authenticator, bends: Bends = {}): Written {
  const { who = 'ada' } = bends
  const word = { approver: who, factor: 'passkey', evidence: toJson(evidenceOf(device, bends)) }
  return {
    kind: 'approved',
    at,
    subject: 'hold_1',
    body: { digest: 'sha256:d', ...word, shown: 'text' },
  }
}
const before = [enrolled('ada', ada), held('hold_1', 'sha256:d')]
/** The first thing that is wrong with these. */
function flawOf(entries: readonly Written[]): string | null {
  const keyring = openKeyring()
  const flaws = entries.map((entry, index) => keyring.take(entry, index))
  return flaws.find((flaw) => flaw !== null) ?? null
}

test('a word that a passkey gave holds', () => {
  expect(flawOf([...before, approved(ada)])).toBeNull()
})

/** Every text and number in the evidence, by its path. */
function leavesOf(value: Json, path: readonly string[] = []): readonly (readonly string[])[] {
  if (!isObject(value)) return [path]
  return Object.entries(value).flatMap(([name, member]) => leavesOf(member, [...path, name]))
}
function changed(value: Json, [name, ...rest]: readonly string[]): Json {
  if (name !== undefined && isObject(value))
    return { ...value, [name]: changed(value[name] ?? null, rest) }
  if (typeof value === 'number') return value + 1
  if (typeof value !== 'string' || value === '') return 'else'
  const middle = Math.floor(value.length / 2)
  const other = value[middle] === 'A' ? 'B' : 'A'
  return value.slice(0, middle) + other + value.slice(middle + 1)
}
const good = approved(ada)
const paths = leavesOf(good.body)
test.each(paths.map((path) => [path.join('.'), path] as const))(
  'tamper-shows: %s changed, and signed into the ledger again, is named',
  (_, path) => {
    const body = changed(good.body, path)
    const bent = { ...good, body: isObject(body) ? body : {} }
    // Without its factor named it is still a passkey's word by its evidence, and holds.
    const flaw = flawOf([...before, bent])
    if (path.join('.') === 'factor') expect(flaw).toBeNull()
    else expect(flaw).toMatch(/\(`approved` by `/)
  },
)
test('each byte of what was signed counts', () => {
  const { evidence = null } = good.body
  for (const part of ['clientDataJSON', 'authenticatorData', 'signature']) {
    const found = isObject(evidence) ? evidence['assertion'] : null
    const text = isObject(found) ? textOf(found[part]) : ''
    const bytes = Buffer.from(text, 'base64url')
    expect(bytes.length).toBeGreaterThan(36)
    for (const nth of bytes.keys()) {
      const other = Buffer.from(bytes)
      other[nth] = (other[nth] ?? 0) ^ 1
      const bent = {
        ...(isObject(evidence) ? evidence : {}),
        assertion: { ...(isObject(found) ? found : {}), [part]: other.toString('base64url') },
      }
      expect(
        flawOf([...before, { ...good, body: { ...good.body, evidence: bent } }]),
      ).not.toBeNull()
    }
  }
})

const lent = (change: JsonObject = {}): Written => ({
  kind: 'delegated',
  at,
  subject: 'delegation_1',
  body: {
    name: 'bea',
    lender: 'approver_bea',
    standIn: 'approver_ada',
    since: at - 1,
    until: at + 1000,
    ...change,
  },
})
const back: Written = { kind: 'undelegated', at, subject: 'delegation_1', body: {} }
const inPlace = { ...good, body: { ...good.body, for: 'bea' } }
const late = { ...inPlace, at: at + 62_000 }
const gone = (name: string): Written => ({
  kind: 'removed',
  at,
  subject: `approver_${name}`,
  body: { name },
})
const viewer = [enrolled('bea', bea), enrolled('ada', ada, 'viewer'), held('hold_1', 'sha256:d')]

test.each<[string, readonly Written[], RegExp | null]>([
  ['that was lent', [...viewer, lent(), inPlace], null],
  ['that nobody lent', [...viewer, inPlace], /was a viewer/],
  ['that was lent later', [...viewer, inPlace, lent()], /was a viewer/],
  ['that was taken back', [...viewer, lent(), back, inPlace], /was a viewer/],
  ['whose time was over', [...viewer, lent(), late], /was a viewer/],
  [
    'that was lent after it was signed',
    [...viewer, lent({ since: at + 1 }), inPlace],
    /was a viewer/,
  ],
  ['lent to another', [...viewer, lent({ standIn: 'approver_x' }), inPlace], /was a viewer/],
  ['of another', [...viewer, lent({ name: 'eve' }), inPlace], /was a viewer/],
  ['that is not named', [...viewer, lent(), good], /was a viewer/],
  ['of who was removed', [...viewer, lent(), gone('bea'), inPlace], /was a viewer/],
  ['with a voice of one’s own', [...before, lent(), inPlace], /in nobody’s place/],
])('a voice %s', (_, entries, why) => {
  const flaw = flawOf(entries)
  if (why === null) expect(flaw).toBeNull()
  else expect(flaw).toMatch(why)
})

const undo: Json = ['undo', 'hold_1']
/** Signed when it was lent, and written down when all had been brought back. */
const restored = (later: number): Written => ({
  ...entryOf('restored', 'hold_1', undo, { for: 'bea' }),
  at: at + later,
})
const hour = 3_600_000
test.each<[string, readonly Written[]]>([
  ['ends by itself', []],
  ['is taken back', [{ ...back, at: at + 2 }]],
  ['ends with its owner’s removal', [{ ...gone('bea'), at: at + 2 }]],
])('what takes an hour and was signed in time holds, also where the voice %s', (_, between) => {
  expect(flawOf([...viewer, lent(), ...between, restored(hour)])).toBeNull()
  // Put before the person only after the end.
  const late = { ...back, at: at - 1 }
  expect(flawOf([...viewer, lent({ until: at - 1 }), late, restored(hour)])).toMatch(/was a viewer/)
})
test.each<[string, Written]>([
  ['the person', { ...gone('ada'), at: at + 2 }],
  ['the key', { ...gone('ada'), at: at + 2, body: { name: 'ada', passkey: ada.id } }],
])(
  'what takes an hour and was signed in time holds, also where %s is removed meanwhile',
  (_, gone) => {
    expect(flawOf([...viewer, lent(), gone, restored(hour)])).toBeNull()
    expect(flawOf([...viewer, lent(), { ...gone, at: at - 1 }, restored(hour)])).toMatch(/removed/)
  },
)

test('a voice that was lent mints nothing', () => {
  const minted = entryOf('minted', 'grant_1', ['mint', 'agent:a', {}], { for: 'bea' })
  expect(flawOf([...viewer, lent(), minted])).toMatch(/was a viewer/)
})

const mint: Json = ['mint', 'agent:a', {}]
const signedFor = (what: Json): Bends => ({
  statement: { what, digest: digest(what), shown: null },
})
function entryOf(kind: string, subject: string, what: Json, more: JsonObject = {}): Written {
  const evidence = toJson(evidenceOf(ada, signedFor(what)))
  return { kind, at, subject, body: { by: 'ada', factor: 'passkey', evidence, ...more } }
}

/** Lent by a passkey's word, over the names; whose seats they are only the entry says. */
const lentBy = (who: string, device: Authenticator, change: JsonObject = {}): Written => {
  const what: Json = ['delegate', 'bea', 'ada', at + 1000]
  const evidence = toJson(evidenceOf(device, { ...signedFor(what), who }))
  const told = lent({ to: 'ada', by: who, factor: 'passkey', evidence, ...change })
  return told
}
const cid = openAuthenticator()
const three = [enrolled('bea', bea, 'approver'), enrolled('ada', ada, 'viewer')]
test.each<[string, readonly Written[], RegExp | null]>([
  ['its owner', [...three, lentBy('bea', bea)], null],
  ['an admin', [...three, enrolled('cid', cid), lentBy('cid', cid)], null],
  [
    'another approver',
    [...three, enrolled('cid', cid, 'approver'), lentBy('cid', cid)],
    /takes its owner’s word, or an admin’s/,
  ],
  [
    'its owner, to another seat than the one that is named',
    [...three, enrolled('eve', cid, 'viewer'), lentBy('bea', bea, { standIn: 'approver_eve' })],
    /is between others than it names/,
  ],
  [
    'its owner, from another seat',
    [...three, enrolled('eve', cid), lentBy('bea', bea, { lender: 'approver_eve' })],
    /is between others than it names/,
  ],
])('a voice that is lent by %s', (_, entries, why) => {
  const flaw = flawOf(entries)
  if (why === null) expect(flaw).toBeNull()
  else expect(flaw).toMatch(why)
})

test.each<[string, readonly Written[], RegExp]>([
  [
    'for another hold',
    [...before, held('hold_2', 'sha256:e'), { ...approved(ada), subject: 'hold_2' }],
    /another action than the hold/,
  ],
  ['for no hold', [enrolled('ada', ada), approved(ada)], /another action than the hold/],
  ['a second time', [...before, approved(ada), approved(ada)], /used already, in entry 2/],
  ['after its time', [...before, { ...approved(ada), at: at + 400_000 }], /over by then/],
  [
    'by a key that was enrolled later',
    [held('hold_1', 'sha256:d'), approved(ada), enrolled('ada', ada)],
    /not enrolled by then/,
  ],
  [
    'by a key that was removed',
    [
      ...before,
      { kind: 'removed', at, subject: 'approver_ada', body: { name: 'ada', passkey: ada.id } },
      approved(ada),
    ],
    /was removed/,
  ],
  [
    'by a person who was removed',
    [
      ...before,
      { kind: 'removed', at, subject: 'approver_ada', body: { name: 'ada' } },
      approved(ada),
    ],
    /was removed/,
  ],
  ["by another's key", [...before, enrolled('bea', bea), approved(bea)], /not one of `ada`/],
  [
    'by a viewer',
    [enrolled('ada', ada, 'viewer'), held('hold_1', 'sha256:d'), approved(ada)],
    /viewer/,
  ],
  ['by nobody verified', [...before, approved(ada, { bent: { flags: 0x01 } })], /not verified/],
  [
    'from another page',
    [...before, approved(ada, { bent: { origin: 'http://localhost:1' } })],
    /another page/,
  ],
  [
    'from another site',
    [...before, approved(ada, { bent: { rpId: 'evil.example' } })],
    /another site/,
  ],
  [
    'that is only claimed',
    [...before, { ...good, body: { ...good.body, evidence: {} } }],
    /not there/,
  ],
  [
    'for another act',
    [enrolled('ada', ada), entryOf('resumed', 'all', mint)],
    /another thing than the entry/,
  ],
  [
    'to resume another',
    [enrolled('ada', ada), entryOf('resumed', 'all', ['resume', 'agent:a'])],
    /another thing/,
  ],
  [
    'of a kind that takes none',
    [enrolled('ada', ada), entryOf('halted', 'all', mint)],
    /another thing/,
  ],
])('a word %s is named', (_, entries, why) => expect(flawOf(entries)).toMatch(why))

test.each<[string, Written]>([
  ['mint', entryOf('minted', 'grant_1', mint)],
  ['resume', entryOf('resumed', 'all', ['resume', 'all'])],
  ['accept', entryOf('accepted', 'power', ['accept', 'sha256:p'])],
  ['custody', entryOf('custody', 'railway', ['custody', 'railway'])],
  ['rotate', entryOf('custody', 'railway', ['custody-rotate', 'railway'])],
  ['settle', entryOf('outcome', 'hold_1', ['settle', 'hold_1', true], { ok: true })],
  [
    'invite',
    entryOf('invited', 'bea', ['invite', 'bea', 'viewer'], { name: 'bea', role: 'viewer' }),
  ],
])('a word to %s holds, once', (_, entry) => {
  expect(flawOf([enrolled('ada', ada), entry])).toBeNull()
  expect(flawOf([enrolled('ada', ada), entry, entry])).toMatch(/used already/)
})

/** By a one-time code of a step, which names no key. */
const coded = (change: JsonObject = {}, kind = 'approved', minutes = 0): Written => {
  const evidence = { step: Math.floor(at / 30_000) + 2 * minutes, digest: 'sha256:d' }
  const said = { digest: 'sha256:d', approver: 'ada', factor: 'totp', evidence }
  return { kind, at, subject: 'hold_1', body: { ...said, ...change } }
}
test.each<[string, readonly Written[], RegExp | null]>([
  ['of who was enrolled', [...before, coded()], null],
  ['of nobody', [...before, coded({ approver: 'eve' })], /nobody `eve` was enrolled/],
  ['of who was removed', [...before, gone('ada'), coded()], /nobody `ada` .* removed/],
  ['of one who came back', [...before, gone('ada'), enrolled('ada', bea), coded()], null],
  ['for another action', [...before, coded({ digest: 'sha256:e' })], /for another action/],
  ['without its step', [...before, coded({ evidence: {} })], /cannot be read/],
  ['of a viewer', [...viewer, coded()], /was a viewer/],
  ['in a place that was lent', [...viewer, lent(), coded({ for: 'bea' })], null],
  ['in a place that nobody lent', [...viewer, coded({ for: 'bea' })], /was a viewer/],
  ['in another’s place', [...viewer, lent(), coded({ for: 'eve' })], /was a viewer/],
  ['in a place taken back', [...viewer, lent(), back, coded({ for: 'bea' })], /was a viewer/],
  ['with a voice of one’s own', [...before, coded({ for: 'bea' })], /in nobody’s place/],
  [
    'given in time for what took long',
    [...viewer, lent(), { ...back, at: at + 1 }, coded({ for: 'bea' }, 'outcome')],
    null,
  ],
  [
    'given after the end',
    [...viewer, lent(), { ...back, at: at + 1 }, coded({ for: 'bea' }, 'outcome', 5)],
    /was a viewer/,
  ],
])('tamper-shows: a code %s', (_, entries, why) => {
  const flaw = flawOf(entries)
  if (why === null) expect(flaw).toBeNull()
  else expect(flaw).toMatch(why)
})
