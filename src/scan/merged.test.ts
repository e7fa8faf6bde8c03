import { expect, test } from 'vitest'
import { drawn, uuid } from '../../test/scan/planted.ts'
import { findIn } from './find.ts'
import type { Source } from './found.ts'
import { merge } from './merged.ts'

const railway = `RAILWAY_TOKEN=${uuid('merged')}`
const stripe = `K=${['sk', '_live_'].join('')}${drawn('merged', 24)}`
const npm = `K=${['npm', '_'].join('')}${drawn('merged', 36)}`
const session = `SESSION_SECRET=${drawn('session', 30)}`
const local = `postgres://a:${drawn('l', 12)}@localhost/x`
const at = (text: string, file: string, source: Source = 'checkout') =>
  findIn(text, file, { source })

test('the worst first, each secret once, with its nearest place first', () => {
  const found = [
    ...at(local, 'a.env'),
    ...at(session, '.env'),
    ...at(stripe, 'z.ts'),
    ...at(npm, 'b'),
    ...at(railway, '~/.zshrc', 'home'),
    ...at(`\n${railway}`, 'z.sh'),
    ...at(railway, 'a.sh', 'history'),
  ]
  expect(
    merge(found).map(({ weight, provider, places }) => [
      weight,
      provider,
      places.map(({ at }) => at.file),
    ]),
  ).toEqual([
    ['infrastructure', 'railway', ['z.sh', '~/.zshrc', 'a.sh']],
    ['code', 'npm', ['b']],
    ['service', 'stripe', ['z.ts']],
    ['unknown', 'unknown', ['.env']],
    ['low', 'postgres', ['a.env']],
  ])
})

test.each<[string, readonly string[], string]>([
  ['test data that a package brings', ['node_modules/x/test/key.env'], 'low'],
  ['the same in one’s own tests', ['test/key.env'], 'infrastructure'],
  ['both', ['node_modules/x/test/key.env', 'deploy.sh'], 'infrastructure'],
  ['a package’s code', ['node_modules/x/index.js'], 'infrastructure'],
])('%s', (_, files, weight) =>
  expect(merge(files.flatMap((file) => at(railway, file)))[0]?.weight).toBe(weight),
)
