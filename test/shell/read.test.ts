/** The shell's reader, by table: what is a command and what only mentions one, through wrappers, quotes, pipes and files; and by property. */
import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { busyMs } from '../busy.ts'
import { grave, quiet } from './lines.ts'
import { loadSql, readSql } from '../../src/classify/sql/read.ts'
import { asItStands } from '../../src/classify/sql/statement.ts'
import type { ShellAbout } from '../../src/classify/shell/nested.ts'
import { readShell } from '../../src/classify/shell/read.ts'

beforeAll(loadSql)

const files: Readonly<Record<string, string>> = {
  'clean.sh': '#!/bin/bash\nset -e\nrm -rf /var/lib/postgresql\n',
  'ok.sh': '#!/bin/sh\nnpm test\n',
  'drop.sql': 'DROP TABLE users;',
  'ok.sql': 'SELECT 1;',
  'wipe.py': 'import shutil\nshutil.rmtree("/srv/data")\n',
}
const about: ShellAbout = {
  cwd: '/home/dev/shop',
  readers: {
    sql: (text) => readSql(text, { catalog: null }).map(asItStands),
    graphql: (_, text) =>
      readShell(text.includes('volumeDelete') ? 'dropdb x' : 'ls', { ...about, cwd: null }),
    file: (path) => files[path.replace(/^\.\//, '')] ?? null,
  },
}
const held = (text: string): boolean =>
  readShell(text, about).some(({ effect }) => effect !== 'read' && effect !== 'write')

test.each(grave)('held: %s', (text) => {
  expect(held(text)).toBe(true)
})

test.each(quiet)('silent: %s', (text) => {
  expect(
    readShell(text, about).filter(({ effect }) => effect !== 'write' && effect !== 'read'),
  ).toEqual([])
})

test('any text is read in bounded time and never throws', () => {
  const piece = fc.constantFrom(
    'rm ',
    '-rf ',
    '/etc ',
    '"',
    "'",
    '$(',
    ')',
    '`',
    '|',
    '&&',
    ';',
    '\n',
    '{',
    '}',
    '<<E',
    'E\n',
    '$X',
    'bash -c ',
    'eval ',
    '\\',
    '((',
    '))',
    'f() ',
    'f;',
    'for i in a b; do ',
    'done',
    '\0',
    '\u202e',
    '<(',
    '${',
    'xargs ',
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), (parts) => {
      const begun = busyMs()
      expect(readShell(parts.join(''), about).length).toBeGreaterThan(0)
      expect(busyMs() - begun).toBeLessThan(1000)
    }),
    { numRuns: 2000 },
  )
})

const wrap: readonly ((text: string) => string)[] = [
  (text) => `sudo ${text}`,
  (text) => `env A=1 ${text}`,
  (text) => `bash -c '${text.replaceAll("'", `'\\''`)}'`,
  (text) => `eval "${text.replaceAll(/["\\$`]/g, '\\$&')}"`,
  (text) => `nohup ${text}`,
  (text) => `true && ${text}`,
  (text) => `( ${text} )`,
  (text) => `if true; then ${text}; fi`,
  (text) => `echo $( ${text} )`,
  (text) => `timeout 5 ${text}`,
  (text) => `f() { ${text}; }; f`,
  (text) => `ssh prod '${text.replaceAll("'", `'\\''`)}'`,
]

test('a command that is held is held in any wrapping of up to four layers, and a quiet one stays quiet', () => {
  const simple = /^[\w/ .:-]+$/
  const bad = ['rm -rf /etc', 'dropdb shop', 'git push --force origin main', 'redis-cli FLUSHALL']
  const good = ['ls -la', 'npm test', 'git status', 'cat x']
  expect([...bad, ...good].every((text) => simple.test(text))).toBe(true)
  fc.assert(
    fc.property(
      fc.constantFrom(...bad, ...good),
      fc.array(fc.constantFrom(...wrap), { maxLength: 4 }),
      (text, layers) => {
        // `nice ( … )` is no shell: a program runs programs, not groups.
        const isShell = (one: string): boolean => !/^[a-z/]+[ \w./:=-]*$/.test(one)
        let whole = text
        for (const layer of layers) {
          const next = layer(whole)
          const isProgram = /^(sudo|env|nohup|timeout) /.test(next)
          whole = isProgram && isShell(whole) ? `bash -c '${whole.replaceAll("'", `'\\''`)}'` : next
        }
        expect(held(whole)).toBe(bad.includes(text))
      },
    ),
    { numRuns: 600 },
  )
})
