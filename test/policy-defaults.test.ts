/** The default policy as one table: PRODUCT.md's kinds, in every kind of environment, known and unknown. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parseDuration } from '../src/app/duration.ts'
import { destroyKinds } from '../src/core/effect.ts'
import type { DestroyKind, Effect } from '../src/core/effect.ts'
import type { Question } from '../src/guard/ports.ts'
import { openPolicy } from '../src/policy/decide.ts'
import { plainQuestion } from '../src/policy/probe.ts'
import { builtIn } from '../src/policy/rule.ts'

const root = new URL('..', import.meta.url)
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8')
const at = (name: string): string => read(`src/policy/defaults/${name}`)
const policy = openPolicy({
  schema: at('schema.cedarschema'),
  texts: [
    { set: 'guard', file: 'guard.cedar', text: at('guard.cedar') },
    { set: 'hold', file: 'hold.cedar', text: at('hold.cedar') },
  ],
  duration: parseDuration,
})

/** The whole decision on one line. */
function say(given: Partial<Question>): string {
  const decision = policy.decide({ ...plainQuestion, ...given })
  const { verdict, approvals, graceMs, needsRecoveryPoint } = decision
  return [
    [verdict.kind, ...verdict.findings.map(({ rule }) => rule)].join(' '),
    ...(approvals > 1 ? [`${approvals} people`] : []),
    ...(graceMs > 0 ? [`${graceMs / 3_600_000} h`] : []),
    ...(needsRecoveryPoint ? ['recovery point'] : []),
  ].join(', ')
}

type Row = readonly [inProtected: string, elsewhere: string, unknownRadius: string]
const recovery = 'recovery point'
const runs = `allow run-unprotected, ${recovery}`
const unknown = 'hold hold-radius-unknown'

const kinds: Readonly<Record<DestroyKind, Row>> = {
  data: [
    `hold hold-data, 48 h, ${recovery}`,
    runs,
    `hold hold-radius-unknown hold-data, 48 h, ${recovery}`,
  ],
  container: [
    `hold hold-container, 48 h, ${recovery}`,
    runs,
    `hold hold-radius-unknown hold-container, 48 h, ${recovery}`,
  ],
  overwrite: [`hold hold-overwrite, ${recovery}`, runs, `${unknown} hold-overwrite, ${recovery}`],
  backup: ['hold hold-backup', runs, `${unknown} hold-backup`],
  guard: ['hold hold-guard', runs, `${unknown} hold-guard`],
  key: ['hold hold-key', runs, `${unknown} hold-key`],
  exec: ['hold hold-exec', runs, `${unknown} hold-exec`],
  account: [
    'hold hold-account, 2 people',
    `hold hold-account, 2 people, ${recovery}`,
    `${unknown} hold-account, 2 people`,
  ],
  name: ['hold hold-name', runs, `${unknown} hold-name`],
  outage: ['allow outage', 'allow outage', 'allow outage'],
}

test.each(destroyKinds)('a destroy of kind %s', (kind) => {
  const given = { effect: 'destroy', kinds: [kind] } as const
  const unsure = { ...given, radiusKnown: false, environments: [], backupsLeft: 0 }
  expect([
    say({ ...given, protected: true }),
    say({ ...given, protected: false }),
    say({ ...unsure, protected: true }),
  ]).toEqual(kinds[kind])
  // Unknown counts as the widest, whatever else the question claims.
  expect(say({ ...unsure, protected: false })).toBe(kinds[kind][2])
  expect(say({ ...given, protected: false, environments: [] })).toBe(kinds[kind][0])
})

test.each<[Effect, Row]>([
  ['read', ['allow', 'allow', 'allow']],
  ['write', ['allow', 'allow', 'allow']],
  ['expose', ['hold hold-expose', 'hold hold-expose', 'hold hold-expose']],
  ['unread', ['hold hold-unread', 'hold hold-unread', 'hold hold-unread']],
  [
    'destroy',
    [
      'hold hold-unnamed-kind',
      'hold hold-unnamed-kind',
      `hold hold-unnamed-kind hold-radius-unknown`,
    ],
  ],
])('%s of no kind', (effect, row) => {
  expect([
    say({ effect, protected: true }),
    say({ effect, protected: false }),
    say({ effect, protected: true, radiusKnown: false, environments: [] }),
  ]).toEqual(row)
})

test.each<[string, Partial<Question>, string]>([
  ['the last way back is denied', { kinds: ['backup'], backupsLeft: 0 }, 'deny last-way-back'],
  [
    'the last way back of what nobody protects runs after a copy',
    { kinds: ['backup'], backupsLeft: 0, protected: false },
    runs,
  ],
  [
    'data that takes its last backup with it is held, since a recovery point must exist first',
    { kinds: ['data', 'backup'], backupsLost: 3, backupsLeft: 0 },
    `hold hold-data hold-backup, 48 h, ${recovery}`,
  ],
  [
    'a guard that goes with the last backup does not save it',
    { kinds: ['backup', 'guard'], backupsLeft: 0 },
    'deny last-way-back',
  ],
  [
    'SQL has no grace',
    { kinds: ['data'], platform: 'postgres' },
    `hold hold-data-sql, ${recovery}`,
  ],
  [
    'a dropped database has no grace',
    { kinds: ['container'], platform: 'postgres' },
    `hold hold-container-sql, ${recovery}`,
  ],
  ['an outage beside a loss is no mere outage', { kinds: ['outage', 'guard'] }, 'hold hold-guard'],
  [
    'an outage beside a loss, unprotected, runs after a copy',
    { kinds: ['outage', 'data'], protected: false },
    runs,
  ],
  ['a write of 100 rows is ordinary', { effect: 'write', kinds: [], rows: 100 }, 'allow'],
  ['a write of 101 rows is held', { effect: 'write', kinds: [], rows: 101 }, 'hold hold-rows'],
  [
    'a write of many rows where nothing is protected is ordinary',
    { effect: 'write', kinds: [], rows: 5000, protected: false },
    'allow',
  ],
  [
    'a write that claims a kind of loss is judged by nobody',
    { effect: 'write', kinds: ['data'] },
    'hold unjudged',
  ],
  ['a read that claims a kind of loss too', { effect: 'read', kinds: ['key'] }, 'hold unjudged'],
  ['Firebreak itself is read', { effect: 'read', kinds: [], lifeline: true }, 'allow'],
  [
    'Firebreak itself is not written',
    { effect: 'write', kinds: [], lifeline: true },
    'deny lifeline',
  ],
  [
    'Firebreak itself is not destroyed where nothing is protected',
    { kinds: ['data'], lifeline: true, protected: false },
    `deny lifeline, ${recovery}`,
  ],
  ['Firebreak itself is not stopped', { kinds: ['outage'], lifeline: true }, 'deny lifeline'],
])('%s', (_, given, line) => expect(say({ effect: 'destroy', ...given })).toBe(line))

test('every rule has one row in docs/policies.md, and no row is without its rule', () => {
  const rows = [...read('docs/policies.md').matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, id]) => id)
  expect(rows).toEqual([...policy.rules.map(({ id }) => id), ...builtIn])
})

test('the facts that docs/policies.md tells are those of a question', () => {
  const [, table = ''] = read('docs/policies.md').split('## The facts')
  const facts = [...table.matchAll(/^\| `context\.(\w+)` \|/gm)].map(([, name]) => name ?? '')
  const given = Object.keys(plainQuestion).filter(
    (name) => !['principal', 'target', 'effect'].includes(name),
  )
  expect(facts.toSorted()).toEqual(given.toSorted())
})
