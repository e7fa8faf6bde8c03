/** What earlier statements of one text leave for later ones, on top of what the session held. */
import type { Left, SqlSession } from './statement.ts'

export class Batch implements SqlSession {
  readonly #before: SqlSession | undefined
  readonly #prepared = new Map<string, string | null>()
  #forgotAll = false
  readonly temporary: Set<string>
  readonly functions: Set<string>
  renamed?: Map<string, string>

  constructor(before: SqlSession | undefined) {
    this.#before = before
    this.temporary = new Set(before?.temporary)
    this.functions = new Set(before?.functions)
    if (before === undefined || before.renamed !== undefined)
      this.renamed = new Map(before?.renamed)
  }

  prepared(name: string): string | null {
    const found = this.#prepared.get(name)
    if (found !== undefined) return found
    return this.#forgotAll ? null : (this.#before?.prepared(name) ?? null)
  }

  note(leaves: readonly Left[]): void {
    for (const { kind, name, text } of leaves)
      switch (kind) {
        case 'prepared':
          // A name that is taken stays: the server refuses to prepare it anew.
          if (this.prepared(name) === null) this.#prepared.set(name, text)
          break
        case 'forgotten':
          this.#forget(name)
          break
        case 'temporary':
          this.temporary.add(name)
          break
        case 'dropped':
          if (name === '') this.temporary.clear()
          else this.temporary.delete(name)
          break
        case 'renamed':
          this.renamed ??= new Map()
          this.renamed.set(name, text)
          break
        case 'function':
          this.functions.add(name)
          break
        // Bears on how many rows a write may change, and that is said by the statement itself.
        case 'altered':
          break
      }
  }

  /** All of them where the name is empty. */
  #forget(name: string): void {
    if (name !== '') {
      this.#prepared.set(name, null)
      return
    }
    this.#prepared.clear()
    this.#forgotAll = true
  }
}
