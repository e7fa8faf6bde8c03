/** Code in a line (`python -c`, `node -e`, a here-document): not run and not understood; what it hands to a shell is read, and the calls that take things away are known by name. */
import type { Operation } from '../../core/operation.ts'
import { argvOf, flagsOf } from './argv.ts'
import { isHidden, linesIn } from './code-lines.ts'
import { callsIn } from './code-calls.ts'
import { apart, modulesIn } from './code-modules.ts'
import type { Nested, Special } from './nested.ts'
import { destroys, unread } from './operation.ts'
import { isThrowaway } from './paths.ts'
import { programOf } from './run.ts'
import type { Fed } from './run.ts'
import type { Scope } from './scope.ts'
import { hides } from './shells.ts'
import { argOf } from './arg.ts'
import type { Arg } from './arg.ts'

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
  ['elixir', ['-e', '--eval']],
  ['tsx', ['-e', '--eval', '-p', '--print']],
  ['ts-node', ['-e', '--eval', '-p', '--print']],
  ['osascript', ['-e']],
  ['awk', []],
])

/** Calls that hand a text to a shell, or words to a program; the first string behind them is it. */
const runs =
  /\b(?:os\.system|os\.popen|subprocess\.\w+|execSync|spawnSync|execFileSync|exec|spawn|execFile|system|popen|shell_exec|passthru|proc_open|Open3\.\w+|IO\.popen|qx|os\.execute|\$`|do shell script|pty\.spawn|commands\.getoutput|os\.exec\w+|%x)\s*[\s(["'`[{]/g

const takes =
  /\b(?:shutil\.rmtree|os\.removedirs|os\.remove|os\.unlink|os\.rmdir|Path\([^)]{0,300}\)\.(?:unlink|rmdir)|FileUtils\.(?:rm_rf|rm_r|rm|remove_dir|remove_entry\w*)|File\.(?:delete|unlink)|Dir\.(?:delete|rmdir|unlink)|fs\.(?:rmSync|rm|rmdirSync|rmdir|unlinkSync|unlink|promises\.(?:rm|unlink|rmdir))|rmSync|unlinkSync|rimraf(?:\.sync)?|unlink|rmtree|remove_tree|File::Path::\w+|fse?\.(?:removeSync|remove|emptyDirSync)|Deno\.remove\w*|File\.rm_rf!?|File\.rm!?|delete-directory|delete-file|rmdir)\s*(?:\(|\s)\s*([^)\n;]*)/g

/** What the code in a text takes away: by what it hands to a shell, the files it deletes, the calls it makes. */
export function readCode(
  name: string,
  text: string,
  scope: Scope,
  nested: Nested,
): readonly Operation[] {
  const lines = [...linesAt(text), ...linesIn(name, text)]
  const found: Operation[] = lines.flatMap((line) =>
    nested.text(line, scope.inner()).filter(isGrave),
  )
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
  if (isHidden(text))
    found.push(unread(name, 'runs code that it decodes first: nobody has read it'))
  return [...found, ...callsIn(name, text, nested)]
}

/** What stands behind a call that runs a text. */
function linesAt(text: string): readonly string[] {
  return [...text.matchAll(runs)].flatMap(({ index, 0: call }) => {
    const line = argumentIn(text.slice(index + call.length - 1))
    return line === null ? [] : [line]
  })
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

/** `python3.12` → `python`: interpreters are many by their versions. */
export function plainName(program: string): string {
  return program.replace(/^(python|pypy|php|ruby|perl|lua|node)-?\d[\d.]*$/, '$1')
}

const read: Special = (run, scope, nested) => {
  const name = plainName(programOf(run.argv[0]?.text ?? '')).replace('pypy', 'python')
  const judge = (text: string): readonly Operation[] => readCode(name, text, scope, nested)
  const before = modulesIn(name, run.argv.slice(1)).flatMap((file) =>
    lying(nested.file(file, scope), name, judge),
  )
  const own = main(run, scope, nested)
  return before.length === 0 ? own : [...before, ...(own ?? [])]
}

const main: Special = ({ argv, stdin }, scope, nested) => {
  const program = programOf(argv[0]?.text ?? '')
  const name = plainName(program).replace('pypy', 'python')
  const { texts, words } = codeIn(argv.slice(1), name)
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
      ...lying(nested.file(file, scope, stdin), name, judge),
      ...[words, packaged(words)].flatMap((argv) =>
        nested.run({ argv, env: new Map(), stdin, writes: [] }, scope).filter(isGrave),
      ),
    ])
  return orNull(lying(stdin, name, judge))
}

function lying(
  held: Fed,
  name: string,
  judge: (text: string) => readonly Operation[],
): readonly Operation[] {
  if (held.kind === 'text') return judge(held.text)
  if (held.kind === 'none' || !hides.has(programOf(held.from))) return []
  return [
    unread(name, `\`${name}\` would run what \`${held.from}\` gives it: nobody has read that`),
  ]
}

/** `node node_modules/prisma/build/index.js`: by the package that the file is of. */
function packaged([file, ...rest]: readonly Arg[]): readonly Arg[] {
  const [, name] = /(?:^|\/)node_modules\/((?:@[^/]+\/)?(?!\.)[^/]+)\//.exec(file?.text ?? '') ?? []
  return file === undefined || name === undefined ? [] : [{ ...file, text: name }, ...rest]
}

const orNull = (found: readonly Operation[]): readonly Operation[] | null =>
  found.length > 0 ? found : null

/** Whether the flag takes a word which is no code. */
function takesWord(program: string, flag: string): boolean {
  if (/^(node|bun|tsx|ts-node)$/.test(program) && apart.test(flag)) return true
  return program === 'php'
    ? /^-[dcz]$/.test(flag)
    : /^(-W|-X|-I|-r|--require|--import|-M)$/.test(flag)
}

/** `-e CODE`, `-pe CODE`, `-e'CODE'`, `--eval=CODE`: each text, and where there is none the file that is run (`-m` names one too) with its words. */
function codeIn(
  args: readonly Arg[],
  program: string,
): { readonly texts: readonly Arg[]; readonly words: readonly Arg[] } {
  const names = flags.get(program) ?? []
  const texts: Arg[] = []
  for (let at = 0; at < args.length; at += 1) {
    const arg = args[at] ?? argOf('')
    const from = wordsFrom(program, arg.text)
    if (from !== null) return { texts, words: texts.length > 0 ? [] : args.slice(at + from) }
    const found = codeAt(arg, names)
    if (found === 'next') texts.push(args[(at += 1)] ?? argOf(''))
    else if (found !== null) texts.push(found)
    else if (takesWord(program, arg.text)) at += 1
  }
  return { texts, words: [] }
}

/** Where the file and its words begin: at this word, or behind it; null where it is a flag. */
function wordsFrom(program: string, text: string): 0 | 1 | null {
  if (program === 'python' && text === '-m') return 1
  return /^-./.test(text) ? null : 0
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

/** Its program is its first word, or lies in a file: `system("…")`, and a pipe to or from a command. */
const awk: Special = ({ argv, stdin }, scope, nested) => {
  const { flags: told, words } = argvOf(argv.slice(1), flagsOf('-F -v -f'), 1)
  const files = told.get('-f') ?? []
  const held = files.map((file) => nested.file(file, scope, stdin))
  const texts = [
    ...held.flatMap((one) => (one.kind === 'text' ? [one.text] : [])),
    ...(files.length > 0 ? [] : words.map(({ text }) => text)),
  ]
  const set = (told.get('-v') ?? []).map(({ text }) => `"${text.replace(/^\w+=/, '')}"`)
  const all = texts.flatMap((text) => readCode('awk', `${text}\n${set.join('\n')}`, scope, nested))
  return orNull(all)
}

/** `1e CMD`. */
const commands = /(?:^|[;{}\n])\s*(?:[\d$,!~+]|\/[^/\n]{0,200}\/){0,4}[ \t]*e\s+([^\n]+)/g
/** `s/a/b/e`. */
const replaced =
  /(?:^|[;{}\n\d$/!])\s*s([/|#,@!])(?:\\.|(?!\1)[^\\]){0,500}\1((?:\\.|(?!\1)[^\\]){0,500})\1[gimpIM\d]*e[gimpIM\d]*/gs

/** `1e CMD`, `s/a/b/e`: what a script of sed runs. */
const sed: Special = ({ argv, stdin }, scope, nested) => {
  const known = flagsOf('-e --expression -f --file -l -E-x', '-n -i -E -r -s -z -u')
  const { flags: told, words } = argvOf(argv.slice(1), known)
  const given = ['-e', '--expression'].flatMap((flag) => told.get(flag) ?? [])
  const files = ['-f', '--file'].flatMap((flag) => told.get(flag) ?? [])
  const held = files.map((file) => nested.file(file, scope, stdin))
  const texts = [
    ...given.map(({ text }) => text),
    ...held.flatMap((one) => (one.kind === 'text' ? [one.text] : [])),
    ...(given.length + files.length > 0 ? [] : words.slice(0, 1).map(({ text }) => text)),
  ]
  const lines = texts.flatMap((text) => [
    ...[...text.matchAll(commands)].map(([, line = '']) => line),
    ...[...text.matchAll(replaced)].map((one) => (one[2] ?? '').replaceAll(/\\(.)/g, '$1')),
  ])
  return orNull(lines.flatMap((line) => nested.text(line, scope.inner()).filter(isGrave)))
}

export const code: readonly (readonly [string, Special])[] = [
  ...[
    'python',
    'pypy',
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
  ].map((name) => [name, read] as const),
  ...['awk', 'gawk', 'mawk', 'nawk'].map((name) => [name, awk] as const),
  ['sed', sed],
  ['gsed', sed],
]
