/** Reads a shell's text: from one line, or a script, to what its commands do. Nothing is run, and nothing is looked up; what cannot be read is `unread`. */
import { parse } from 'unbash'
import type { ParsedScript } from 'unbash'
import { messageOf } from '../../base/error.ts'
import type { Operation } from '../../core/operation.ts'
import { written, ordinary, unread } from './operation.ts'
import { besides } from './besides.ts'
import { shown } from './credentials.ts'
import { kept } from './kept.ts'
import { Led } from './led.ts'
import { Lies } from './lies.ts'
import type { Nested, ShellAbout } from './nested.ts'
import { nothingFed, programOf } from './run.ts'
import type { Fed, Run } from './run.ts'
import { setIn } from './set.ts'
import { fedTo } from './shells.ts'
import { Scope } from './scope.ts'
import { said } from './said.ts'
import { judgeProgram } from './program.ts'
import { wrappers } from './wrapped.ts'
import { innerOf } from './wrappers.ts'
import type { Inner } from './wrappers.ts'
import { walk } from './walk.ts'
import type { Arg } from './arg.ts'

/** Longer than this is read by nobody before it runs. */
const mostCharacters = 128 * 1024
/** A text within a text within a text: deeper than this hides something. */
const deepest = 24
/** They open a shell where no command is given. */
const logins = new Set(['ssh', 'su', 'sudo', 'doas', 'runuser', 'mosh', 'newgrp', 'sg', 'chroot'])
/** How often a function may stand within itself with words that are known. */
const mostCalls = 2

/** Never throws. The gravest is among them; a text without a command does nothing. */
export function readShell(text: string, about: ShellAbout): readonly Operation[] {
  try {
    const found = new Reading(about).text(text, new Scope(outputOf))
    return found.length > 0 ? found : [ordinary('nothing')]
  } catch (thrown) {
    return [unread('shell', `the shell’s text cannot be read: ${messageOf(thrown)}`)]
  }
}

/** What a substitution would put in its place, where its command says so in its own words. */
function outputOf(script: ParsedScript, scope: Scope): string | null {
  const [only, ...more] = script.commands
  if (only === undefined || more.length > 0 || only.command.type !== 'Command') return null
  const printed: string[] = []
  walk(script, scope, {
    run: (run) => printed.push(...shownBy(run, scope)),
    unread: () => {},
  })
  return printed.length === 1 ? (printed[0] ?? '').replace(/\n+$/, '') : null
}

function shownBy(run: Run, scope: Scope): readonly string[] {
  const out = said(run)
  if (out.kind === 'text') return [out.text]
  const [name = '', what, ...rest] = run.argv.map(({ text }) => text)
  if (/^(which|type|command)$/.test(name)) return rest.length <= 1 ? [rest[0] ?? what ?? ''] : []
  // Somewhere below the folder for what is thrown away.
  if (name === 'mktemp') return what === '-p' ? [] : ['/tmp/tmp.new']
  return name === 'pwd' ? [scope.valueOf('PWD') ?? '.'] : []
}

/** A file that is none of the disk's; null where it is one. */
function named(path: Arg, stdin: Fed): Fed | null {
  const { text, holds } = path
  if (holds !== undefined)
    return holds === null ? { kind: 'unread', from: text } : { kind: 'text', text: holds }
  if (/^\/(dev\/(stdin|fd\/0)|proc\/self\/fd\/0)$/.test(text)) return stdin
  // Another descriptor: what is behind it, nobody here knows.
  if (/^\/dev\/fd\/\d+$/.test(text)) return { kind: 'unread', from: `<${text}` }
  return path.isKnown && !path.isGlob ? null : nothingFed
}

class Reading implements Nested {
  readonly about: ShellAbout
  /** Files as this very text has written them. */
  readonly #lies = new Lies()
  readonly #led: Led
  readonly #runs: Run[] = []
  constructor(about: ShellAbout) {
    this.about = about
    this.#led = new Led(about.readers.real ?? null)
  }

  file(path: Arg, scope: Scope, stdin: Fed = nothingFed): Fed {
    const special = named(path, stdin)
    if (special !== null) return special
    const written = this.#lies.at(path.text)
    if (written !== null) return written
    const dir = scope.valueOf('PWD') ?? '.'
    const text =
      (dir === '.' ? null : this.about.readers.file(`${dir}/${path.text}`)) ??
      this.about.readers.file(path.text)
    return text === null ? nothingFed : { kind: 'text', text }
  }

  get before(): readonly Run[] {
    return this.#runs.slice(0, -1)
  }

  text(text: string, scope: Scope): readonly Operation[] {
    if (text.length > mostCharacters)
      return [unread('shell', 'the shell’s text is too long to be read')]
    if (scope.depth > deepest)
      return [unread('shell', 'a shell’s text within so many others is not read')]
    const found: Operation[] = []
    const inside = calledIn(text)
    if (inside !== null) return this.text(inside, scope.inner())
    walk(parse(text.replaceAll('\0', '')), scope, {
      run: (run, inside) => found.push(...this.run(run, inside)),
      set: (name, value, inside) => found.push(...setIn(name, value, inside, this)),
      unread: (why) => found.push(unread('shell', why)),
    })
    return found
  }

  /** A text that stands in an argument: one that is not known is held. */
  script({ text, isKnown }: Arg, scope: Scope, where: string): readonly Operation[] {
    const found = this.text(text, scope.inner())
    if (isKnown) return found
    return [
      ...found,
      ...(isOnlyValues(text)
        ? []
        : [unread(where, `${where} runs a text that is not known before`)]),
    ]
  }

  run(told: Run, scope: Scope): readonly Operation[] {
    if (!scope.step()) return [unread('shell', 'the shell’s text does too much to be read')]
    const led = this.#led.through(told)
    this.#lies.note(told)
    this.#led.note(told)
    this.#runs.push(told)
    const found = this.#judged(told, scope)
    return led === told ? found : [...found, ...this.#judged(led, scope)]
  }

  #judged(run: Run, scope: Scope): readonly Operation[] {
    const [first, ...args] = run.argv
    this.about.saw?.(run)
    const files = [...written(run), ...shown(run), ...kept(run, scope, this)]
    if (first === undefined) return files
    // Zsh takes `=rm` for the path of `rm`.
    const program = programOf(first.text.replace(/^=(?=\w)/, ''))
    if (!first.isKnown || (first.isGlob && program !== '['))
      return [
        ...files,
        unread('shell', `which program \`${first.text}\` is, nobody can tell before it runs`),
      ]
    const own = this.#named(program, { ...run, argv: [first, ...args] }, scope)
    if (own !== null) return [...files, ...own]
    files.push(...besides(program, { ...run, argv: [first, ...args] }, scope, this))
    return [
      ...files,
      ...(this.#wrapped(program, run, scope) ?? judgeProgram(program, run, scope, this)),
    ]
  }

  /** What stands behind a program that runs it; null where this one is none, or nothing stands there. */
  #wrapped(program: string, run: Run, scope: Scope): readonly Operation[] | null {
    const args = run.argv.slice(1)
    for (const one of wrappers.get(program) ?? []) {
      const inner = innerOf(one, args, run.stdin)
      if (inner.length === 0) continue
      const own = one.sets ? args.flatMap((arg) => this.#setBy(arg, scope)) : []
      return [...own, ...inner.flatMap((each) => this.#inner(program, each, run, scope))]
    }
    // Without a command it is a shell: `ssh HOST <<E`, `sudo -i <<E`.
    return logins.has(program) ? fedTo(program, run.stdin, { scope, nested: this }) : null
  }

  #inner(program: string, inner: Inner, run: Run, scope: Scope): readonly Operation[] {
    if (inner.kind === 'script') return this.script(inner.text, scope, program)
    const stdin = inner.isFed ? run.stdin : nothingFed
    return this.run({ ...run, argv: inner.argv, writes: [], stdin }, scope)
  }

  #setBy(arg: Arg, scope: Scope): readonly Operation[] {
    const [, name, text = ''] = /^([A-Z_][^\s=/]*)=(.*)$/s.exec(arg.text) ?? []
    return name === undefined ? [] : setIn(name, { ...arg, text }, scope, this)
  }

  /** A function or alias of this very text. */
  #named(program: string, { argv }: Run, scope: Scope): readonly Operation[] | null {
    const alias = scope.aliases.get(program)
    if (alias !== undefined) {
      scope.aliases.delete(program)
      const rest = argv.slice(1).map(({ text }) => text)
      return this.text([alias, ...rest].join(' '), scope.inner())
    }
    const body = scope.functions.get(program)
    const calls = scope.calls.get(program) ?? 0
    if (body === undefined) return null
    // One that calls itself is read once more with words that may be anything, and then ends.
    if (calls > mostCalls) return []
    scope.calls.set(program, calls + 1)
    body(calls === mostCalls ? null : argv.slice(1))
    scope.calls.set(program, calls)
    return []
  }
}

/** A call of another language, by whose name nothing goes: no shell runs it, but what stands within it one of them would. */
function calledIn(text: string): string | null {
  const [, name = '', inside] = /^[ \t]*([\w.:]+)\(([^()`$;|&\n]+)\)\s*$/.exec(text) ?? []
  const isGrave = /delete|destroy|remove|drop|cancel|purge|wipe|truncate|kill|void|refund/i.test(
    name,
  )
  return inside === undefined || isGrave ? null : inside
}

/** `rm "$X"` in a text that a wrapper hands on: the words are not known, the commands are. */
function isOnlyValues(text: string): boolean {
  return !/^\s*([$`…])/.test(text)
}
