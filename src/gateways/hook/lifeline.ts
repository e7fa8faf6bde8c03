/** Firebreak's own: its state, vault, config and policies, and the files in which hosts keep their hooks. An agent writes none of them. */
import { destroys } from '../../classify/shell/operation.ts'
import { home } from '../../classify/shell/scope.ts'
import { isOwn, namesOf } from '../../classify/own.ts'
import { programOf } from '../../classify/shell/run.ts'
import type { Run } from '../../classify/shell/run.ts'
import type { Operation } from '../../core/operation.ts'
import { lifeline } from './default-policy.ts'
import { patchedIn } from './tool-call.ts'

/** Folders that hold one of these: they may be written in, and not be taken away. */
const around =
  /(^|\/)(\.cursor|\.claude|\.codex|\.gemini|\.copilot|\.copilot\/hooks|\.github|\.github\/hooks|\.opencode|\.opencode\/plugins?|\.windsurf|\.codeium|\.codeium\/windsurf|\.kiro|\.kiro\/hooks|\.kiro\/agents)$/

function holdsOwn(path: string): boolean {
  const all = namesOf(path)
  return isOwn(path) || all.some((one) => around.test(one))
}

/** Programs that write to the files they are told; `last`: only to the last of them. */
const writers = new Map<string, 'any' | 'last' | 'taken'>([
  ...['rm', 'unlink', 'rmdir', 'mv', 'trash', 'trash-put', 'rimraf', 'del', 'shred'].map(
    (name) => [name, 'taken'] as const,
  ),
  ...[
    'tee',
    'truncate',
    'chmod',
    'chown',
    'chattr',
    'touch',
    'patch',
    'ed',
    'ex',
    'sponge',
    'vim',
    'vi',
    'nvim',
    'nano',
    'sd',
  ].map((name) => [name, 'any'] as const),
  ...['cp', 'install', 'ln', 'rsync', 'scp'].map((name) => [name, 'last'] as const),
])

const interpreters = /^(python|node|ruby|perl|php|deno|bun|tsx)[\d.]*$/
const writing = /open\(|writ|unlink|remove|rename|rmtree|rmSync|\brm\b|copy|truncate|dump/i

/** Notes what one text writes of Firebreak's own, command by command in their order. */
export class Watch {
  readonly #found: Operation[] = []
  readonly #real: (path: string, cwd: string | null) => string
  #dir: string
  constructor(
    cwd: string | null = null,
    real: (path: string, cwd: string | null) => string = (path) => path,
  ) {
    this.#dir = cwd ?? ''
    this.#real = real
  }

  get found(): readonly Operation[] {
    return this.#found
  }

  readonly saw = (run: Run): void => {
    const [name, ...args] = run.argv.map(({ text }) => text)
    const program = programOf(name ?? '')
    const to = run.writes.map(({ to }) => to.text).filter((path) => this.#is(path, isOwn))
    const patch = run.stdin.kind === 'text' && /^(patch|git)$/.test(program) ? run.stdin.text : ''
    const paths = [
      ...to,
      ...this.#written(program, args),
      ...patchedIn(patch).filter((path) => this.#is(path, isOwn)),
      ...ended(program, args),
    ]
    this.#found.push(...paths.map((path) => lost(path)))
    if (program === 'cd' || program === 'pushd') this.#dir = this.#at(args[0] ?? home)
  }

  #written(program: string, args: readonly string[]): readonly string[] {
    const by = writers.get(program)
    if (by === 'taken') return args.filter((path) => this.#is(path, holdsOwn))
    if (by === 'any') return args.filter((path) => this.#is(path, isOwn))
    if (by === 'last') return this.#copied(program, args)
    const out = into(args)
    if (out.length > 0 && /^(curl|wget|sort|tar|unzip|bsdtar|jq|http|aria2c|7z)$/.test(program))
      return out.filter((path) =>
        this.#is(path, /^(tar|bsdtar|unzip|7z)$/.test(program) ? holdsOwn : isOwn),
      )
    return this.#byFlags(program, args) ?? this.#byCode(program, args)
  }

  /** Null where its words say nothing of it. */
  #byFlags(program: string, args: readonly string[]): readonly string[] | null {
    if (program === 'dd')
      return args.filter((one) => one.startsWith('of=') && this.#is(one.slice(3), isOwn))
    const isInPlace =
      /^(sed|perl|ruby|yq|gsed)$/.test(program) &&
      args.some((one) => /^-[a-z]*i|^--in-?place/.test(one))
    if (isInPlace) return args.filter((path) => this.#is(path, isOwn))
    if (program === 'git') return this.#git(args)
    if (program === 'find')
      return args.includes('-delete') ? args.filter((path) => this.#is(path, holdsOwn)) : []
    return null
  }

  #byCode(program: string, args: readonly string[]): readonly string[] {
    if (!interpreters.test(program)) return []
    return args.filter((code) => writing.test(code) && mentions(code).some((path) => isOwn(path)))
  }

  #git(args: readonly string[]): readonly string[] {
    const dir = args[args.indexOf('-C') + 1]
    const from = args.includes('-C') && dir !== undefined ? `${dir}/` : ''
    return args.some((one) => /^(rm|mv|checkout|restore|clean)$/.test(one))
      ? args.filter((path) => this.#is(path, holdsOwn) || this.#is(`${from}${path}`, isOwn))
      : []
  }

  /** To the last of its words, or to what `-t` names; into a folder under the name that each had. */
  #copied(program: string, args: readonly string[]): readonly string[] {
    const words = args.filter((one) => !one.startsWith('-'))
    const named = args.indexOf('-t')
    const to = named < 0 ? words.at(-1) : args[named + 1]
    if (to === undefined) return []
    const isWhole =
      /^(ln|rsync|scp)$/.test(program) ||
      args.some((one) => /^-\w*[raR]|^--(recursive|archive)/.test(one))
    const isFolder = named >= 0 || /^\.{1,2}\/?$/.test(to) || this.#is(to, holdsOwn)
    const under = (isFolder ? words : [])
      .filter((one) => one !== to)
      .map((one) => `${to}/${one.replace(/\/+$/, '').split('/').at(-1) ?? ''}`)
    const gone = [to, ...under].filter((path) => this.#is(path, isOwn))
    return gone.length === 0 && isWhole && this.#is(to, holdsOwn) ? [to] : gone
  }

  #is(path: string, what: (path: string) => boolean): boolean {
    if (path.startsWith('-') || path === '') return false
    return what(path) || what(this.#at(path)) || what(this.#real(path, this.#dir || null))
  }

  #at(path: string): string {
    return /^[/~]/.test(path) || this.#dir === '' ? path : `${this.#dir}/${path}`
  }
}

/** The values of flags that name where to write. */
function into(args: readonly string[]): readonly string[] {
  return args.flatMap((one, at) => {
    const [, inline] =
      /^--(?:output|output-document|directory|output-dir|target)=(.*)$/.exec(one) ?? []
    if (inline !== undefined) return [inline]
    return /^(-[a-zA-Z]*[oOCd]|--output|--output-document|--directory|--output-dir)$/.test(one)
      ? args.slice(at + 1, at + 2)
      : []
  })
}

/** Firebreak itself: taken from the machine, or ended. */
function ended(program: string, args: readonly string[]): readonly string[] {
  // It puts raw credentials back, once a person gives a code: no agent asks them for one.
  if (program === 'firebreak' && args.find((one) => !one.startsWith('-')) === 'uninstall')
    return ['firebreak']
  const isIt = args.some((one) => /(^|\/)firebreak(@[\w.]+)?$/.test(one))
  const takes = /^(npm|pnpm|yarn|bun|brew|volta)$/.test(program)
    ? args.some((one) => /^(uninstall|un|remove|rm|r|unlink|ls-x)$/.test(one))
    : /^(pkill|killall|rm|unlink|mv|chmod)$/.test(program)
  const isBare = !/^(rm|unlink|mv|chmod)$/.test(program) || args.includes('firebreak')
  return isIt && takes && isBare ? ['firebreak'] : []
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
