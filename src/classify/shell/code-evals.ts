/** Programs of frameworks of which one word, or what they are fed, is code: `rails runner CODE`, `wp eval CODE`. */
import type { Operation } from '../../core/operation.ts'
import { argvOf, flagsOf } from './argv.ts'
import type { Argv } from './argv.ts'
import { readCode } from './code.ts'
import type { Nested, Special } from './nested.ts'
import { unread } from './operation.ts'
import { programOf } from './run.ts'
import type { Fed } from './run.ts'
import type { Scope } from './scope.ts'
import { mysql, sqlWords, standard } from './sql-words.ts'

/** By program: the words behind which code stands, and the flags that have it as their value. */
const evals: ReadonlyMap<string, { readonly words: RegExp; readonly flags: readonly string[] }> =
  new Map([
    ['rails', { words: /^(runner|r)$/, flags: [] }],
    ['manage.py', { words: /^(?!)/, flags: ['-c', '--command'] }],
    ['django-admin', { words: /^(?!)/, flags: ['-c', '--command'] }],
    ['artisan', { words: /^(?!)/, flags: ['--execute'] }],
    ['wp', { words: /^(eval)$/, flags: [] }],
    ['drush', { words: /^(php:eval|php-eval|eval|ev)$/, flags: [] }],
    ['deno', { words: /^(eval)$/, flags: [] }],
    ['mix', { words: /^(?!)/, flags: ['-e', '--eval'] }],
    ['bun', { words: /^(?!)/, flags: ['-e', '--eval', '-p', '--print'] }],
  ])

/** Their consoles run what they are fed: code, or SQL. */
const consoles = /^(console|c|shell|shell_plus|tinker)$/
const databases = /^(dbshell|dbconsole|dbc|sql:cli|sqlc)$/

/** What they are told to run; null where nothing of it is grave, and their tables are asked. */
export const evaluated: Special = ({ argv, stdin }, scope, nested) => {
  const name = programOf(argv[0]?.text ?? '')
  const one = evals.get(name)
  if (one === undefined) return null
  const told = argvOf(argv.slice(1), flagsOf(one.flags.join(' ')))
  const verb = told.words[0]?.text ?? ''
  const texts = [
    ...one.flags.flatMap((flag) => told.flags.get(flag) ?? []),
    ...(one.words.test(verb) ? told.words.slice(1, 2) : []),
  ].map(({ text }) => text)
  if (name === 'deno') texts.push(...lying(told, scope, nested, stdin))
  if (stdin.kind === 'text' && consoles.test(verb)) texts.push(stdin.text)
  const found = [
    ...texts.flatMap((text) => readCode(name, text, scope, nested)),
    ...(databases.test(verb) ? fedSql(name, stdin) : []),
  ]
  return found.length > 0 ? found : null
}

/** `deno run FILE`, `deno run -`. */
function lying({ words }: Argv, scope: Scope, nested: Nested, stdin: Fed): readonly string[] {
  if (words[0]?.text !== 'run') return []
  const file = words.find(({ text }) => /\.[mc]?[jt]sx?$|^-$/.test(text))
  const held = file === undefined || file.text === '-' ? stdin : nested.file(file, scope, stdin)
  return held.kind === 'text' ? [held.text] : []
}

/** A client of the project's own database: which dialect it has, nobody here knows. */
function fedSql(name: string, fed: Fed): readonly Operation[] {
  if (fed.kind === 'none') return []
  if (fed.kind === 'unread')
    return [unread(name, `would run what \`${fed.from}\` gives it, which nobody here has read`)]
  const found = sqlWords(fed.text, mysql)
  return found.length > 0 ? found : sqlWords(fed.text, standard)
}

export const codeEvals: readonly (readonly [string, Special])[] = [...evals.keys()].map(
  (name) => [name, evaluated] as const,
)
