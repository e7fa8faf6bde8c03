/** Reads a shell's text: from one line, or a script, to what its commands do. Nothing is run, and nothing is looked up; what cannot be read is `unread`. */
import { parse } from 'unbash'
import type { ParsedScript } from 'unbash'
import { messageOf } from '../../base/error.ts'
import type { Operation } from '../../core/operation.ts'
import { written, ordinary, unread } from './operation.ts'
import type { Nested, ShellAbout } from './nested.ts'
import { nothingFed, programOf } from './run.ts'
import type { Run } from './run.ts'
import { Scope } from './scope.ts'
import { said } from './said.ts'
import { judgeProgram } from './program.ts'
import { innerOf, wrappers } from './wrappers.ts'
import { walk } from './walk.ts'
import type { Arg } from './words.ts'

/** Longer than this is read by nobody before it runs. */
const mostCharacters = 128 * 1024
/** A text within a text within a text: deeper than this hides something. */
const deepest = 24

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
function outputOf(script: ParsedScript): string | null {
  const [only, ...more] = script.commands
  if (only === undefined || more.length > 0 || only.command.type !== 'Command') return null
  const printed: string[] = []
  walk(script, new Scope(() => null, deepest), {
    run: (run) => {
      const out = said(run)
      const [name, what, ...rest] = run.argv
      const isWhere = ['which', 'type', 'command'].includes(name?.text ?? '') && rest.length <= 1
      if (out.kind === 'text') printed.push(out.text)
      else if (isWhere) printed.push((rest[0] ?? what)?.text ?? '')
      else if (name?.text === 'pwd') printed.push('.')
    },
    unread: () => {},
  })
  return printed.length === 1 ? (printed[0] ?? '').replace(/\n+$/, '') : null
}

class Reading implements Nested {
  readonly about: ShellAbout
  readonly #runs: Run[] = []
  constructor(about: ShellAbout) {
    this.about = about
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
    walk(parse(text.replaceAll('\0', '')), scope, {
      run: (run, inside) => found.push(...this.run(run, inside)),
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

  run(run: Run, scope: Scope): readonly Operation[] {
    if (!scope.step()) return [unread('shell', 'the shell’s text does too much to be read')]
    const [first, ...args] = run.argv
    this.about.saw?.(run)
    this.#runs.push(run)
    const files = written(run)
    if (first === undefined) return files
    if (!first.isKnown)
      return [
        ...files,
        unread('shell', `which program \`${first.text}\` is, nobody can tell before it runs`),
      ]
    const program = programOf(first.text)
    const own = this.#named(program, { ...run, argv: [first, ...args] }, scope)
    if (own !== null) return [...files, ...own]
    for (const one of wrappers.get(program) ?? []) {
      const inner = innerOf(one, args, run.stdin)
      if (inner.length === 0) continue
      return [
        ...files,
        ...inner.flatMap((each) =>
          each.kind === 'script'
            ? this.script(each.text, scope, program)
            : this.run(
                { ...run, argv: each.argv, writes: [], stdin: each.isFed ? run.stdin : nothingFed },
                scope,
              ),
        ),
      ]
    }
    return [...files, ...judgeProgram(program, run, scope, this)]
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
    if (body === undefined) return null
    // What it does was told when it ran: once is enough, and one that calls itself ends.
    scope.functions.delete(program)
    body()
    return []
  }
}

/** `rm "$X"` in a text that a wrapper hands on: the words are not known, the commands are. */
function isOnlyValues(text: string): boolean {
  return !/^\s*([$`…])/.test(text)
}
