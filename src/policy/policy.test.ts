import { readFileSync } from 'node:fs'
import {
  isAuthorized,
  statefulIsAuthorized,
  preparsePolicySet,
} from '@cedar-policy/cedar-wasm/nodejs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { destroyKinds, effects } from '../core/effect.ts'
import type { Decision, Policy, Question } from '../guard/ports.ts'
import { openPolicy } from './decide.ts'
import { factsKey, requestOf, unfit } from './facts.ts'
import { plainQuestion } from './probe.ts'
import type { PolicyText, SetName } from './texts.ts'

const read = (name: string): string =>
  readFileSync(new URL(`./defaults/${name}`, import.meta.url), 'utf8')
const schema = read('schema.cedarschema')
const defaults: readonly PolicyText[] = [
  { set: 'guard', file: 'guard.cedar', text: read('guard.cedar') },
  { set: 'hold', file: 'hold.cedar', text: read('hold.cedar') },
]
const duration = (text: string): number => Number(text.slice(0, -1)) * 3_600_000
const open = (...more: readonly PolicyText[]): Policy =>
  openPolicy({ schema, texts: [...defaults, ...more], duration })
const mine = (set: SetName, text: string): PolicyText => ({ set, file: `mine.${set}.cedar`, text })
const policy = open()

const said = (given: Partial<Question>, by: Pick<Policy, 'decide'> = policy): string => {
  const { verdict } = by.decide({ ...plainQuestion, ...given })
  return [verdict.kind, ...verdict.findings.map(({ rule }) => rule)].join(', ')
}

const forbids =
  '@id("no-domains") @message("no") forbid (principal, action, resource) when { context.operation == "x" };'

test('a user adds a denial or a hold, with more people, a grace and a recovery point', () => {
  const x = { operation: 'x' }
  expect(said(x, open(mine('guard', forbids)))).toBe('deny, no-domains')
  expect(said(x, open(mine('hold', forbids)))).toBe('hold, no-domains')
  expect(said({ operation: 'y' }, open(mine('hold', forbids)))).toBe('allow')
  const terms = forbids.replace(
    'forbid',
    '@approvals("3") @grace("2h") @recovery("required") forbid',
  )
  expect(open(mine('hold', terms)).decide({ ...plainQuestion, ...x })).toMatchObject({
    verdict: { kind: 'hold', findings: [{ rule: 'no-domains', message: 'no' }] },
    policies: ['admit', 'no-domains', 'run-ordinary'],
    approvals: 3,
    graceMs: 7_200_000,
    needsRecoveryPoint: true,
  })
})

test('a principal and a target are matched by their names', () => {
  const one = open(
    mine(
      'guard',
      '@id("ci") @message("no") forbid (principal == Service::"service:ci", action, resource == Target::"shop");',
    ),
  )
  expect(said({ principal: 'service:ci', target: 'shop' }, one)).toBe('deny, ci')
  expect(said({ principal: 'agent:ci', target: 'shop' }, one)).toBe('allow')
  expect(said({ principal: 'service:ci', target: 'other' }, one)).toBe('allow')
})

const loosening = (rule: string, when: string): PolicyText =>
  mine(
    'loosen',
    `@id("dev") @message("a sandbox") @loosens("${rule}") permit (principal, action, resource) when { ${when} };`,
  )

test('a loosening takes one hold away, where it matches, and each such request says so', () => {
  const loose = open(loosening('hold-expose', 'context.operation == "x"'))
  const x = { effect: 'expose', operation: 'x' } as const
  expect(said(x, loose)).toBe('allow, dev')
  expect(loose.decide({ ...plainQuestion, ...x }).verdict.findings[0]?.message).toBe(
    '`hold-expose` is loosened: a sandbox',
  )
  expect(said({ ...x, operation: 'y' }, loose)).toBe('hold, hold-expose')
  expect(said({ operation: 'x' }, loose)).toBe('allow')
})

test('a loosening takes the person away, not the recovery point, and no other hold', () => {
  const loose = open(loosening('hold-data', 'true'))
  const data = { ...plainQuestion, effect: 'destroy', kinds: ['data'] } as const
  expect(loose.decide(data)).toMatchObject({
    verdict: { kind: 'allow' },
    graceMs: 0,
    needsRecoveryPoint: true,
  })
  const both: Question = { ...data, kinds: ['data', 'key'] }
  expect(said(both, loose)).toBe('hold, hold-key, dev')
  expect(loose.decide(both).needsRecoveryPoint).toBe(true)
})

test('a loosening takes no denial and no hold of the user’s own away', () => {
  const loosen = loosening('hold-expose', 'true')
  const x = { effect: 'expose', operation: 'x' } as const
  expect(said(x, open(loosen, mine('guard', forbids)))).toBe('deny, no-domains')
  expect(said(x, open(loosen, mine('hold', forbids)))).toBe('hold, no-domains, dev')
  expect(said({ ...x, lifeline: true }, open(loosen))).toBe('deny, lifeline')
})

test('broken-is-closed: Cedar itself skips a forbid that errs and permits; here that denies', () => {
  const sum = 'context.bytes + 9223372036854775807 > 0'
  const overflow = `@id("sum") @message("m") forbid (principal, action, resource) when { context.operation == "big" && ${sum} };`
  preparsePolicySet('trap', {
    staticPolicies: { a: 'permit (principal, action, resource);', sum: overflow },
  })
  const given = { ...plainQuestion, operation: 'big', bytes: 1 }
  const raw = statefulIsAuthorized({
    ...requestOf(given),
    preparsedPolicySetId: 'trap',
    entities: [],
  })
  expect(raw).toMatchObject({
    response: { decision: 'allow', diagnostics: { errors: [{ policyId: 'sum' }] } },
  })
  for (const set of ['guard', 'hold'] as const) {
    const erring = open(mine(set, overflow))
    expect(said(given, erring)).toBe('deny, policy-error')
    expect(erring.decide(given).verdict.findings[0]?.message).toContain(
      '`sum` failed: integer overflow',
    )
    expect(said({ ...given, operation: 'small' }, erring)).toBe('allow')
  }
  const loose = overflow.replace('forbid', 'permit').replace('@id', '@loosens("hold-key") @id')
  const exposing = { ...given, effect: 'expose' } as const
  expect(said(exposing, open(mine('loosen', loose)))).toBe('deny, policy-error')
})

const cyclic: { self?: unknown } = {}
cyclic.self = cyclic

test.each<[string, object]>([
  ['a number that is none', { bytes: Number.NaN }],
  ['half a row', { rows: 0.5 }],
  ['fewer rows than unknown', { rows: -2 }],
  ['more bytes than there are', { bytes: Number.POSITIVE_INFINITY }],
  ['more bytes than a number can tell apart', { bytes: 2 ** 53 }],
  ['less than no backup', { backupsLeft: -1 }],
  ['a missing number', { backupsLeft: undefined }],
  ['a missing flag', { protected: undefined }],
  ['a missing lifeline', { lifeline: undefined }],
  ['a text for a flag', { protected: 'false' }],
  ['an effect that is none', { effect: 'browse' }],
  ['a kind that is none', { effect: 'destroy', kinds: ['furniture'] }],
  ['a text for the kinds', { effect: 'destroy', kinds: 'outage' }],
  ['no environments at all', { environments: null }],
  ['a name that is half a character', { operation: '\ud800' }],
  ['an environment that is half a character', { environments: ['\udfff'] }],
  ['a bigint', { rows: 1n }],
  ['a circle', { environments: [cyclic] }],
])('broken-is-closed: %s denies, and does not throw', (_, given) => {
  const question: Question = Object.assign({}, plainQuestion, given)
  expect(said(question)).toBe('deny, policy-error')
  expect(said(question)).toBe('deny, policy-error')
})

test('a question asked twice has the very same decision; another fact has its own', () => {
  const given = { ...plainQuestion, operation: 'kept' }
  expect(policy.decide(given)).toBe(policy.decide({ ...given }))
  expect(policy.decide({ ...given, rows: 101, effect: 'write' }).verdict.kind).toBe('hold')
  expect(policy.decide({ ...given, rows: 100, effect: 'write' }).verdict.kind).toBe('allow')
})

test('facts too long to keep are decided all the same', () => {
  const long = { ...plainQuestion, operation: 'x'.repeat(100_000) }
  expect(policy.decide(long)).not.toBe(policy.decide(long))
  expect(policy.decide(long)).toEqual(policy.decide(long))
})

const anyText = fc.oneof(fc.constantFrom('x', 'y', 'agent:a', 'railway', 'postgres'), fc.string())
const anyQuestion: fc.Arbitrary<Question> = fc.record({
  principal: fc.oneof(
    anyText,
    anyText.map((name) => `person:${name}`),
  ),
  target: anyText,
  platform: anyText,
  operation: anyText,
  effect: fc.constantFrom(...effects),
  kinds: fc.subarray([...destroyKinds]),
  environments: fc.array(anyText, { maxLength: 3 }),
  protected: fc.boolean(),
  radiusKnown: fc.boolean(),
  lifeline: fc.boolean(),
  bytes: fc.maxSafeNat(),
  rows: fc.oneof(fc.constant(-1), fc.nat(200)),
  backupsLost: fc.nat(3),
  backupsLeft: fc.nat(3),
})

const strictness = ['allow', 'hold', 'deny']
const lax = (decision: Decision): readonly number[] => [
  strictness.indexOf(decision.verdict.kind),
  decision.approvals,
  decision.graceMs,
  Number(decision.needsRecoveryPoint),
]
const conditions = [
  'true',
  'context.operation == "x"',
  'context.kinds.contains(Kind::"data")',
  '!context.protected',
  'context.rows > 50 || context.bytes < 10',
]
const more = conditions.flatMap((when) => {
  const plain = `@id("u") @message("m") forbid (principal, action, resource) when { ${when} };`
  const terms = plain.replace('forbid', '@approvals("4") @grace("9h") @recovery("required") forbid')
  return [mine('guard', plain), mine('hold', plain), mine('hold', terms)]
})

test('no denial and no hold of the user’s makes any part of a decision laxer', () => {
  const stricter = more.map((text) => open(text))
  fc.assert(
    fc.property(fc.constantFrom(...stricter), anyQuestion, (other, question) => {
      const before = lax(policy.decide(question))
      const after = lax(other.decide(question))
      after.forEach((part, index) => expect(part).toBeGreaterThanOrEqual(before[index] ?? 0))
    }),
    { numRuns: 300 },
  )
})

test('a loosening makes laxer only what it names: no denial, no fixed hold, no recovery point', () => {
  const loose = open(loosening('hold-data', 'true'))
  fc.assert(
    fc.property(anyQuestion, (question) => {
      const before = policy.decide(question)
      const after = loose.decide(question)
      expect(after.needsRecoveryPoint).toBe(before.needsRecoveryPoint)
      const other = before.verdict.findings.some(({ rule }) => rule !== 'hold-data')
      if (other || before.verdict.kind !== 'hold')
        expect(after.verdict.kind).toBe(before.verdict.kind)
    }),
    { numRuns: 200 },
  )
})

test('what is destroyed, exposed or unread and is not known in full never runs without a person', () => {
  fc.assert(
    fc.property(anyQuestion, (question) => {
      const kind = policy.decide({ ...question, radiusKnown: false, protected: false }).verdict.kind
      const outage = question.kinds.length === 1 && question.kinds[0] === 'outage'
      const grave = !['read', 'write'].includes(question.effect)
      if (grave && !(outage && question.effect === 'destroy')) expect(kind).not.toBe('allow')
    }),
    { numRuns: 100 },
  )
})

test('facts that are fit meet the schema, so asking need not validate each time', () => {
  fc.assert(
    fc.property(anyQuestion, (question) => {
      expect(unfit(question)).toBeNull()
      const answer = isAuthorized({
        ...requestOf(question),
        schema,
        validateRequest: true,
        policies: { staticPolicies: { a: 'permit (principal, action, resource);' } },
        entities: [],
      })
      expect(answer).toMatchObject({ type: 'success', response: { decision: 'allow' } })
    }),
    { numRuns: 60 },
  )
})

test('own-key: two questions have one key only where all their facts are the same', () => {
  fc.assert(
    fc.property(anyQuestion, anyQuestion, (a, b) => {
      expect(factsKey(a) === factsKey(b)).toBe(
        JSON.stringify(requestKey(a)) === JSON.stringify(requestKey(b)),
      )
    }),
  )
  const [split, joined] = [['a","b'], ['a', 'b']].map((environments) =>
    factsKey({ ...plainQuestion, environments }),
  )
  expect(split).not.toBe(joined)
})

test('the digest is that of the texts: a comment changes it, the order of files does not', () => {
  const [a, b] = [mine('guard', forbids), { ...mine('hold', '// nothing'), file: 'a.hold.cedar' }]
  expect(open(a, b).set).toBe(open(b, a).set)
  expect(open(a, b).set).not.toBe(open(a).set)
  expect(policy.set).toMatch(/^sha256:[0-9a-f]{64}$/)
  expect(policy.decide(plainQuestion).set).toBe(policy.set)
})

function requestKey(question: Question): unknown {
  return Object.keys(question)
    .toSorted()
    .map((key) => Object.entries(question).find(([name]) => name === key))
}
