import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { destroyKinds, effects } from '../core/effect.ts'
import type { Policy, Question } from '../guard/ports.ts'
import { openPolicy } from './decide.ts'
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
const mine = (set: SetName, text: string): PolicyText => ({ set, file: 'mine.cedar', text })
const policy = open()

const base: Question = {
  principal: 'agent:a',
  target: 'railway',
  platform: 'railway',
  operation: 'x',
  effect: 'destroy',
  kinds: ['data'],
  environments: ['production'],
  protected: true,
  radiusKnown: true,
  lifeline: false,
  bytes: 1,
  rows: -1,
  backupsLost: 0,
  backupsLeft: 1,
}
const said = (question: Partial<Question>, by = policy): string => {
  const { verdict, approvals, graceMs, needsRecoveryPoint } = by.decide({ ...base, ...question })
  return [
    verdict.kind,
    ...verdict.findings.map(({ rule }) => rule),
    approvals > 1 ? `${approvals} persons` : '',
    graceMs > 0 ? `grace ${graceMs / 3_600_000} h` : '',
    needsRecoveryPoint ? 'recovery point' : '',
  ]
    .filter((part) => part !== '')
    .join(', ')
}

test.each<[Partial<Question>, string]>([
  [{ effect: 'read', kinds: [] }, 'allow'],
  [{ effect: 'write', kinds: [] }, 'allow'],
  [{ effect: 'write', kinds: [], radiusKnown: false }, 'allow'],
  [{ effect: 'expose', kinds: [] }, 'hold, hold-expose'],
  [{ effect: 'expose', kinds: [], protected: false }, 'hold, hold-expose'],
  [{ effect: 'unread', kinds: [] }, 'hold, hold-unread'],
  [{ effect: 'unread', kinds: [], protected: false }, 'hold, hold-unread'],
  [{ kinds: ['data'] }, 'hold, hold-data, grace 48 h, recovery point'],
  [{ kinds: ['container'] }, 'hold, hold-container, grace 48 h, recovery point'],
  [{ kinds: ['overwrite'] }, 'hold, hold-overwrite, recovery point'],
  [{ kinds: ['backup'] }, 'hold, hold-backup'],
  [{ kinds: ['backup'], backupsLeft: 0 }, 'deny, last-way-back'],
  [{ kinds: ['backup'], backupsLeft: 0, radiusKnown: false }, 'hold, hold-backup'],
  [
    { kinds: ['data', 'backup'], backupsLeft: 0 },
    'hold, hold-data, hold-backup, grace 48 h, recovery point',
  ],
  [{ kinds: ['guard'] }, 'hold, hold-guard'],
  [{ kinds: ['key'] }, 'hold, hold-key'],
  [{ kinds: ['exec'] }, 'hold, hold-exec'],
  [{ kinds: ['account'] }, 'hold, hold-account, 2 persons'],
  [{ kinds: ['account'], protected: false }, 'hold, hold-account, 2 persons'],
  [{ kinds: ['name'] }, 'hold, hold-name'],
  [{ kinds: ['outage'] }, 'allow, outage'],
  [{ kinds: ['outage'], protected: false }, 'allow'],
  [{ kinds: ['data'], protected: false }, 'allow, recovery point'],
  [{ kinds: ['backup'], protected: false }, 'allow'],
  [{ kinds: [] }, 'hold, hold-unnamed-kind'],
  [{ effect: 'write', kinds: [], lifeline: true }, 'deny, lifeline'],
  [{ effect: 'read', kinds: [], lifeline: true }, 'allow'],
])('the default policy: %j → %s', (question, expected) => expect(said(question)).toBe(expected))

const forbids =
  '@id("no-domains") @message("no") forbid (principal, action, resource) when { context.operation == "x" };'

test('a user adds a denial or a hold, and loosens a hold only by naming it', () => {
  expect(said({ effect: 'read', kinds: [] }, open(mine('guard', forbids)))).toBe('deny, no-domains')
  expect(said({ effect: 'read', kinds: [] }, open(mine('hold', forbids)))).toBe('hold, no-domains')
  const loosen =
    '@id("dev-secrets") @message("ok") @loosens("hold-expose") permit (principal, action, resource) when { !context.protected };'
  const loose = open(mine('loosen', loosen))
  expect(said({ effect: 'expose', kinds: [], protected: false }, loose)).toBe('allow, dev-secrets')
  expect(said({ effect: 'expose', kinds: [] }, loose)).toBe('hold, hold-expose')
})

test.each<[string, SetName, string, RegExp]>([
  ['that does not parse', 'guard', 'forbid (principal;', /mine\.cedar: line 1/],
  ['without an id', 'guard', 'forbid (principal, action, resource);', /needs `@id`/],
  ['with the id of a default', 'guard', forbids.replace('no-domains', 'hold-data'), /used twice/],
  [
    'with an unknown annotation',
    'guard',
    forbids.replace('@message', '@severity("1") @message'),
    /`@severity`/,
  ],
  [
    'with a fact that is not there',
    'guard',
    forbids.replace('operation', 'operatoin'),
    /operatoin/,
  ],
  ['that permits', 'guard', forbids.replace('forbid', 'permit'), /every other rule is a forbid/],
  [
    'that loosens a denial',
    'loosen',
    '@id("a") @message("m") @loosens("lifeline") permit (principal, action, resource);',
    /no hold rule/,
  ],
  [
    'nested 500 deep',
    'guard',
    forbids.replace('context.operation == "x"', `${'('.repeat(500)}true${')'.repeat(500)}`),
    /nests deeper/,
  ],
  [
    'with 5,000 terms',
    'guard',
    forbids.replace('context.operation == "x"', Array(5000).fill('true').join(' && ')),
    /operators/,
  ],
  [
    'that negates 500 times',
    'guard',
    forbids.replace('context.operation == "x"', `${'!'.repeat(500)}true`),
    /negates/,
  ],
  ['of a megabyte', 'guard', `// ${'x'.repeat(1e6)}`, /longer than/],
])('a policy %s is refused and says why, and the next one still works', (_, set, text, why) => {
  expect(() => open(mine(set, text))).toThrow(
    expect.objectContaining({ code: 'bad_policy', message: expect.stringMatching(why) }),
  )
  expect(said({})).toMatch(/^hold/)
})

test('broken-is-closed: a forbid that errs denies, although Cedar itself would skip it', () => {
  const overflow =
    '@id("sum") @message("m") forbid (principal, action, resource) when { context.bytes + 9223372036854775807 > 0 };'
  expect(said({ effect: 'read', kinds: [] }, open(mine('guard', overflow)))).toBe(
    'deny, policy-error',
  )
})

test.each<[string, Partial<Question>]>([
  ['a number that is none', { bytes: Number.NaN }],
  ['half a row', { rows: 0.5 }],
  ['more bytes than there are', { bytes: Number.POSITIVE_INFINITY }],
])('broken-is-closed: %s denies', (_, question) =>
  expect(said({ effect: 'read', ...question })).toBe('deny, policy-error'),
)

const strictness = ['allow', 'hold', 'deny']
test('a user rule never makes a verdict laxer', () => {
  const stricter = [open(mine('guard', forbids)), open(mine('hold', forbids))]
  fc.assert(
    fc.property(
      fc.record({
        operation: fc.constantFrom('x', 'y'),
        effect: fc.constantFrom(...effects),
        kinds: fc.subarray([...destroyKinds]),
        protected: fc.boolean(),
        radiusKnown: fc.boolean(),
        lifeline: fc.boolean(),
        backupsLeft: fc.nat(2),
      }),
      (question) => {
        const before = strictness.indexOf(policy.decide({ ...base, ...question }).verdict.kind)
        for (const other of stricter)
          expect(
            strictness.indexOf(other.decide({ ...base, ...question }).verdict.kind),
          ).toBeGreaterThanOrEqual(before)
      },
    ),
    { numRuns: 60 },
  )
})

test('every default rule has a row in docs/policies.md, and no row is without its rule', () => {
  const text = readFileSync(new URL('../../docs/policies.md', import.meta.url), 'utf8')
  const rows = [...text.matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, id]) => id)
  expect(rows.toSorted(byText)).toEqual(
    openPolicy({ schema, texts: defaults, duration })
      .rules.map(({ id }) => id)
      .toSorted(byText),
  )
})

function byText(a: string | undefined, b: string | undefined): number {
  return (a ?? '').localeCompare(b ?? '')
}
