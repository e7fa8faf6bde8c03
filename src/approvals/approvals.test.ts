import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { noRadius } from '../core/blast-radius.ts'
import { approvedDigest, sealApproval } from '../guard/approved.ts'
import type { Operation } from '../core/operation.ts'
import type { Seal, State, Tx } from '../guard/ports.ts'
import type { ApproverRow, HoldRow } from '../guard/rows.ts'
import { openSqlite } from '../store/sqlite.ts'
import { objection, shortOf, withApproval } from './approve.ts'
import { closeClasses, closedFinding, reopen } from './closed.ts'
import { approvers, begin, confirm, removeApprover } from './enrol.ts'
import { approverByName, prove } from './factor.ts'
import type { Factors, Proven } from './factor.ts'
import { openPasskeys } from './passkey-factor.ts'
import { openStatements } from './statements.ts'
import { openTotp } from './totp-factor.ts'
import { plain } from '../base/plain.ts'
import { confirmName, showHold } from './show.ts'
import { base32, codeAt, enrolmentUri, matchCode, matchPair, stepAt } from './totp.ts'

const rfcSecret = Buffer.from('12345678901234567890')

test.each<[number, string]>([
  [59, '94287082'],
  [1_111_111_109, '07081804'],
  [1_111_111_111, '14050471'],
  [1_234_567_890, '89005924'],
  [2_000_000_000, '69279037'],
  [20_000_000_000, '65353130'],
])('RFC 6238 appendix B: at %i s the code is %s', (seconds, code) => {
  expect(codeAt(rfcSecret, stepAt(seconds * 1000), 8)).toBe(code)
})

test('RFC 4648 §10: base 32', () => {
  expect(base32(Buffer.from('foobar'))).toBe('MZXW6YTBOI')
})

test('a code is good for one step either way, once, and never before the last one', () =>
  fc.assert(
    fc.property(
      fc.integer({ min: 3, max: 1e9 }),
      fc.integer({ min: -3, max: 3 }),
      (step, shift) => {
        const code = codeAt(rfcSecret, step + shift)
        const at = { now: step * 30_000, lastStep: 0 }
        const found = matchCode(rfcSecret, code, at)
        expect(found === step + shift).toBe(Math.abs(shift) <= 1)
        expect(matchCode(rfcSecret, code, { ...at, lastStep: step + 1 })).toBeNull()
      },
    ),
  ))

test('a clock at the very start of 1970 reads codes, and finds no step before the first', () => {
  const at = { now: 0, lastStep: -1 }
  expect(matchCode(rfcSecret, codeAt(rfcSecret, 0), at)).toBe(0)
  expect(matchCode(rfcSecret, codeAt(rfcSecret, 1), at)).toBe(1)
  expect(matchCode(rfcSecret, codeAt(rfcSecret, 2), at)).toBeNull()
})

// The seal is custody's; here its face is enough, since what is sealed is not what these tests are about.
const seal: Seal = {
  seal: (text, context) => `${context}#${text}`,
  open: (text) => text.slice(text.indexOf('#') + 1),
}
let state: State
let now = 1_700_000_000_000
const house = { seal, now: () => now, chance: (bytes: number) => new Uint8Array(bytes).fill(7) }
let factors: Factors
const codeNow = (): string => codeAt(new Uint8Array(20).fill(7), stepAt(now))
beforeEach(() => {
  state = openSqlite(':memory:')
  now = 1_700_000_000_000
  factors = {
    totp: openTotp(house),
    passkey: openPasskeys({ ...house, statements: openStatements(house.now, house.chance) }),
  }
})
afterEach(() => state.close())

const seat = async (tx: Tx, name: string | null): Promise<ApproverRow | null> =>
  name === null ? null : await approverByName(tx, name)

async function enrol(name: string, role: ApproverRow['role'], by: string | null): Promise<void> {
  now += 1
  await state.transact(async (tx) => {
    const begun = await begin(house, tx, { name, role, by: await seat(tx, by) })
    await confirm(house, tx, begun, codeNow())
  })
}

async function check(
  name: string,
  code: string,
  role: 'approver' | 'admin' = 'approver',
): Promise<string> {
  const result = await state.transact((tx) =>
    prove(factors, tx, { approver: name, code }, { digest: 'd', shown: null, role }),
  )
  return typeof result === 'string' ? result : 'proven'
}

test('approval-binds: one code proves one thing once', async () => {
  await enrol('ada', 'admin', null)
  now += 60_000
  expect(await check('ada', codeNow())).toBe('proven')
  expect(await check('ada', codeNow())).toMatch(/used already/)
})

test('approval-binds: once, also where somebody has set back in the state which was the last', async () => {
  await enrol('ada', 'admin', null)
  now += 60_000
  expect(await check('ada', codeNow())).toBe('proven')
  await state.transact(async (tx) => {
    for (const row of await approvers(tx)) await tx.put('approver', { ...row, lastStep: 0 })
  })
  expect(await check('ada', codeNow())).toMatch(/used already/)
})

test('the code that confirmed an enrolment approves nothing', async () => {
  await enrol('ada', 'admin', null)
  expect(await check('ada', codeNow())).toMatch(/used already/)
})

test('an enrolment that an admin began is not confirmed for whoever has their name since', async () => {
  await enrol('ada', 'admin', null)
  await enrol('cy', 'admin', 'ada')
  now += 1
  const bob = await state.transact(async (tx) =>
    begin(house, tx, { name: 'bob', role: 'approver', by: await seat(tx, 'ada') }),
  )
  await state.transact((tx) => removeApprover(tx, 'ada', now))
  const again = { ...house, chance: (bytes: number) => new Uint8Array(bytes).fill(9) }
  await state.transact(async (tx) => {
    const anew = await begin(again, tx, { name: 'ada', role: 'admin', by: await seat(tx, 'cy') })
    // In the same moment, as a clock tells that stands still: who it is counts, and not since when.
    await confirm(again, tx, anew, codeAt(new Uint8Array(20).fill(9), stepAt(now)))
  })
  await expect(state.transact((tx) => confirm(house, tx, bob, codeNow()))).rejects.toThrow(
    'is no admin any more',
  )
})

test('wrong codes are slowed down, from thirty seconds to an hour, and the right one must wait too', async () => {
  await enrol('ada', 'admin', null)
  now += 60_000
  for (const _ of [1, 2, 3, 4, 5]) expect(await check('ada', '000000')).toMatch(/wrong/)
  expect(await check('ada', codeNow())).toMatch(/wait 30 s/)
  now += 31_000
  expect(await check('ada', '000000')).toMatch(/wrong/)
  expect(await check('ada', codeNow())).toMatch(/wait 60 s/)
  now += 3_600_000
  expect(await check('ada', codeNow())).toBe('proven')
})

const nextCode = (): string => codeAt(new Uint8Array(20).fill(7), stepAt(now) + 1)
const rowOf = async (name: string): Promise<ApproverRow | undefined> =>
  (await state.transact(approvers)).find((row) => row.name === name)

test('hammering cannot take a yes away: two codes in a row pass a lock, once, and end it', async () => {
  await enrol('ada', 'admin', null)
  now += 90_000
  for (const _ of [1, 2, 3, 4, 5]) await check('ada', '000000')
  const locked = await rowOf('ada')
  for (const guess of ['000000', '111111 222222', '123456 123456', `${codeNow()} ${codeNow()}`])
    expect(await check('ada', guess)).toMatch(/wait 30 s, or give two codes in a row/)
  expect(await rowOf('ada')).toEqual(locked)
  const pair = `${codeNow()} ${nextCode()}`
  expect(await check('ada', pair)).toBe('proven')
  expect(await check('ada', pair)).toMatch(/used already/)
  expect(await rowOf('ada')).toMatchObject({ failures: 0, lockedUntil: 0 })
})

test('guesses spread over many approvers lock all of them, and an hour later none', async () => {
  const names = ['ada', 'bea', 'cid', 'dan', 'eve', 'fay', 'gus', 'hal']
  for (const name of names) await enrol(name, 'admin', name === 'ada' ? null : 'ada')
  now += 90_000
  for (const name of names.slice(1)) for (let n = 0; n < 4; n += 1) await check(name, '000000')
  expect(await check('bea', '000000')).toMatch(/wrong/)
  expect(await check('ada', '000000')).toMatch(/wrong/)
  expect(await check('ada', codeNow())).toMatch(/wait 3600 s/)
  expect(await check('ada', `${codeNow()} ${nextCode()}`)).toBe('proven')
  now += 3_600_000
  expect(await check('hal', codeNow())).toBe('proven')
})

test('a used code is refused and not counted, and a clock that was set back stretches no lock', async () => {
  await enrol('ada', 'admin', null)
  for (let n = 0; n < 9; n += 1) expect(await check('ada', codeNow())).toMatch(/used already/)
  expect(await rowOf('ada')).toMatchObject({ failures: 0 })
  for (let n = 0; n < 5; n += 1) await check('ada', '000000')
  now -= 86_400_000
  expect(await check('ada', '000000')).toMatch(/wait 3600 s/)
})

test('whoever throws inside the transaction takes the count back, which is why a refusal is a value', async () => {
  await enrol('ada', 'admin', null)
  const proof = { approver: 'ada', code: '000000' }
  const purpose = { digest: 'd', shown: null, role: 'approver' } as const
  const thrown = state.transact(async (tx) => {
    await prove(factors, tx, proof, purpose)
    throw new Error('too early')
  })
  await expect(thrown).rejects.toThrow('too early')
  expect(await rowOf('ada')).toMatchObject({ failures: 0 })
  await state.transact((tx) => prove(factors, tx, proof, purpose))
  expect(await rowOf('ada')).toMatchObject({ failures: 1 })
})

test.each([
  '',
  '12345',
  '1234567',
  '１２３４５６',
  '123 456',
  ' 000000',
  '0x1234',
  '-12345',
  '1e5000',
])('what is no code proves nothing: `%s`', async (code) => {
  await enrol('ada', 'admin', null)
  now += 60_000
  expect(await check('ada', code)).toMatch(/wrong/)
})

test('two codes in a row: in their order, neighbours, near now, and neither spent', () =>
  fc.assert(
    fc.property(
      fc.integer({ min: 10, max: 1e9 }),
      fc.integer({ min: -4, max: 4 }),
      fc.integer({ min: -2, max: 3 }),
      fc.integer({ min: -5, max: 5 }),
      (here, shift, gap, spent) => {
        const later = here + shift
        const codes = `${codeAt(rfcSecret, later - gap)} ${codeAt(rfcSecret, later)}`
        const at = { now: here * 30_000, lastStep: here + spent }
        const good = gap === 1 && Math.abs(shift) <= 1 && later - 1 > here + spent
        expect(matchPair(rfcSecret, codes, at)).toBe(good ? later : null)
      },
    ),
  ))

test('the URI that enrols an authenticator names issuer, algorithm, digits and step', () => {
  expect(enrolmentUri('ada', Buffer.from('12345678901234567890'))).toBe(
    'otpauth://totp/Firebreak%3Aada?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Firebreak&algorithm=SHA1&digits=6&period=30',
  )
})

test('the first approver is an admin, and is the first there ever was', async () => {
  const begun = (role: ApproverRow['role'], name: string) =>
    state.transact((tx) => begin(house, tx, { name, role, by: null }))
  await expect(begun('approver', 'eve')).rejects.toThrow(/first approver is an admin/)
  await enrol('ada', 'admin', null)
  await enrol('bea', 'admin', 'ada')
  const eve = await begun('admin', 'eve')
  await state.transact(async (tx) => {
    for (const each of await approvers(tx)) await tx.put('approver', { ...each, removedAt: now })
  })
  const late = state.transact((tx) => confirm(house, tx, eve, codeNow()))
  await expect(late).rejects.toThrow(/enrolled first/)
})

test('an enrolment that a removed admin began is not confirmed', async () => {
  await enrol('ada', 'admin', null)
  await enrol('bea', 'admin', 'ada')
  const eve = await state.transact(async (tx) =>
    begin(house, tx, { name: 'eve', role: 'admin', by: await seat(tx, 'bea') }),
  )
  await state.transact((tx) => removeApprover(tx, 'bea', now))
  const late = state.transact((tx) => confirm(house, tx, eve, codeNow()))
  await expect(late).rejects.toThrow(/no admin any more/)
})

test.each<[string, string, 'approver' | 'admin', RegExp]>([
  ['nobody of that name', 'eve', 'approver', /no approver `eve`/],
  ['a viewer', 'vic', 'approver', /is a viewer/],
  ['an approver where an admin is asked for', 'bob', 'admin', /takes an admin/],
])('%s proves nothing', async (_, name, role, why) => {
  await enrol('ada', 'admin', null)
  await enrol('vic', 'viewer', 'ada')
  await enrol('bob', 'approver', 'ada')
  now += 60_000
  expect(await check(name, codeNow(), role)).toMatch(why)
})

test('two first enrolments at once: the second to confirm is refused and says why', async () => {
  const started = await state.transact((tx) =>
    begin(house, tx, { name: 'eve', role: 'admin', by: null }),
  )
  await enrol('ada', 'admin', null)
  const late = state.transact((tx) => confirm(house, tx, started, codeNow()))
  await expect(late).rejects.toThrow(/somebody has enrolled first/)
})

test('the last admin stays', async () => {
  await enrol('ada', 'admin', null)
  await expect(state.transact((tx) => removeApprover(tx, 'ada', now))).rejects.toThrow(/last admin/)
  await enrol('bea', 'admin', 'ada')
  await state.transact((tx) => removeApprover(tx, 'ada', now))
  expect((await state.transact(approvers)).map(({ name }) => name)).toEqual(['bea'])
})

const operation: Operation = {
  name: 'volumeDelete',
  effect: 'destroy',
  kinds: ['data'],
  parameters: { volumeId: 'v1' },
  shown: { volumeId: 'v1' },
  selects: [],
  names: [{ target: 'railway', type: 'volume', id: 'v1' }],
  environments: ['env-p'],
  findings: [],
  alternatives: [],
}
const hold: HoldRow = {
  id: 'hold_1',
  digest: 'sha256:d',
  state: 'open',
  principal: {
    name: 'agent:cursor',
    root: 'g',
    hops: ['g'],
    chain: ['bob'],
    mintedBy: 'ada',
    scope: {
      targets: null,
      operations: [],
      environments: [],
      resources: [],
      expiresAt: 0,
      rows: null,
    },
  },
  action: {
    principal: 'agent:cursor',
    root: 'g',
    target: 'railway',
    key: null,
    operations: [operation],
  },
  sealed: '',
  radius: { ...noRadius, environments: ['env-p'] },
  findings: [],
  alternatives: [],
  reason: null,
  entry: 0,
  requestedAt: 0,
  expiresAt: 2e12,
  approvalsAsked: 1,
  approvalsNeeded: 2,
  approvals: [],
  graceMs: 60_000,
  needsRecoveryPoint: true,
  executesAt: null,
  recoveryPoints: [],
  settledAt: null,
  outcome: null,
  last: 0,
  closing: null,
}
const named = (name: string): HoldRow['principal'] => ({ ...hold.principal, name })
const signed = {
  approver: 'ada',
  factor: 'totp',
  at: 0,
  digest: 'sha256:d',
  shown: '',
  evidence: {},
} as const

test.each<[string, Partial<HoldRow>, string, RegExp | null]>([
  ['the person who minted the grant may', {}, 'ada', null],
  ['R16: the agent under its own name', {}, 'agent:cursor', /who asks never approves/],
  ['R16: the agent under its bare name', {}, 'cursor', /who asks never approves/],
  ['R16: the agent in other letters', {}, 'Cursor', /who asks never approves/],
  ['R16: somebody on its delegation chain', {}, 'bob', /who asks never approves/],
  ['R16: behind two kinds', { principal: named('agent:team:ada') }, 'ada', /never approves/],
  ['R16: in full-width letters', { principal: named('agent:ａｄａ') }, 'ada', /never approves/],
  ['R16: with an invisible letter', { principal: named('ad\u200ba') }, 'ada', /never approves/],
  ['R16: with a space at the end', { principal: named('ADA ') }, 'ada', /never approves/],
  ['another person whose name begins alike', { principal: named('agent:adam') }, 'ada', null],
  ['the same person twice', { approvals: [signed] }, 'ada', /another person must/],
  ['silence-refuses: after its time', { expiresAt: 1 }, 'ada', /has expired/],
  ['what is denied', { state: 'denied' }, 'ada', /is denied/],
  ['what was approved already', { state: 'scheduled' }, 'ada', /is scheduled/],
])('requester-never-approves: %s', (_, change, approver, why) => {
  const found = objection({ ...hold, ...change }, approver, { now, signers })
  expect(found ?? 'may').toMatch(why ?? /^may$/)
})

const provenBy = (name: string, digest = 'sha256:d'): Proven => ({
  kind: 'totp',
  digest,
  evidence: {},
  approver: {
    id: name,
    name,
    role: 'approver',
    totp: '',
    lastStep: 0,
    failures: 0,
    lockedUntil: 0,
    enrolledAt: 0,
    enrolledBy: null,
    removedAt: null,
  },
})

const signers = ['ada', 'bea', 'bob'].map((name) => ({ name, enrolledAt: now - 1 }))

test('two persons: who was removed after a yes counts no more, nor does another of that name', () => {
  const first = withApproval(hold, provenBy('ada'), { now, shown: 's', signers })
  const held = { ...hold, approvals: first.approvals }
  const gone = signers.filter(({ name }) => name !== 'ada')
  const anew = [...gone, { name: 'ada', enrolledAt: now + 1 }]
  for (const left of [gone, anew])
    expect(withApproval(held, provenBy('bea'), { now, shown: 's', signers: left }).enough).toBe(
      false,
    )
})

test('a yes counts as the voice in whose place it was given, not as those in whose place its giver stands since', () => {
  const asks = { ...hold, principal: { ...hold.principal, name: 'person:bob' } }
  const people = ['ada', 'bob'].map((name) => ({ name, enrolledAt: 0 }))
  const before = { name: 'otto', for: 'ada', enrolledAt: 0, until: now + 1 }
  const since = { name: 'otto', for: 'bob', enrolledAt: now + 2, until: now + 9 }
  const given = { ...provenBy('otto'), for: 'ada' }
  const first = withApproval(asks, given, { now, shown: 's', signers: [...people, before] })
  const held = { ...asks, approvals: first.approvals }
  const later = { now: now + 3, signers: [...people, before, since] }
  expect(shortOf(held, later)).toContain('2 must approve, and 1 can')
  const eve = { name: 'eve', enrolledAt: 0 }
  expect(shortOf(held, { ...later, signers: [...later.signers, eve] })).toBeNull()
})

test.each([
  ['as it was given', {}, true],
  ['flipped to a passkey', { factor: 'passkey' }, false],
  ['given in another’s place', { for: 'bob' }, false],
  ['given by another', { approver: 'bea' }, false],
  ['given at another time', { at: now + 1 }, false],
] as const)('an approval that was sealed counts as it was sealed: %s', (_, change, counts) => {
  const one = { ...hold, approvalsNeeded: 1 }
  const [given] = withApproval(one, provenBy('ada'), { now, shown: 's', signers }).approvals
  if (given === undefined) throw new Error('nothing was given')
  const row = { ...sealApproval(seal, one.id, given), ...change }
  for (const more of [{}, { factor: 'passkey' as const }]) {
    const digest = approvedDigest(seal, { ...one, ...more, approvals: [row] }, signers)
    expect(digest).toBe(counts && !('factor' in more) ? one.digest : null)
  }
})

test('two persons: the first is not enough, the second is', () => {
  const first = withApproval(hold, provenBy('ada'), { now, shown: 's', signers })
  expect(first.enough).toBe(false)
  const held = { ...hold, approvals: first.approvals }
  const second = withApproval(held, provenBy('bea'), { now, shown: 's', signers })
  expect(second.enough).toBe(true)
  expect(second.approvals.map(({ digest }) => digest)).toEqual(['sha256:d', 'sha256:d'])
})

test('approval-binds: a code that was given for something else approves nothing', () => {
  const elsewhere = provenBy('ada', 'sha256:other')
  const refused = expect.objectContaining({ code: 'factor_refused' })
  expect(() => withApproval(hold, elsewhere, { now, shown: 's', signers })).toThrow(refused)
  expect(() => withApproval(hold, provenBy('bob'), { now, shown: 's', signers })).toThrow(refused)
})

const other = {
  ...operation,
  parameters: { volumeId: 'v2' },
  names: [{ target: 'railway', type: 'volume', id: 'v2' }],
}
const detach: Operation = { ...operation, name: 'volumeInstanceUpdate', kinds: ['outage'] }
const domain: Operation = {
  ...operation,
  name: 'customDomainDelete',
  kinds: ['name'],
  names: [{ target: 'railway', type: 'domain', id: 'd' }],
}

test.each<[string, Operation, string, boolean]>([
  ['the same again', operation, 'agent:cursor', true],
  ['the same kind on another of its family', other, 'agent:cursor', true],
  ['another kind on the same thing (I24: the stronger form)', detach, 'agent:cursor', true],
  ['another kind on another family', domain, 'agent:cursor', false],
  ['another principal', operation, 'agent:other', false],
])('denial-closes: %s', async (_, op, who, closed) => {
  await state.transact((tx) => closeClasses(tx, hold, 'ada', now))
  const action = { ...hold.action, principal: who, operations: [op] }
  const found = await state.transact((tx) => closedFinding(tx, action, noRadius, now))
  expect(found !== null).toBe(closed)
  const later = await state.transact((tx) => closedFinding(tx, action, noRadius, now + 86_400_001))
  expect(later).toBeNull()
})

test('a reopened class asks again', async () => {
  const rows = await state.transact((tx) => closeClasses(tx, hold, 'ada', now))
  for (const row of rows) await state.transact((tx) => reopen(tx, row.id, now))
  expect(await state.transact((tx) => closedFinding(tx, hold.action, noRadius, now))).toBeNull()
})

test('what is shown comes from the stored action, and nothing in it can move the cursor or turn the text', () => {
  const nasty = '\u001b[2J\u202edeknil eb ot\nAPPROVED by ada\u0000'
  const shown = showHold(
    { ...hold, reason: nasty, principal: { ...hold.principal, name: nasty } },
    () => nasty,
  )
  expect(shown).not.toMatch(/[\p{Cf}]/u)
  expect(shown.split('\n').every((line) => !/\p{Cc}/u.test(line))).toBe(true)
  expect(shown.split('\n').some((line) => line.startsWith('APPROVED'))).toBe(false)
  expect(shown).toContain('volumeDelete {"volumeId":"v1"} on railway')
  expect(confirmName(hold)).toBe('volumeDelete')
})

test('nothing is left out of what is shown without a word', () => {
  const many = Array.from({ length: 40 }, (_, n) => ({ ...operation, name: `op${n}` }))
  const shown = showHold({ ...hold, action: { ...hold.action, operations: many } }, String)
  expect(shown).toContain('would run  … AND 10 LINES MORE THAN ARE SHOWN')
  const resources = Array.from({ length: 33 }, (_, n) => ({
    target: 'railway',
    type: 'volume',
    id: `v${n}`,
    name: 'x',
    environment: null,
    bytes: null,
    protects: null,
  }))
  expect(showHold({ ...hold, radius: { ...hold.radius, resources } }, String)).toContain(
    'would go   … AND 3 LINES MORE THAN ARE SHOWN',
  )
})

test('a long parameter does not push another out of sight, and what is masked stays so', () => {
  const shown = { a: 'x'.repeat(5000), volumeId: 'prod-volume', token: '[secret]' }
  const op = { ...operation, parameters: { ...shown, token: 'hunter22' }, shown }
  const text = showHold({ ...hold, action: { ...hold.action, operations: [op] } }, String)
  expect(text).toContain('volumeId = "prod-volume"')
  expect(text).toContain('parameters sha256:')
  expect(text).not.toContain('hunter22')
  expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThan(300)
})

test('the first of several is shown whole, like the others: chain, what is not known, recovery points', () => {
  const shown = showHold(
    {
      ...hold,
      principal: { ...hold.principal, chain: ['bob', 'team:cars'] },
      radius: { ...hold.radius, known: false, unknown: ['volumes cannot be asked', 'nor backups'] },
      recoveryPoints: ['point_first', 'point_second'],
    },
    String,
  )
  expect(shown).toContain('for bob for team:cars')
  expect(shown).toContain('UNKNOWN    volumes cannot be asked; nor backups')
  expect(shown).toContain('recovery points point_first, point_second')
})

test.each<[string, string, string]>([
  ['colour', '\u001b[31mred', '\\u{1b}[31mred'],
  ['a cleared screen in one byte', '\u009b2J', '\\u{9b}2J'],
  ['a link', '\u001b]8;;http://x\u0007y', '\\u{1b}]8;;http://x\\u{7}y'],
  ['a turned direction', 'a\u2066b', 'a\\u{2066}b'],
  ['a line of another kind', 'a\u2028b\u0085c', 'a\\u{2028}b\\u{85}c'],
  ['letters nobody sees', 'a\u3164\u200b\u00ad\u{e0041}b', 'a\\u{3164}\\u{200b}\\u{ad}\\u{e0041}b'],
  ['blank space up to the next line', `a${' '.repeat(90)}b`, 'a\\u{20}×90b'],
  ['other blanks', 'a\u00a0\u3000b', 'a\\u{a0}\\u{3000}b'],
  ['a tower of marks', `a${'\u0301'.repeat(3)}b`, 'a\\u{301}\\u{301}\\u{301}b'],
  ['half a letter', '\ud83d', '\\u{d83d}'],
  ['ordinary words in any script', 'naïve 数据库 🚗', 'naïve 数据库 🚗'],
])('what others wrote is shown as it is, %s as its code', (_, text, shown) => {
  expect(plain(text)).toBe(shown)
})

test('any text becomes one short line without control characters', () =>
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 500 }), (text) => {
      expect(plain(text)).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u)
      expect(plain(text).length).toBeLessThan(240)
    }),
  ))

test.each([
  [0, 'runs       at once when approved'],
  [60_000, 'runs       1 minute after the approval'],
  [90 * 60_000, 'runs       90 minutes after the approval'],
  [3_600_000, 'runs       1 hour after the approval'],
  [48 * 3_600_000, 'runs       48 hours after the approval'],
])('a grace of %s ms is said as a person would: %s', (graceMs, line) => {
  expect(showHold({ ...hold, graceMs }, String)).toContain(line)
})
