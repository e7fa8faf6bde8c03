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
  const judge = (text: string): readonly Operation[] => readCode(name, text, scope, nested)
  if (texts.length > 0) {
    const isHidden = texts.some(({ text, isKnown }) => !isKnown && /^\s*[$`]/.test(text))
    const unknown = unread(name, 'would run code that is not known before')
    return orNull([...texts.flatMap(({ text }) => judge(text)), ...(isHidden ? [unknown] : [])])
  }
  const [file] = words
  // `python manage.py flush`, `php artisan migrate:fresh`: also what the file is known to do by its words.
  if (file !== undefined && file.text !== '-')
    return orNull([
      ...judge(nested.about.readers.file(file.text) ?? ''),
      ...nested.run({ argv: words, env: new Map(), stdin, writes: [] }, scope).filter(isGrave),
    ])
  if (stdin.kind === 'text') return orNull(judge(stdin.text))
  if (stdin.kind === 'none' || !hides.has(stdin.from)) return null
  return [
    unread(name, `\`${program}\` would run what \`${stdin.from}\` gives it: nobody has read that`),
  ]
}

const orNull = (found: readonly Operation[]): readonly Operation[] | null =>
  found.length > 0 ? found : null

/** Flags that take a word which is no code. */
const others = /^(-W|-X|-I|-r|--require|--import|-M)$/

/** `-e CODE`, `-pe CODE`, `-e'CODE'`, `--eval=CODE`: each text, and where there is none the file that is run (`-m` names one too) with its words. */
function codeIn(
  args: readonly Arg[],
  names: readonly string[],
  isPython: boolean,
): { readonly texts: readonly Arg[]; readonly words: readonly Arg[] } {
  const texts: Arg[] = []
  for (let at = 0; at < args.length; at += 1) {
    const arg = args[at] ?? argOf('')
    if (isPython && arg.text === '-m') return { texts, words: args.slice(at + 1) }
    if (!/^-./.test(arg.text)) return { texts, words: texts.length > 0 ? [] : args.slice(at) }
    const found = codeAt(arg, names)
    if (found === 'next') texts.push(args[(at += 1)] ?? argOf(''))
    else if (found !== null) texts.push(found)
    else if (others.test(arg.text)) at += 1
  }
  return { texts, words: [] }
}

/** The text that this very word has, `next` where the word behind it is one, null where it has none. */
function codeAt(arg: Arg, names: readonly string[]): Arg | 'next' | null {
  const { text } = arg
  const [long = '', inline] = text.split(/=(.*)/s)
  if (names.includes(text)) return 'next'
  if (text.startsWith('--')) {
    if (!names.includes(long)) return null
    return inline === undefined ? 'next' : { ...arg, text: inline }
  }
  for (const letter of names.filter((one) => /^-\w$/.test(one)).map((one) => one.slice(1))) {
    if (new RegExp(`^-[a-zA-Z0-9]*${letter}$`).test(text)) return 'next'
    if (text.startsWith(`-${letter}`)) return { ...arg, text: text.slice(2) }
  }
  return null
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
