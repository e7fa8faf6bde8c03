/** Code in a line (`python -c`, `node -e`, a here-document): not run and not understood; what it hands to a shell is read, and the calls that take things away are known by name. */
import type { Operation } from '../../core/operation.ts'
import { argvOf, flagsOf } from './argv.ts'
import { callsIn } from './code-calls.ts'
import type { Nested, Special } from './nested.ts'
import { destroys, unread } from './operation.ts'
import { isThrowaway } from './paths.ts'
import { programOf } from './run.ts'
import type { Scope } from './scope.ts'
import { hides } from './shells.ts'
import { argOf } from './words.ts'
import type { Arg } from './words.ts'

/** By interpreter: flags whose value is code. */
const flags: ReadonlyMap<string, readonly string[]> = new Map([
  ['python', ['-c']],
  ['node', ['-e', '--eval', '-p', '--print']],
  ['deno', ['-x']],
  ['bun', ['-e', '--eval']],
  ['ruby', ['-e']],
  ['perl', ['-e', '-E']],
  ['php', ['-r']],
  ['lua', ['-e']],
  ['rscript', ['-e']],
  ['julia', ['-e', '-E']],
  ['elixir', ['-e']],
  ['tsx', ['-e', '--eval', '-p', '--print']],
  ['ts-node', ['-e', '--eval', '-p', '--print']],
  ['pwsh', ['-c', '-Command', '-command']],
  ['powershell', ['-c', '-Command', '-command']],
  ['osascript', ['-e']],
  ['awk', []],
])

/** Calls that hand a text to a shell, or words to a program; the first string behind them is it. */
const runs =
  /\b(?:os\.system|os\.popen|subprocess\.\w+|execSync|spawnSync|execFileSync|exec|spawn|execFile|system|popen|shell_exec|passthru|proc_open|Open3\.\w+|IO\.popen|qx|os\.execute|\$`|do shell script|pty\.spawn|commands\.getoutput|os\.exec\w+|%x)\s*[\s(["'`[{]/g

const takes =
  /\b(?:shutil\.rmtree|os\.removedirs|os\.remove|os\.unlink|os\.rmdir|Path\([^)]*\)\.(?:unlink|rmdir)|FileUtils\.(?:rm_rf|rm_r|rm|remove_dir|remove_entry\w*)|File\.(?:delete|unlink)|Dir\.(?:delete|rmdir|unlink)|fs\.(?:rmSync|rm|rmdirSync|rmdir|unlinkSync|unlink|promises\.(?:rm|unlink|rmdir))|rmSync|unlinkSync|rimraf(?:\.sync)?|unlink|rmtree|remove_tree|File::Path::\w+|fse?\.(?:removeSync|remove|emptyDirSync)|Deno\.remove\w*|rmdir)\s*(?:\(|\s)\s*([^)\n;]*)/g

/** What the code in a text takes away: by what it hands to a shell, the files it deletes, the calls it makes. */
export function readCode(
  name: string,
  text: string,
  scope: Scope,
  nested: Nested,
): readonly Operation[] {
  const found: Operation[] = []
  for (const { index, 0: call } of text.matchAll(runs)) {
    const rest = text.slice(index + call.length - 1)
    const line = argumentIn(rest)
    if (line !== null) found.push(...nested.text(line, scope.inner()).filter(isGrave))
  }
  for (const { 0: call, 1: args = '' } of text.matchAll(takes)) {
    const path = /["'`]([^"'`]+)["'`]/.exec(args)?.[1]
    if (path !== undefined && isThrowaway(argOf(path))) continue
    const word = call.split(/[(\s]/)[0] ?? 'delete'
    found.push(
      destroys(
        `${name} ${word}`,
        ['data'],
        path === undefined ? `\`${word}\` takes files away` : `\`${word}\` takes \`${path}\` away`,
      ),
    )
  }
  return [...found, ...callsIn(name, text, nested)]
}

const isGrave = ({ effect }: Operation): boolean => effect !== 'write' && effect !== 'read'

/** The first string behind the call, or all strings of the list behind it: `['rm', '-rf', '/x']`. */
function argumentIn(rest: string): string | null {
  const list = /^[\s(]*[[(]\s*((?:["'][^"'\n]*["']\s*,?\s*)+)[\])]/.exec(rest)
  if (list !== null)
    return [...(list[1] ?? '').matchAll(/["']([^"'\n]*)["']/g)]
      .map((one) => unescaped(one[1] ?? ''))
      .join(' ')
  const one = /^[\s([{]*(?:f|r|b)?(["'`])((?:\\.|(?!\1)[^\\])*)\1/s.exec(rest)
  return one === null ? (/^[{(]([^})]*)[})]/.exec(rest)?.[1] ?? null) : unescaped(one[2] ?? '')
}

function unescaped(text: string): string {
  return text
    .replaceAll(/\\x([0-9a-fA-F]{2})/g, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    )
    .replaceAll(/\\([0-7]{3})/g, (_, octal: string) =>
      String.fromCharCode(Number.parseInt(octal, 8)),
    )
    .replaceAll(/\\(["'`\\])/g, '$1')
}

const read: Special = ({ argv, stdin }, scope, nested) => {
  const program = programOf(argv[0]?.text ?? '')
  const name = program
    .replace(/^(python|pypy)[\d.]*$/, 'python')
    .replace(/^(ruby|perl|php|lua|node)[\d.]+$/, '$1')
  const { texts, words } = codeIn(argv.slice(1), flags.get(name) ?? [], name === 'python')
  if (texts.length > 0) {
    const all = texts.flatMap(({ text }) => readCode(name, text, scope, nested))
    const isHidden = texts.some(({ text, isKnown }) => !isKnown && /^\s*(\$|`)/.test(text))
    return isHidden
      ? [...all, unread(name, 'would run code that is not known before')]
      : all.length > 0
        ? all
        : null
  }
  const [file] = words
  if (file !== undefined && file.text !== '-') {
    const script = nested.about.readers.file(file.text)
    // `python manage.py flush`, `php artisan migrate:fresh`: what the file is known to do by its words.
    const all = [
      ...(script === null ? [] : readCode(name, script, scope, nested)),
      ...nested.run({ argv: words, env: new Map(), stdin, writes: [] }, scope).filter(isGrave),
    ]
    return all.length > 0 ? all : null
  }
  if (stdin.kind === 'text') {
    const all = readCode(name, stdin.text, scope, nested)
    return all.length > 0 ? all : null
  }
  if (stdin.kind === 'unread' && hides.has(stdin.from))
    return [
      unread(
        name,
        `\`${program}\` would run what \`${stdin.from}\` gives it: nobody has read that`,
      ),
    ]
  return null
}

/** `-e CODE`, `-pe CODE`, `-e'CODE'`, `--eval=CODE`: each text, and the words that stand for a file. */
function codeIn(
  args: readonly Arg[],
  names: readonly string[],
  isPython: boolean,
): { readonly texts: readonly Arg[]; readonly words: readonly Arg[] } {
  const letters = names.filter((one) => !one.startsWith('--')).map((one) => one.slice(1))
  const texts: Arg[] = []
  for (let at = 0; at < args.length; at += 1) {
    const arg = args[at]
    if (arg === undefined) break
    const { text } = arg
    if (isPython && text === '-m') return { texts, words: args.slice(at + 1) }
    if (!text.startsWith('-') || text === '-')
      return { texts, words: texts.length > 0 ? [] : args.slice(at) }
    const [long = '', inline] = text.split(/=(.*)/s)
    const letter = letters.find((one) => new RegExp(`^-[a-zA-Z0-9]*${one}$`).test(text))
    const stuck = letters.find((one) => text.startsWith(`-${one}`) && text.length > 2)
    if (names.includes(long) && inline !== undefined) texts.push({ ...arg, text: inline })
    else if (names.includes(text) || letter !== undefined) {
      const next = args[(at += 1)]
      if (next !== undefined) texts.push(next)
    } else if (stuck !== undefined) texts.push({ ...arg, text: text.slice(2) })
    else if (/^(-W|-X|-m|-I|-r|--require|--import|-M)$/.test(text)) at += 1
  }
  return { texts, words: [] }
}

/** Its program is its first word: `system("…")`, and a pipe to a command. */
const awk: Special = ({ argv }, scope, nested) => {
  const { words } = argvOf(argv.slice(1), flagsOf('-F -v -f'), 1)
  const [text] = words
  if (text === undefined) return null
  const all = readCode('awk', text.text, scope, nested)
  return all.length > 0 ? all : null
}

/** Programs of which one word is code: `rails runner CODE`, `wp eval CODE`. */
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

/** Their consoles run what they are fed. */
const consoles = /^(console|c|shell|shell_plus|tinker|dbconsole|db)$/

/** What they are told to run; null where nothing of it is grave, and their tables are asked. */
export const evaluated: Special = ({ argv, stdin }, scope, nested) => {
  const name = programOf(argv[0]?.text ?? '')
  const one = evals.get(name)
  if (one === undefined) return null
  const told = argvOf(argv.slice(1), flagsOf(one.flags.join(' ')))
  const [first, second] = told.words
  const texts = [
    ...one.flags.flatMap((flag) => told.flags.get(flag) ?? []),
    ...(first !== undefined && second !== undefined && one.words.test(first.text) ? [second] : []),
  ].map(({ text }) => text)
  if (stdin.kind === 'text' && consoles.test(first?.text ?? '')) texts.push(stdin.text)
  const found = texts.flatMap((text) => readCode(name, text, scope, nested))
  return found.length > 0 ? found : null
}

export const code: readonly (readonly [string, Special])[] = [
  ...[
    'python',
    'python2',
    'python3',
    'python3.10',
    'python3.11',
    'python3.12',
    'python3.13',
    'python3.14',
    'pypy',
    'pypy3',
    'node',
    'nodejs',
    'ruby',
    'perl',
    'php',
    'lua',
    'rscript',
    'osascript',
    'julia',
    'elixir',
    'tsx',
    'ts-node',
    'pwsh',
    'powershell',
  ].map((name) => [name, read] as const),
  ...['awk', 'gawk', 'mawk', 'nawk'].map((name) => [name, awk] as const),
  ...[...evals.keys()].map((name) => [name, evaluated] as const),
]
