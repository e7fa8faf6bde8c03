/** What a session has set by now, as far as it was seen or asked. */
import type { ReadStatement } from './reading.ts'
import type { Desk, Heard, Refusal } from './seam.ts'
import { askSurroundings, bareSetting, bears, maySet, ownNames } from './setting.ts'
import type { Surroundings } from './setting.ts'
import type { Setting } from './stored.ts'

const mostNames = 100

export class Around {
  readonly #database: string
  #setting: Setting | null
  /** Settings of nobody's that it may have set. */
  readonly #names = new Set<string>()
  /** What is set now may be gone with the transaction. */
  #setsWithin = false

  /** `parameters`: what the client has set at its start, by lower-case name. */
  constructor(database: string, parameters: Iterable<string>) {
    this.#database = database
    this.#setting = [...parameters].some(bears) ? null : bareSetting(database)
  }

  /** Null where the server has to be asked. */
  get setting(): Setting | null {
    return this.#setting
  }

  /** Where nothing can be asked: what is known, or nothing. */
  get assumed(): Setting {
    return this.#setting ?? bareSetting(this.#database)
  }

  /** Everything that bears on a statement now, asked anew. */
  async ask(desk: Pick<Desk, 'ask'>): Promise<Surroundings | Refusal> {
    const found = await askSurroundings(desk, this.#database, this.#names)
    if (!('code' in found)) this.#setting = found.setting
    return found
  }

  /** These go to the server. */
  goes(statements: readonly ReadStatement[]): void {
    for (const statement of statements) {
      if (!maySet(statement)) continue
      this.#setting = null
      this.#setsWithin = true
      for (const name of ownNames(statement.text))
        if (this.#names.size < mostNames) this.#names.add(name)
    }
  }

  heard(message: Heard): void {
    if (!this.#setsWithin) return
    const isIdle = message.kind === 'ready' && message.status === 'I'
    const isBack = message.kind === 'complete' && message.tag === 'ROLLBACK'
    if (isIdle || isBack) this.#setting = null
    if (isIdle) this.#setsWithin = false
  }
}
