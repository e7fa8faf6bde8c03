/** What a session waits for: each message that was sent on and is unanswered, in order, as the server itself reckons. */
import { malformed } from './cursor.ts'
import type { Status, Step } from './step.ts'

/** Ends in ReadyForQuery: a Query, a FunctionCall, a Sync. `copy-end` is a CopyDone or CopyFail sent before the server asked for data. */
type Mark = 'query' | 'call' | 'sync' | 'copy-end'
export type Sent = Step | Mark

export interface Session {
  /** As the server said it last. */
  readonly status: Status
  /** True if all that was sent is answered. */
  readonly quiet: boolean
  /** True while the server takes COPY data; it ignores Sync and Flush then, so the relay keeps them back. */
  readonly copying: boolean
  /** True while the server ignores everything up to the next Sync, none of which was sent yet. */
  readonly skipping: boolean
  /** True if the last thing sent is a step: nothing makes the server answer it yet. */
  readonly open: boolean
  /** True between a step and the Sync after it. */
  readonly midway: boolean
  sent(what: Sent): void
  /** A message of the server, by its type. What comes back: the step that it says is done. A message that cannot be throws. */
  heard(type: number, status?: Status): Step | null
}

export function openSession(): Session {
  return new Pending()
}

const done: Readonly<Record<Step['kind'], string>> = {
  parse: '1',
  bind: '2',
  describe: 'Tn',
  execute: 'CIs',
  close: '3',
}

const answers = Object.values(done).join('')

class Pending implements Session {
  status: Status = 'I'
  copying = false
  skipping = false
  midway = false
  #sent: Sent[] = []
  /** Where the first unanswered one stands: taking it from the front would move all others. */
  #first = 0

  get quiet(): boolean {
    return this.#first === this.#sent.length
  }

  get open(): boolean {
    return !this.quiet && isStep(this.#sent.findLast((what) => what !== 'copy-end'))
  }

  sent(what: Sent): void {
    this.midway = typeof what === 'object' || (what === 'copy-end' && this.midway)
    if (what === 'copy-end') this.#endCopy()
    else if (what === 'sync') this.#sync()
    // While it skips the server does not even look at them.
    else if (!this.skipping) this.#sent.push(what)
  }

  heard(type: number, status: Status = 'I'): Step | null {
    const letter = String.fromCharCode(type)
    if (answers.includes(letter)) return this.#answered(letter)
    if (letter === 'E') this.#failed()
    if (letter === 'G') this.#copyStarts()
    if (letter === 'Z') this.#ready(status)
    return null
  }

  #sync(): void {
    this.skipping = false
    this.#sent.push('sync')
  }

  #endCopy(): void {
    if (this.copying) this.copying = false
    else if (!this.quiet) this.#sent.push('copy-end')
  }

  #answered(type: string): Step | null {
    const head = this.#head()
    // What a Query or a Sync is answered with in between is the server's business; FETCH by Query has rows too.
    if (!isStep(head)) return this.#unasked(head, type)
    if (!done[head.kind].includes(type)) throw malformed('the server answers what was not asked')
    if (head.kind === 'execute') this.copying = false
    this.#shift()
    return head
  }

  #unasked(head: Mark | null, type: string): null {
    if (head !== 'query') throw malformed('the server answers what was not asked')
    if (type === 'C') this.copying = false
    return null
  }

  #failed(): void {
    this.copying = false
    if (!isStep(this.#head())) return
    // A Query behind the failed step is skipped as well.
    const sync = this.#find((what) => what === 'sync')
    this.skipping = sync === this.#sent.length
    this.#first = sync
    this.#trim()
  }

  /** INVARIANT (copy ignores Sync): those sent before the end of the data are never answered. */
  #copyStarts(): void {
    const head = this.#head()
    if (head !== 'query' && !(isStep(head) && head.kind === 'execute'))
      throw malformed('the server asks for data that nobody announced')
    const ignored = this.#sent.slice(this.#first + 1)
    const stop = ignored.findIndex((what) => what !== 'sync')
    const behind = stop === -1 ? [] : ignored.slice(stop)
    const ended = behind[0] === 'copy-end'
    this.#sent = [head, ...(ended ? behind.slice(1) : behind)]
    this.#first = 0
    this.copying = !ended
    if (stop === -1 && isStep(head)) this.midway = true
  }

  #ready(status: Status): void {
    const end = this.#find(isEnd)
    if (end === this.#sent.length) throw malformed('the server is ready and was not asked')
    this.#first = end + 1
    this.#trim()
    this.status = status
    this.copying = false
  }

  #head(): Sent | null {
    return this.#sent[this.#first] ?? null
  }

  #find(wanted: (what: Sent | undefined) => boolean): number {
    let at = this.#first
    while (at < this.#sent.length && !wanted(this.#sent[at])) at += 1
    return at
  }

  #shift(): void {
    this.#first += 1
    this.#trim()
  }

  #trim(): void {
    // What it stood behind took no data, so it is ignored.
    while (this.#sent[this.#first] === 'copy-end') this.#first += 1
    if (this.#first === this.#sent.length) this.#sent.length = this.#first = 0
    else if (this.#first >= 1024) {
      this.#sent.splice(0, this.#first)
      this.#first = 0
    }
  }
}

function isStep(what: Sent | null | undefined): what is Step {
  return typeof what === 'object' && what !== null
}

function isEnd(what: Sent | undefined): boolean {
  return what === 'query' || what === 'call' || what === 'sync'
}
