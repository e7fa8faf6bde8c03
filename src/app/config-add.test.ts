import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { linesOf, newConfig, withAddition } from './config-add.ts'
import type { Addition } from './config-add.ts'

const addition: Addition = {
  name: 'shop',
  target: { platform: 'postgres', url: 'postgres://keeper@db/shop' },
  database: { every: '6h' },
  store: '/mnt/vault',
}
const kept: Addition = { ...addition, store: null }

const before = `# ours
version: 1 # the first

targets:
    # the platform
    railway:   {platform: railway,  url: 'https://x'} # there

policies: ./p
`

test('lines are put in, and every byte that was there stays', () => {
  const after = withAddition(before, addition) ?? ''
  expect(after).toBe(`# ours
version: 1 # the first

targets:
    # the platform
    railway:   {platform: railway,  url: 'https://x'} # there
    shop:
      platform: postgres
      url: postgres://keeper@db/shop

policies: ./p
vault:
  store: /mnt/vault
  databases:
    shop:
      every: 6h
`)
})

test.each<[string, string, Addition]>([
  ['a vault without databases', `${before}vault:\n  store: /there\n  # last\n`, kept],
  ['a vault with others', `vault:\n  databases:\n   a: {}\n   b: { every: 1d }\n${before}`, kept],
  ['an end of the document', `${before}...\n`, addition],
  ['no line end', before.trimEnd(), addition],
  ['a text of several lines at the end', `${before}vault:\n  store: |\n    /a\n\n`, kept],
  [
    'a nested last value',
    before.replace("{platform: railway,  url: 'https://x'} # there", '\n      a:\n        b: 1'),
    addition,
  ],
  ['only one half is missing', before, { ...addition, target: null }],
  [
    'names that YAML reads otherwise',
    before,
    { ...addition, name: 'no', target: { id: 'a: b\n#c', on: 'yes', url: '*x' } },
  ],
])('%s: what is there stays, and the addition is read', (_, text, add) => {
  const after = withAddition(text, add)
  expect(after).not.toBe(null)
  const lines = (after ?? '').split('\n')
  // Every old line is there, in its order.
  let at = 0
  for (const line of lines) if (line === text.split('\n')[at]) at += 1
  expect(at).toBeGreaterThanOrEqual(text.trimEnd().split('\n').length)
  const old = parse(text)
  expect(parse(after ?? '')).toEqual({
    ...old,
    ...(add.target === null ? {} : { targets: { ...old.targets, [add.name]: add.target } }),
    vault: {
      ...old.vault,
      ...(add.store === null ? {} : { store: add.store }),
      databases: { ...old.vault?.databases, [add.name]: add.database },
    },
  })
})

test.each<[string, string]>([
  ['flow style', 'version: 1\ntargets: { a: { platform: railway } }\n'],
  ['no target yet', 'version: 1\ntargets: {}\n'],
  ['a vault in flow style', `${before}vault: { store: /x }\n`],
  ['line ends of another system', before.replaceAll('\n', '\r\n')],
  ['an alias', `${before}vault: &v\n  store: /x\nmore: *v\n`],
  ['two documents', `${before}---\nversion: 1\n`],
  ['a key twice', `${before}version: 1\n`],
  ['no map', '- a\n'],
  ['nothing', ''],
])('%s: nothing is written', (_, text) => expect(withAddition(text, kept)).toBe(null))

test('a new one has the addition and nothing else', () => {
  expect(parse(newConfig(addition))).toEqual({ version: 1, ...parse(linesOf(addition)) })
  expect(parse(linesOf(addition))).toEqual({
    targets: { shop: addition.target },
    vault: { store: '/mnt/vault', databases: { shop: { every: '6h' } } },
  })
})
