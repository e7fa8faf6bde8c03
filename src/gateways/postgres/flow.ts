/** What is on its way to the server and unanswered, and what becomes of a session when it is answered. */
import type { Passed } from '../../guard/passed.ts'
import type { Names, Seen } from './names.ts'
import type { Reading, ReadStatement } from './reading.ts'
import type { Batch, Heard } from './seam.ts'
import { maySet } from './setting.ts'
import type { State } from './state.ts'

type Allowed = Extract<Passed, { readonly kind: 'allowed' }>

interface Going {
  readonly allowed: Allowed | null
  readonly closes: boolean
  failed: boolean
}

/** What the statements of one batch leave, each when the server says that it is done. */
interface Leaving {
  readonly runs: Reading['runs']
  readonly isExtended: boolean
  at: number
}

export class Flow {
  readonly #names: Names
  readonly #state: State
  #going: Going[] = []
  #leaving: Leaving | null = null
  #isOpaque = false
  #failed = false
  #tag = ''
  /** True from the first statement since the server was ready. */
  hasRun = false

  constructor(names: Names, state: State) {
    this.#names = names
    this.#state = state
  }

  /** True where what is under way may leave in the session what the reading of the next leans on. */
  get holdsBack(): boolean {
    return this.#leaving !== null || this.#isOpaque
  }

  goes(
    batch: Batch,
    { runs, seen }: { readonly runs: Reading['runs']; readonly seen: Seen },
    { allowed, isOver }: { readonly allowed: Allowed | null; readonly isOver: boolean },
  ): void {
    const closes = batch.kind !== 'extended' || batch.closes === 'sync'
    this.#names.sent(seen, { closes, isOver: isOver && closes })
    this.#going.push({ allowed, closes, failed: false })
    if (runs.length === 0) return
    this.hasRun = true
    if (runs.some((run) => run.some(({ leaves }) => leaves.length > 0)))
      this.#leaving = { runs, isExtended: batch.kind === 'extended', at: 0 }
    this.#isOpaque ||= runs.some((run) => run.some(isOpaque))
  }

  /** All that went is answered, and the client is not told yet that the server is ready. */
  answered(): void {
    this.#names.ready('T')
    for (const { allowed, failed } of this.#going.splice(0))
      allowed?.done(failed ? 400 : 200, 'forwarded')
    this.#leaving = null
  }

  heard(message: Heard): void {
    switch (message.kind) {
      case 'done':
        this.#names.done(message.step)
        if (message.step.kind === 'execute' && this.#leaving?.isExtended === true)
          this.#leaving.at += 1
        break
      case 'complete':
        this.#tag = message.tag
        // To a savepoint or as a whole: what was made in it may be gone.
        if (message.tag === 'ROLLBACK') this.#state.ended(false)
        this.#left()
        break
      case 'error':
        this.#failed = true
        for (const one of this.#going.slice(0, 1)) one.failed = true
        break
      case 'setting':
      case 'returned':
        break
      case 'ready':
        this.#ready(message)
    }
  }

  closed(): void {
    for (const { allowed } of this.#going.splice(0)) allowed?.done(0, 'the session has ended')
  }

  #left(): void {
    const leaving = this.#leaving
    if (leaving === null) return
    const run = leaving.runs[leaving.isExtended ? leaving.at - 1 : leaving.at]
    if (!leaving.isExtended) leaving.at += 1
    for (const { leaves } of run ?? []) this.#state.left(leaves)
  }

  #ready({ status }: Extract<Heard, { readonly kind: 'ready' }>): void {
    this.#names.ready(status)
    if (status === 'I') this.#state.ended(!this.#failed && this.#tag !== 'ROLLBACK')
    // What was flushed before a Sync is answered by the same ReadyForQuery.
    const upTo = this.#going.findIndex(({ closes }) => closes)
    for (const { allowed, failed } of this.#going.splice(0, upTo + 1))
      allowed?.done(failed ? 400 : 200, 'forwarded')
    this.#leaving = null
    this.#isOpaque = this.#failed = this.hasRun = false
  }
}

/** What it does beside its words is not known: it may even change what the next words mean. */
function isOpaque(statement: ReadStatement): boolean {
  return maySet(statement) || statement.operation.kinds.includes('exec')
}
