/** Files that a text writes before it runs them: what they hold is told by the text itself. */
import { normal } from './paths.ts'
import { programOf } from './run.ts'
import type { Fed, Run } from './run.ts'
import { said } from './said.ts'
import type { Arg } from './arg.ts'

export class Lies {
  readonly #files = new Map<string, Fed>()

  /** Null where this text has not written it. From another folder it is the same file by its last name. */
  at(path: string): Fed | null {
    const exact = this.#files.get(normal(path))
    if (exact !== undefined) return exact
    const name = lastOf(path)
    const near = [...this.#files].findLast(([one]) => lastOf(one) === name)
    return near === undefined ? null : near[1]
  }

  note(run: Run): void {
    const [first, ...args] = run.argv
    const words = args.filter(({ text }) => !text.startsWith('-'))
    const program = programOf(first?.text ?? '')
    for (const { to, isOver } of run.writes) this.#put(to, said(run), isOver)
    if (program === 'tee')
      for (const to of words) this.#put(to, run.stdin, !args.some(({ text }) => text === '-a'))
    else if (program === 'cp' || program === 'mv' || program === 'ln' || program === 'install')
      this.#copied(words)
    else this.#fetched(program, args)
  }

  #copied(words: readonly Arg[]): void {
    const [from, to] = words.slice(-2)
    const held = from === undefined || to === undefined ? null : this.at(from.text)
    if (held !== null && to !== undefined) this.#put(to, held, true)
  }

  /** `curl -o x`, `wget -O x`: what came, nobody has read. */
  #fetched(program: string, args: readonly Arg[]): void {
    if (!/^(curl|wget|aria2c|http|https|xh|openssl|gpg|base64)$/.test(program)) return
    const at = args.findIndex(({ text }) =>
      /^-[a-zA-Z]*[oO]$|^--output(-document)?$|^-out$/.test(text),
    )
    const to = at < 0 ? undefined : args[at + 1]
    if (to !== undefined) this.#put(to, { kind: 'unread', from: program }, true)
  }

  #put(to: Arg, held: Fed, isOver: boolean): void {
    if (!to.isKnown || to.text.startsWith('/dev/')) return
    const path = normal(to.text)
    const before = isOver ? undefined : this.#files.get(path)
    const isBoth = before?.kind === 'text' && held.kind === 'text'
    this.#files.set(path, isBoth ? { kind: 'text', text: `${before.text}\n${held.text}` } : held)
  }
}

const lastOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1)
