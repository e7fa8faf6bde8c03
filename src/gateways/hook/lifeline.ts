/** Firebreak's own: its state, vault, config and policies, and the files in which hosts keep their hooks. An agent writes none of them. */
import { destroys } from '../../classify/shell/operation.ts'
import { home } from '../../classify/shell/scope.ts'
import { isOwn } from '../../classify/own.ts'
import { normal } from '../../classify/shell/paths.ts'
import { programOf } from '../../classify/shell/run.ts'
import type { Run } from '../../classify/shell/run.ts'
import type { Operation } from '../../core/operation.ts'
import { lifeline } from './default-policy.ts'

/** Folders that hold one of these: they may be written in, and not be taken away. */
const around =
  /(^|\/)(\.cursor|\.claude|\.codex|\.gemini|\.copilot|\.copilot\/hooks|\.github|\.github\/hooks|\.opencode|\.opencode\/plugins?|\.windsurf|\.codeium|\.codeium\/windsurf|\.kiro|\.kiro\/hooks|\.kiro\/agents)$/

function holdsOwn(path: string): boolean {
  return isOwn(path) || around.test(normal(path).toLowerCase())
}

/** Programs that write to the files they are told; `last`: only to the last of them. */
const writers = new Map<string, 'any' | 'last' | 'taken'>([
  ...['rm', 'unlink', 'rmdir', 'mv', 'trash', 'trash-put', 'rimraf', 'del', 'shred'].map(
    (name) => [name, 'taken'] as const,
  ),
  ...['tee', 'truncate', 'chmod', 'chown', 'chattr', 'touch', 'patch', 'ed', 'ex', 'sponge'].map(
    (name) => [name, 'any'] as const,
  ),
  ...['cp', 'install', 'ln', 'rsync', 'scp'].map((name) => [name, 'last'] as const),
])

const interpreters = /^(python|node|ruby|perl|php|deno|bun|tsx)[\d.]*$/
const writing = /open\(|writ|unlink|remove|rename|rmtree|rmSync|\brm\b|copy|truncate|dump/i

/** Notes what one text writes of Firebreak's own, command by command in their order. */
export class Watch {
  readonly #found: Operation[] = []
  #dir = ''

  get found(): readonly Operation[] {
    return this.#found
  }

  readonly saw = (run: Run): void => {
    const [name, ...args] = run.argv.map(({ text }) => text)
    const program = programOf(name ?? '')
    const to = run.writes.map(({ to }) => to.text).filter((path) => this.#is(path, isOwn))
    const paths = [...to, ...this.#written(program, args)]
    this.#found.push(...paths.map((path) => lost(path)))
    if (program === 'cd' || program === 'pushd') this.#dir = this.#at(args[0] ?? home)
  }

  #written(program: string, args: readonly string[]): readonly string[] {
    const by = writers.get(program)
    if (by === 'taken') return args.filter((path) => this.#is(path, holdsOwn))
    if (by === 'any') return args.filter((path) => this.#is(path, isOwn))
    if (by === 'last') return args.slice(-1).filter((path) => this.#is(path, isOwn))
    if (program === 'dd')
      return args.filter((one) => one.startsWith('of=') && this.#is(one.slice(3), isOwn))
    const isInPlace =
      /^(sed|perl|ruby|yq|gsed)$/.test(program) &&
      args.some((one) => /^-[a-z]*i|^--in-?place/.test(one))
    if (isInPlace) return args.filter((path) => this.#is(path, isOwn))
    if (program === 'git') return this.#git(args)
    if (program === 'find')
      return args.includes('-delete') ? args.filter((path) => this.#is(path, holdsOwn)) : []
    if (!interpreters.test(program)) return []
    return args.filter((code) => writing.test(code) && mentions(code).some((path) => isOwn(path)))
  }

  #git(args: readonly string[]): readonly string[] {
    return args.some((one) => /^(rm|mv|checkout|restore|clean)$/.test(one))
      ? args.filter((path) => this.#is(path, holdsOwn))
      : []
  }

  #is(path: string, what: (path: string) => boolean): boolean {
    return what(path) || what(this.#at(path))
  }

  #at(path: string): string {
    return /^[/~]/.test(path) || this.#dir === '' ? path : `${this.#dir}/${path}`
  }
}

function mentions(code: string): readonly string[] {
  return code.match(/[\w./~@-]+/g) ?? []
}

/** What is said of a path of Firebreak's own; its rule tells it apart. */
export function lost(path: string): Operation {
  const shown = path.replace(home, '~').slice(0, 120)
  const told = destroys('lifeline', ['guard'], shown)
  return { ...told, findings: [{ rule: lifeline.rule, message: `\`${shown}\`` }] }
}

export function isLifeline({ findings }: Operation): boolean {
  return findings.some(({ rule }) => rule === lifeline.rule)
}
