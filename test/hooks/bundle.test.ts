/** The bundle starts its parts when they are needed: what it says must be what the reader says that starts them all. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Script } from 'node:vm'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bundleLazily } from '../../scripts/hook-bundle.ts'
import { tools } from '../../src/classify/shell/tools/known.ts'
import { readShell } from '../../src/classify/shell/read.ts'
import { special } from '../../src/classify/shell/special.ts'
import { loadSql, readSqlPayload } from '../../src/classify/payload-sql.ts'
import { readGraphqlPayload } from '../../src/classify/payload-graphql.ts'
import type { ShellAbout } from '../../src/classify/shell/nested.ts'
import { rowsOf } from '../shell/rows.ts'

const root = join(import.meta.dirname, '../..')
const folder = mkdtempSync(join(tmpdir(), 'firebreak-bundle-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
beforeAll(loadSql)

const about: ShellAbout = {
  cwd: null,
  readers: {
    sql: readSqlPayload,
    graphql: readGraphqlPayload,
    file: (path) => files[path] ?? null,
  },
}
const files: Readonly<Record<string, string>> = {
  'package.json': '{"scripts":{"test":"vitest","wipe":"rm -rf /srv/data"}}',
  Makefile: 'all:\n\tdropdb app\n',
}

/** Made anew, so that no part has been started by a text before. */
function bundled(): typeof readShell {
  const text = readFileSync(join(folder, 'read.cjs'), 'ascii')
  const module: { exports?: { readonly readShell: typeof readShell } } = {}
  new Script(text).runInThisContext()(module, createRequire(import.meta.url))
  if (module.exports === undefined) throw new Error('the bundle exports nothing')
  return module.exports.readShell
}

beforeAll(() => bundleLazily(join(root, 'src/classify/shell/read.ts'), join(folder, 'read.cjs')))

const texts = [
  ...rowsOf('day.tsv').map(({ verdict }) => verdict.replaceAll('⏎', '\n')),
  ...['holes.tsv', 'corpus-data.tsv', 'platforms.tsv'].flatMap((name) =>
    rowsOf(name).map(({ text }) => text),
  ),
  ...['everyday.txt', 'ways-around.txt'].flatMap((name) =>
    rowsOf(name).map(({ verdict }) => verdict),
  ),
  ...[...tools.keys(), ...special.keys()].flatMap((name) => [name, `${name} x delete --all`]),
]

test('each text of the tables comes to the same', () => {
  expect(texts.length).toBeGreaterThan(1500)
  const read = bundled()
  const other = texts.filter(
    (text) => JSON.stringify(read(text, about)) !== JSON.stringify(readShell(text, about)),
  )
  expect(other).toEqual([])
})

test('whatever was read before it, and whatever stands beside it', () => {
  const text = fc.constantFrom(...texts)
  const joined = fc
    .tuple(text, fc.constantFrom('; ', ' | ', ' && ', '\n', ' > a; bash a; '), text)
    .map((parts) => parts.join(''))
  const read = bundled()
  fc.assert(
    fc.property(fc.oneof(joined, fc.string()), (one) => {
      expect(read(one, about)).toEqual(readShell(one, about))
    }),
    { numRuns: 500 },
  )
})

test('each text by a bundle that has read none before', () => {
  fc.assert(
    fc.property(fc.constantFrom(...texts), (one) => {
      expect(bundled()(one, about)).toEqual(readShell(one, about))
    }),
    { numRuns: 60 },
  )
})
