/** The graph of what credentials reach: outcome, sentence and findings, by tables. */
import { expect, test } from 'vitest'
import { graphOf } from './radius.ts'
import type { Held, Kept } from './radius.ts'
import { byOutcome, radiusFindings } from './radius-findings.ts'
import { isProduction, nounOf, sentenceOf } from './radius-words.ts'
import { silent } from './reach/reach.ts'
import type { Copy, Does, Power, Reach, Thing, Told } from './reach/reach.ts'

const thing = (
  id: string,
  environments: readonly string[],
  holds: Thing['holds'] = 'data',
): Thing => ({
  id,
  type: 'volume',
  name: id,
  environments,
  shared: null,
  holds,
})
const copy = (id: string, of: string, more: Partial<Copy> = {}): Copy => ({
  id,
  type: 'backup',
  name: id,
  of,
  environment: null,
  lies: 'inside',
  isImmutable: false,
  isTested: false,
  ...more,
})
const power = (does: Does, on: Power['on'] = 'all', operation = `${does}It`): Power => ({
  operation,
  does,
  on,
})
const told = (more: Partial<Told>): Told => ({
  kind: 'told',
  account: 'acme',
  who: 'the account',
  isBlanket: false,
  powers: [],
  things: [],
  copies: [],
  unknown: [],
  ...more,
})
const held = (reach: Reach, finding = 'token-1'): Held => ({
  finding,
  provider: 'acme',
  label: 'acme token',
  place: 'a.sh:1',
  reach,
})

const shop = {
  things: [thing('shop', ['staging', 'production'])],
  copies: ['one', 'two', 'three'].map((id) => copy(id, 'shop', { environment: 'production' })),
}
const apart = copy('far', 'shop', { lies: 'apart', environment: 'production' })
const beside = copy('near', 'shop', { lies: 'account' })

test.each<[string, Reach, string, string]>([
  [
    'the volume and the backups in it',
    told({ ...shop, powers: [power('destroys')] }),
    'A',
    'this token can delete production and its 3 backups, and staging too',
  ],
  [
    'a copy elsewhere stays',
    told({ ...shop, copies: [...shop.copies, apart], powers: [power('destroys')] }),
    'B',
    'this token can delete production and its 3 backups, and staging too; 1 copy would be left',
  ],
  [
    'a copy beside it goes with the account',
    told({ things: shop.things, copies: [beside], powers: [power('destroys')] }),
    'A',
    'this token can delete production and its 1 backup, and staging too',
  ],
  [
    'a copy beside it stays where only the thing can be deleted',
    told({ things: shop.things, copies: [beside], powers: [power('destroys', ['shop'])] }),
    'B',
    'this token can delete production, and staging too; 1 copy would be left',
  ],
  [
    'a copy under a lock stays',
    told({
      things: shop.things,
      copies: [{ ...beside, isImmutable: true }],
      powers: [power('destroys')],
    }),
    'B',
    'this token can delete production, and staging too; 1 copy would be left',
  ],
  [
    'nothing is known of a copy',
    told({ things: [thing('main', [])], powers: [power('destroys', ['main'])] }),
    'A',
    'this token can delete volume main; no backup of it is known',
  ],
  [
    'the backups alone: the data stays',
    told({ ...shop, powers: [power('destroys', ['one', 'two', 'three'])] }),
    'C',
    'this token can change or stop things, and deletes no data that is known',
  ],
  [
    'what comes back from code',
    told({ things: [thing('web', ['production'], 'rest')], powers: [power('destroys')] }),
    'C',
    'this token can change or stop things, and deletes no data that is known',
  ],
  [
    'keys alone',
    told({ powers: [power('mints')] }),
    'C',
    'this token can make keys, and deletes no data that is known',
  ],
  ['reads', told({ ...shop, powers: [power('reads')] }), 'D', 'this token can only read'],
  ['nothing', told({}), 'D', 'this token can do nothing that is known'],
])('%s', (_, reach, outcome, sentence) => {
  const graph = graphOf([held(reach)])
  expect(graph.nodes[0]).toMatchObject({ kind: 'credential', outcome, isKnown: true })
  expect(sentenceOf(graph, held(reach), 'token')).toBe(sentence)
})

test.each<[string, Reach, string]>([
  [
    'no answer',
    silent('no answer in 10 s'),
    'nobody could say what this token can do: count it as everything (no answer in 10 s)',
  ],
  [
    'half an answer',
    told({ powers: [power('reads')], unknown: ['its scopes'] }),
    'nobody could say all that this token can do: count it as everything (its scopes)',
  ],
])('%s counts as everything, and says so', (_, reach, sentence) => {
  const graph = graphOf([held(reach)])
  expect(graph.nodes[0]).toMatchObject({ outcome: 'A', isKnown: false })
  expect(sentenceOf(graph, held(reach), 'token')).toBe(sentence)
})

test('a dead one has no outcome and no finding, in history or not', () => {
  const dead = held({ kind: 'dead', why: 'acme refuses it' })
  const graph = graphOf([dead])
  expect(graph.nodes[0]).toMatchObject({ outcome: null })
  expect(sentenceOf(graph, dead, 'key')).toBe('this key is dead: acme refuses it')
  expect(radiusFindings(graph, [dead], new Set(['token-1']))).toEqual([])
})

test('what Firebreak keeps elsewhere makes an A a B', () => {
  const reach = told({ ...shop, powers: [power('destroys')] })
  const kept: Kept = { ...apart, account: 'acme', isTested: true, isImmutable: true }
  expect(graphOf([held(reach)], [kept]).nodes[0]).toMatchObject({ outcome: 'B' })
  const other = { ...kept, of: 'another' }
  expect(graphOf([held(reach)], [other]).nodes[0]).toMatchObject({ outcome: 'A' })
})

const rulesOf = (reach: Reach, kept: readonly Kept[] = []): readonly string[] => {
  const all = [held(reach)]
  return radiusFindings(graphOf(all, kept), all, new Set()).map(({ rule }) => rule)
}

test.each<[string, Reach, readonly string[]]>([
  [
    "the incident's account",
    told({ ...shop, isBlanket: true, powers: [power('destroys'), power('mints')] }),
    [
      'blanket-authority',
      'mints-keys',
      'shared-resource',
      'backup-inside',
      'no-immutable-copy',
      'no-tested-restore',
      'three-two-one',
    ],
  ],
  [
    'backups beside the thing',
    told({
      things: [thing('shop', ['production'])],
      copies: [beside],
      powers: [power('destroys')],
    }),
    [
      'backup-in-reach',
      'backup-same-account',
      'no-immutable-copy',
      'no-tested-restore',
      'three-two-one',
    ],
  ],
  ['no copy', told({ things: [thing('shop', [])] }), ['no-copy']],
  [
    'all is well',
    told({
      things: [thing('shop', ['production'])],
      copies: [beside, { ...apart, isImmutable: true, isTested: true }],
    }),
    [],
  ],
  [
    'staging is nobody’s sorrow where there is production',
    told({
      things: [thing('shop', ['production']), thing('toys', ['staging'])],
      copies: [beside, { ...apart, isImmutable: true, isTested: true }],
    }),
    [],
  ],
  ['what holds no data needs no copy', told({ things: [thing('web', [], 'rest')] }), []],
])('findings: %s', (_, reach, rules) => expect(rulesOf(reach)).toEqual(rules))

test('findings say what, name the credential and keep their subject', () => {
  const all = [held(told({ ...shop, isBlanket: true, powers: [power('destroys')] }))]
  const found = radiusFindings(graphOf(all), all, new Set(['token-1']))
  expect(found.map(({ message }) => message)).toEqual([
    'acme token: it may do all that the account may',
    'acme token: it stands in a commit, and works still',
    'volume shop has one id for staging and production: what is done by it to one is done to all',
    'production: its 3 backups lie in the very thing that they are of',
    'production: each of its 3 backups can be deleted at once',
    'production: nobody has tried to restore one of its 3 backups',
    'production: 4 copies with the original, in 1 place, 0 of them elsewhere',
  ])
  expect(found.map(({ outcome }) => outcome)).toEqual(found.map(() => 'A'))
  expect(found[2]).toMatchObject({ subject: 'resource:acme/shop', finding: null })
  expect(found[0]).toMatchObject({ subject: 'credential:token-1', finding: 'token-1' })
})

test('things of one id in several environments are told once, and each is lost in its own', () => {
  const shared = { id: 'vol', type: 'volume' }
  const things = ['production', 'staging'].map((name) => ({ ...thing(name, [name]), shared }))
  const all = [
    held(told({ things, powers: [power('destroys')] })),
    held(told({ things, powers: [power('destroys', ['staging'])] }), 'token-2'),
  ]
  const graph = graphOf(all)
  const found = radiusFindings(graph, all, new Set())
  expect(found.filter(({ rule }) => rule === 'shared-resource')).toMatchObject([
    { subject: 'resource:acme/vol', outcome: 'A' },
  ])
  expect(all.map((one) => sentenceOf(graph, one, 'token'))).toEqual([
    'this token can delete production, and staging too; no backup of it is known',
    'this token can delete staging; no backup of it is known',
  ])
})

test('two credentials of one account reach the same things; each edge stands once', () => {
  const reach = told({ ...shop, powers: [power('destroys')] })
  const graph = graphOf([held(reach), held(reach, 'token-2')])
  const kinds = graph.nodes.map(({ kind }) => kind)
  expect(kinds.filter((kind) => kind === 'credential')).toHaveLength(2)
  expect(kinds.filter((kind) => kind === 'resource')).toHaveLength(1)
  expect(kinds.filter((kind) => kind === 'backup')).toHaveLength(3)
  const edges = graph.edges.map(({ kind, from, to }) => `${kind} ${from} ${to}`)
  expect(new Set(edges).size).toBe(edges.length)
  const ids = new Set(graph.nodes.map(({ id }) => id))
  expect(graph.edges.filter(({ from, to }) => !ids.has(from) || !ids.has(to))).toEqual([])
})

const own = { ...thing('shop', ['shop/production']), isGlobal: true }
const narrow = told({
  account: 'acme project',
  things: [{ ...own, environments: ['production'] }],
  powers: [power('destroys', ['shop'])],
})

test.each<[string, readonly Reach[]]>([
  [
    'the narrow one first',
    [narrow, told({ things: [own, thing('toys', [])], powers: [power('reads')] })],
  ],
  [
    'the wide one first',
    [told({ things: [own, thing('toys', [])], powers: [power('reads')] }), narrow],
  ],
])('what has an id of the platform’s own is one thing for two accounts, %s', (_, reaches) => {
  const all = reaches.map((reach, at) => held(reach, `token-${at}`))
  const graph = graphOf(all)
  const of = (kind: string): readonly object[] => graph.nodes.filter((node) => node.kind === kind)
  expect(of('resource')).toMatchObject([
    { id: 'resource:acme/shop', account: 'acme', home: 'acme' },
    { id: 'resource:acme/toys' },
  ])
  // The account that told most of it names the place.
  expect(of('environment')).toMatchObject([{ label: 'shop/production' }])
  const outcomes = graph.nodes.flatMap((node) => (node.kind === 'credential' ? [node.outcome] : []))
  expect(new Set(outcomes)).toEqual(new Set(['A', 'D']))
})

test('`all` is what a credential told and what its account has, never what another account has', () => {
  const two = { ...thing('two', []), isGlobal: true }
  const wide = held(
    told({
      things: [own, two],
      copies: [copy('far', 'two', { lies: 'account' })],
      powers: [power('reads')],
    }),
  )
  const small = held(
    told({ account: 'other', things: [own], powers: [power('destroys')] }),
    'token-2',
  )
  const graph = graphOf([wide, small])
  expect(sentenceOf(graph, small, 'token')).toBe(
    'this token can delete shop/production; no backup of it is known',
  )
})

test('a copy of a thing that nobody told of hangs on nothing', () => {
  const reach = told({ things: [thing('shop', [])], copies: [copy('old', 'gone')] })
  const { nodes, edges } = graphOf([held(reach)])
  expect(nodes.filter(({ kind }) => kind === 'backup')).toEqual([])
  expect(edges).toEqual([])
})

test('together: two that each leave a copy, and none can do it alone', () => {
  const things = [thing('shop', ['production'])]
  const copies = [
    copy('near', 'shop', { lies: 'account' }),
    copy('far', 'shop', { lies: 'account' }),
  ]
  const some = (on: readonly string[], finding: string): Held => ({
    ...held(told({ things, copies, powers: [power('destroys', on)] }), finding),
    label: `acme token at ${finding}`,
  })
  const rulesOf2 = (...all: readonly Held[]): readonly object[] =>
    radiusFindings(graphOf(all), all, new Set()).filter(({ rule }) => rule === 'together')
  const [data, near, far] = [some(['shop'], 'a'), some(['near'], 'b'), some(['far', 'near'], 'c')]
  expect(rulesOf2(data, near, far)).toMatchObject([
    {
      subject: 'environment:acme/production',
      finding: null,
      outcome: 'A',
      message:
        'production: together these 2 can destroy it and all 2 backups of it: acme token at c and acme token at a',
      fix: expect.stringContaining('revoke one of them'),
    },
  ])
  // A copy that nobody reaches, or one credential that reaches all: no such finding.
  expect(rulesOf2(data, near)).toEqual([])
  expect(rulesOf2(data, near, some(['shop', 'near', 'far'], 'd'))).toEqual([])
  const dead = { ...far, reach: { kind: 'dead', why: 'refused' } as const }
  expect(rulesOf2(data, near, dead)).toEqual([])
  const locked = copies.map((one) => ({ ...one, isImmutable: true }))
  const kept = [data, far].map((one) => ({
    ...one,
    reach: one.reach.kind === 'told' ? { ...one.reach, copies: locked } : one.reach,
  }))
  expect(rulesOf2(...kept)).toEqual([])
})

test('of what nobody said whose it is, no credential reaches what another told', () => {
  const one = told({ account: null, things: [thing('live', [])], powers: [power('destroys')] })
  const other = told({ account: null, things: [thing('live', [])], powers: [power('reads')] })
  const { nodes } = graphOf([held(one), held(other, 'token-2')])
  expect(nodes.filter(({ kind }) => kind === 'resource')).toHaveLength(2)
  expect(nodes.slice(0, 2)).toMatchObject([{ outcome: 'A' }, { outcome: 'D' }])
})

test('known before unknown, A before D, the dead last', () => {
  const rows = [
    { outcome: null, isKnown: true },
    { outcome: 'D', isKnown: true },
    { outcome: 'A', isKnown: false },
    { outcome: 'B', isKnown: true },
    { outcome: 'A', isKnown: true },
  ] as const
  expect(rows.toSorted(byOutcome).map(({ outcome, isKnown }) => `${outcome} ${isKnown}`)).toEqual([
    'A true',
    'A false',
    'B true',
    'D true',
    'null true',
  ])
})

test.each([
  ['production', true],
  ['shop/production', true],
  ['prod-eu', true],
  ['Live', true],
  ['staging', false],
  ['reproduction', false],
  ['delivery', false],
])('%s goes by production: %j', (name, yes) => expect(isProduction(name)).toBe(yes))

test.each([
  ['postgres-url', 'password'],
  ['railway-token', 'token'],
  ['stripe-key', 'key'],
  ['aws-secret-key', 'key'],
])('%s is a %s', (rule, noun) => expect(nounOf(rule)).toBe(noun))

test('what a platform names cannot move the cursor', () => {
  const reach = told({
    things: [thing('a\u001b[2J', ['prod\u202e'])],
    powers: [power('destroys'), power('mints', [], 'Tokens\u001b[2J Write')],
  })
  const all = [held(reach)]
  const graph = graphOf(all)
  const said = [
    sentenceOf(graph, held(reach), 'token'),
    ...radiusFindings(graph, all, new Set()).map(({ message }) => message),
  ].join('\n')
  for (const hidden of ['\u001b', '\u202e']) expect(said).not.toContain(hidden)
})
