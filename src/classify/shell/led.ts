/** Where a text itself has led a path elsewhere, by a link or a move: `ln -s ~ build; rm -rf build/*` takes the home. */
import type { Arg } from './arg.ts'
import { argvOf, flagsOf } from './argv.ts'
import { normal } from './paths.ts'
import { programOf } from './run.ts'
import type { Run } from './run.ts'

/** What is moved matters to those that take files away; a link, to whoever goes through it. */
const takers = /^(rm|rmdir|unlink|find|shred|trash|trash-put|srm|rimraf|del|rd)$/

const flags = flagsOf('-t --target-directory -S --suffix', '-s -f -n -r -v -i -b -T -L -P')

/** More in a row are a circle. */
const mostLinks = 16

export class Led {
  readonly #real: ((path: string) => string) | null
  readonly #links = new Map<string, Arg>()
  readonly #moved = new Map<string, Arg>()

  /** `real`: where the links of a path lead that lie on the disk already; null where nobody looks. */
  constructor(real: ((path: string) => string) | null) {
    this.#real = real
  }

  /** The same run by the paths that it may really take; the very same where nothing leads elsewhere. What was told stands all the same: a link may not have come to be. */
  through(run: Run): Run {
    const isTaker = takers.test(programOf(run.argv[0]?.text ?? ''))
    if (!isTaker && this.#links.size === 0) return run
    const [program, ...args] = run.argv
    const led = args.flatMap((arg) =>
      isTaker ? [this.#onDisk(this.#behind(arg)), ...this.#within(arg)] : [this.#behind(arg)],
    )
    const isSame = led.length === args.length && led.every((arg, at) => arg === args[at])
    return program === undefined || isSame ? run : { ...run, argv: [program, ...led] }
  }

  note({ argv: [first, ...args] }: Run): void {
    const program = programOf(first?.text ?? '')
    if (program !== 'ln' && program !== 'mv') return
    const { words, flags: found } = argvOf(args, flags)
    const folder = [...(found.get('-t') ?? []), ...(found.get('--target-directory') ?? [])].at(-1)
    const all = folder === undefined ? words : [...words, folder]
    if (program === 'mv') this.#put(all)
    else if (found.has('-s') || found.has('--symbolic')) this.#linked(all)
  }

  /** Under the name itself, and in it where it is a folder. */
  #linked([target, name]: readonly Arg[]): void {
    if (target === undefined || name?.isKnown === false) return
    const last = lastOf(target.text)
    this.#link(target, normal(name?.text ?? last))
    if (name !== undefined) this.#link(target, normal(`${name.text}/${last}`))
  }

  #link(target: Arg, at: string): void {
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

  /** Through one link after another: the longest name is the nearest. */
  #behind(told: Arg): Arg {
    let arg = told
    for (let left = mostLinks; left > 0; left -= 1) {
      const path = normal(arg.text)
      const isWhole = arg.text.endsWith('/')
      const link = [...this.#links.keys()]
        .filter((one) => path.startsWith(`${one}/`) || (isWhole && path === one))
        .reduce((longest, one) => (one.length > longest.length ? one : longest), '')
      const target = this.#links.get(link)
      if (target === undefined) return arg
      const text = target.text + path.slice(link.length)
      arg = { ...arg, text, isKnown: target.isKnown && arg.isKnown }
    }
    return { ...arg, isKnown: false }
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
    // Of a pattern, the folder before it: what it fits, it may take.
    const path = normal(text.replace(/\/[^/]*[*?[].*$/s, ''))
    return [...this.#moved].flatMap(([at, from]) => {
      const to = at.slice(0, at.lastIndexOf('/'))
      return path === to || path === at || at.startsWith(`${path}/`) ? [from] : []
    })
  }
}

const lastOf = (path: string): string => path.replace(/\/+$/, '').split('/').at(-1) ?? ''
