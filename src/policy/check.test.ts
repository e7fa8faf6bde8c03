import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { checkPolicies } from './check.ts'
import { openPolicy } from './decide.ts'
import type { PolicyHouse } from './check.ts'
import type { SetName } from './texts.ts'

const read = (name: string): string =>
  readFileSync(new URL(`./defaults/${name}`, import.meta.url), 'utf8')
const house = (
  set: SetName | null,
  text = '',
  schema = read('schema.cedarschema'),
): PolicyHouse => ({
  schema,
  texts: [
    ...(set === null ? [] : [{ set, file: `mine.${set}.cedar`, text }]),
    { set: 'hold', file: 'hold.cedar', text: read('hold.cedar') },
    { set: 'guard', file: 'guard.cedar', text: read('guard.cedar') },
  ],
  duration: (given) => (/^\d+h$/.test(given) ? Number(given.slice(0, -1)) * 3_600_000 : null),
})
const said = (set: SetName | null, text = '', approvers: number | null = null): readonly string[] =>
  checkPolicies(house(set, text), approvers).issues.map(
    ({ level, file, line, message }) => `${level} ${file}:${line} ${message}`,
  )

const scope = '(principal, action, resource)'
const named = '@id("a") @message("m")'

test('the defaults have no issue, and come first whatever the order of the files', () => {
  expect(said(null)).toEqual([])
  expect(checkPolicies(house(null)).rules[0]?.id).toBe('admit')
})

test.each<[string, SetName, string, string]>([
  [
    'that does not parse',
    'guard',
    `\n// é\nforbid ${scope}\nwhen { oops };`,
    '4 invalid variable: oops',
  ],
  ['without an id', 'guard', `@message("m") forbid ${scope};`, '1 a policy: needs `@id`'],
  ['without a message', 'hold', `@id("a") forbid ${scope};`, '1 `a`: needs `@message`'],
  [
    'with the id of a default',
    'guard',
    `@id("hold-data") @message("m") forbid ${scope};`,
    '1 `hold-data`: the id is used twice, first in hold.cedar:',
  ],
  [
    'with an id of Firebreak’s own',
    'guard',
    `@id("policy-error") @message("m") forbid ${scope};`,
    '1 `policy-error`: `policy-error` is an id of Firebreak',
  ],
  [
    'with an unknown annotation',
    'hold',
    `${named} @approvers("2") forbid ${scope};`,
    '1 `a`: `@approvers` is no annotation',
  ],
  [
    'that calls itself fixed',
    'hold',
    `${named} @fixed forbid ${scope};`,
    '1 `a`: `@fixed` is no annotation',
  ],
  [
    'that denies with a grace',
    'guard',
    `${named} @grace("2h") forbid ${scope};`,
    '1 `a`: `@grace` is no annotation',
  ],
  [
    'with no approver',
    'hold',
    `${named} @approvals("0") forbid ${scope};`,
    '1 `a`: `@approvals("0")` must be a number',
  ],
  [
    'with a grace that is no duration',
    'hold',
    `${named} @grace("2 days") forbid ${scope};`,
    '1 `a`: `@grace("2 days")` must be a duration',
  ],
  [
    'with a grace of years',
    'hold',
    `${named} @grace("9999h") forbid ${scope};`,
    '1 `a`: `@grace("9999h")` must be a duration',
  ],
  [
    'that holds for a cheap copy',
    'hold',
    `${named} @recovery("cheap") forbid ${scope};`,
    '1 `a`: `@recovery` of a forbid can only be `required`',
  ],
  [
    'with a message of two lines',
    'guard',
    `@id("a") @message("m\\nforged") forbid ${scope};`,
    '1 `a`: `@message("m?forged")` must be one line',
  ],
  [
    'with a message that runs backwards',
    'guard',
    `@id("a") @message("m\\u{202e}x") forbid ${scope};`,
    '1 `a`: `@message("m?x")` must be one line',
  ],
  ['that permits', 'guard', `${named} permit ${scope};`, '1 `a`: a permit takes nothing away here'],
  [
    'that permits what is held',
    'hold',
    `${named} permit ${scope};`,
    '1 `a`: a permit takes nothing away here',
  ],
  [
    'that loosens outside its file',
    'hold',
    `${named} @loosens("hold-key") permit ${scope};`,
    '1 `a`: a permit takes nothing away here',
  ],
  [
    'that forbids among loosenings',
    'loosen',
    `${named} @loosens("hold-key") forbid ${scope};`,
    '1 `a`: a forbid has no meaning in a `.loosen.cedar` file',
  ],
  ['that loosens nothing', 'loosen', `${named} permit ${scope};`, '1 `a`: needs `@loosens`'],
  [
    'that loosens a denial',
    'loosen',
    `${named} @loosens("lifeline") permit ${scope} when { true };`,
    '1 `a`: it loosens `lifeline`, which is no hold',
  ],
  [
    'that loosens what is fixed',
    'loosen',
    `${named} @loosens("hold-unread") permit ${scope} when { true };`,
    '1 `a`: it loosens `hold-unread`, which is fixed',
  ],
  [
    'that loosens itself',
    'loosen',
    `${named} @loosens("a") permit ${scope} when { true };`,
    '1 `a`: it loosens `a`, which is no default rule',
  ],
  [
    'with a fact that is not there',
    'guard',
    `${named} forbid ${scope}\nwhen { context.operatoin == "x" };`,
    '2 `a`: attribute `operatoin` in context',
  ],
  [
    'with a kind that is not there',
    'hold',
    `${named} forbid ${scope}\nwhen { context.kinds.contains(Kind::"dta") };`,
    '2 `a`: entity `Kind::"dta"`',
  ],
  [
    'with a text where a kind belongs',
    'hold',
    `${named} forbid ${scope} when { context.kinds.contains("data") };`,
    '1 `a`: the types String and Kind are not compatible',
  ],
  [
    'with an effect that is not there',
    'hold',
    `${named} forbid (principal, action == Action::"delete", resource);`,
    '1 `a`: unrecognized action',
  ],
  [
    'that is a template',
    'hold',
    `${named} forbid (principal == ?principal, action, resource);`,
    '1 expected a static policy',
  ],
  [
    'that errs on plain facts',
    'guard',
    `${named} forbid ${scope} when { context.bytes - 9223372036854775807 - 9 > 0 };`,
    '1 `a`: it fails on plain facts: integer overflow',
  ],
])('a policy %s is an error with its line', (_, set, text, expected) => {
  const [first] = said(set, text)
  expect(first).toContain(`error mine.${set}.cedar:${expected}`)
  expect(() => openPolicy(house(set, text))).toThrow(
    expect.objectContaining({ code: 'bad_policy' }),
  )
})

test.each<[string, SetName, string, string]>([
  [
    'that can never apply',
    'guard',
    `${named} forbid ${scope} when { context.protected && false };`,
    '`a`: this can never apply: no request meets it',
  ],
  [
    'that asks for a fact by chance',
    'guard',
    `${named} forbid ${scope} when { context has nothing };`,
    '`a`: this can never apply: no request meets it',
  ],
  [
    'that asks for more people than there are',
    'hold',
    `${named} @approvals("4") forbid ${scope};`,
    '`a`: it asks for 4 people, and 3 can sign',
  ],
  [
    'that loosens everywhere',
    'loosen',
    `${named} @loosens("hold-expose") permit ${scope};`,
    '`a`: it takes `hold-expose` away everywhere',
  ],
])('a policy %s is a warning, and starts', (_, set, text, expected) => {
  expect(said(set, text, 3)[0]).toContain(`warning mine.${set}.cedar:1 ${expected}`)
  expect(openPolicy(house(set, text)).rules.some(({ id }) => id === 'a')).toBe(true)
})

const known = {
  operations: ['volumeDelete', 'customDomainCreate'],
  environments: ['production', 'staging'],
}
const denied = (when: string): string => `${named} forbid ${scope} when { ${when} };`
const twin = `when { context.operation == "volumeDelete" };`
const [op, env] = ['no target has an operation', 'no target declares an environment']
test.each<readonly [string, SetName, string, readonly string[]]>([
  ['names that there are', 'guard', denied('context.operation == "volumeDelete"'), []],
  ['a pattern that fits', 'guard', denied('context.operation like "customDomain*"'), []],
  ['a path that is no GraphQL', 'guard', denied('context.operation == "GET /health"'), []],
  ['a text beside another fact', 'guard', denied('context.platform == "volumDelete"'), []],
  [
    'an operation',
    'guard',
    denied('context.operation == "volumDelete"'),
    [`${op} \`volumDelete\``],
  ],
  ['one on the left', 'hold', denied('"x" != context.operation'), [`${op} \`x\``]],
  ['a pattern', 'guard', denied('context.operation like "bucket*"'), [`${op} \`bucket*\``]],
  [
    'one of a list',
    'guard',
    denied('["volumeDelete", "y"].contains(context.operation)'),
    [`${op} \`y\``],
  ],
  [
    'environments',
    'guard',
    denied(
      'context.environments.contains("prod") || context.environments.containsAny(["staging", "test"])',
    ),
    [`${env} \`prod\``, `${env} \`test\``],
  ],
  [
    'a loosened destroy',
    'loosen',
    `${named} @loosens("hold-data") permit ${scope} ${twin}`,
    ['a destroy in a protected environment runs without a person'],
  ],
  ['an exposure', 'loosen', `${named} @loosens("hold-expose") permit ${scope} ${twin}`, []],
  [
    'the same denial twice',
    'guard',
    `@id("b") @message("m") forbid ${scope} ${twin} ${named} forbid ${scope} ${twin}`,
    ['it never decides: `b` denies just that'],
  ],
  [
    'the same hold twice, the second asking for more',
    'hold',
    `@id("b") @message("m") forbid ${scope} ${twin} ${named} @approvals("2") forbid ${scope} ${twin}`,
    [],
  ],
  [
    'a hold of all that a default denies',
    'hold',
    `${named} forbid ${scope} when { context.lifeline && action != Action::"read" };`,
    ['it never decides: `lifeline` denies just that'],
  ],
])('the second look, for %s', (_, set, text, expected) => {
  const { issues } = checkPolicies({ ...house(set, text), known })
  expect(issues.filter(({ level }) => level === 'error')).toEqual([])
  const warnings = issues.filter(({ level }) => level === 'warning').map(({ message }) => message)
  expect(warnings).toEqual(expected.map((line) => expect.stringContaining(`\`a\`: ${line}`)))
})

test('two people are more than one: the default for accounts is told of', () => {
  expect(said(null, '', 1)).toEqual([
    expect.stringMatching(
      /^warning hold\.cedar:\d+ `hold-account`: it asks for 2 people, and 1 can sign$/,
    ),
  ])
  expect(said(null, '', 2)).toEqual([])
})

test('a loosened default is a note', () => {
  const text = `${named} @loosens("hold-expose") permit ${scope} when { context.operation == "x" };`
  expect(said('loosen', text)).toEqual([
    'note mine.loosen.cedar:1 `a`: `hold-expose` is loosened: m',
  ])
})

test('every error is told, not only the first, and the line counts in a long file', () => {
  const text = `\n${named} forbid ${scope} when { context.no };\n\n@id("b") forbid ${scope};\nforbid ${scope};`
  expect(said('guard', text)).toEqual([
    'error mine.guard.cedar:4 `b`: needs `@message`',
    'error mine.guard.cedar:5 a policy: needs `@id`',
    'error mine.guard.cedar:5 a policy: needs `@message`',
  ])
})

test('a schema that does not parse is an error of the schema', () => {
  const issues = checkPolicies(house(null, '', 'entity Agent;\nfoo')).issues
  expect(issues[0]).toMatchObject({ level: 'error', file: 'schema.cedarschema', line: 2 })
})
