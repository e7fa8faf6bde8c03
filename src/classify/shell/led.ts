/** Where a text itself has led a path elsewhere, by a link or a move: `ln -s ~ build; rm -rf build/*` takes the home. */
import type { Arg } from './arg.ts'
import { normal } from './paths.ts'
import { programOf } from './run.ts'
import type { Run } from './run.ts'

/** What is moved matters to those that take files away; a link, to whoever goes through it. */
const takers = /^(rm|rmdir|unlink|find|shred|trash|trash-put|srm|rimraf|del|rd)$/

export class Led {
  readonly #real: ((path: string) => string) | null
  readonly #links = new Map<string, Arg>()
  readonly #moved = new Map<string, Arg>()

  /** `real`: where the links of a path lead that lie on the disk already; null where nobody looks. */
  constructor(real: ((path: string) => string) | null) {
    this.#real = real
  }

  /** The same run by the paths that it really takes. */
  through(run: Run): Run {
    const isTaker = takers.test(programOf(run.argv[0]?.text ?? ''))
    if (!isTaker && this.#links.size === 0) return run
    const [program, ...args] = run.argv
    const led = args.flatMap((arg) =>
      isTaker ? [this.#onDisk(this.#behind(arg)), ...this.#within(arg)] : [this.#behind(arg)],
    )
    return program === undefined ? run : { ...run, argv: [program, ...led] }
  }

  note({ argv: [first, ...args] }: Run): void {
    const words = args.filter(({ text }) => !text.startsWith('-'))
    const program = programOf(first?.text ?? '')
    if (program === 'ln' && args.some(({ text }) => /^-[a-zA-Z]*s|^--symbolic$/.test(text)))
      this.#linked(words)
    if (program === 'mv') this.#put(words)
  }

  #linked([target, name]: readonly Arg[]): void {
    if (target === undefined || name?.isKnown === false) return
    const at = normal(name?.text ?? lastOf(target.text))
    const above = at.includes('/') ? `${at.slice(0, at.lastIndexOf('/'))}/` : ''
    const isWhole = /^[/~$]/.test(target.text)
    this.#links.set(at, isWhole ? target : { ...target, text: `${above}${target.text}` })
  }

  #put(words: readonly Arg[]): void {
    const to = words.at(-1)
    if (words.length < 2 || to?.isKnown !== true) return
    for (const from of words.slice(0, -1))
      this.#moved.set(`${normal(to.text)}/${lastOf(from.text)}`, from)
  }

  #behind(arg: Arg): Arg {
    const path = normal(arg.text)
    for (const [link, target] of this.#links) {
      if (!path.startsWith(`${link}/`) && !(arg.text.endsWith('/') && path === link)) continue
      return {
        ...arg,
        text: target.text + path.slice(link.length),
        isKnown: target.isKnown && arg.isKnown,
      }
    }
    return arg
  }

  /** A link by itself is taken as a link; only what stands behind it leads elsewhere. */
  #onDisk(arg: Arg): Arg {
    const [, above, last] = /^(?!-)(.*\/)([^/]*)$/s.exec(arg.text) ?? []
    if (above === undefined || last === undefined || this.#real === null || !arg.isKnown) return arg
    const folder = normal(above)
    const real = this.#real(folder)
    return real === folder ? arg : { ...arg, text: last === '' ? real : `${real}/${last}` }
  }

  /** What was moved to where it is taken away, by the path that it had. */
  #within({ text }: Arg): readonly Arg[] {
    const path = normal(text)
    return [...this.#moved].flatMap(([at, from]) => {
      const to = at.slice(0, at.lastIndexOf('/'))
      return path === to || path === at || at.startsWith(`${path}/`) ? [from] : []
    })
  }
}

const lastOf = (path: string): string => path.replace(/\/+$/, '').split('/').at(-1) ?? ''
