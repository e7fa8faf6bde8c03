/** Where the relay and the enforcement of the Postgres gateway meet: what a client has sent, and what is done with it. */

import type { Status, Step } from '../../wire/postgres/step.ts'

export type { Status, Step } from '../../wire/postgres/step.ts'

/**
 * What a client has sent, complete up to the next point where the server would answer: a Query, a FunctionCall, or an
 * extended batch up to Sync or Flush. COPY data passes beside it. The bytes are the relay's own: they hold until `judge`
 * has answered, and for a bounded batch until it has run.
 */
export type Batch =
  | { readonly kind: 'query'; readonly text: string; readonly bytes: Uint8Array }
  | { readonly kind: 'call'; readonly oid: number; readonly bytes: Uint8Array }
  | {
      readonly kind: 'extended'
      readonly steps: readonly Step[]
      readonly closes: 'sync' | 'flush'
      readonly bytes: Uint8Array
    }

/** What is done with a batch. */
export type Way =
  /** It goes on, the bytes as they came. */
  | { readonly kind: 'pass' }
  /** An ErrorResponse; session and transaction are exactly as after an error of the server. */
  | { readonly kind: 'refuse'; readonly error: Refusal }
  /** It is judged once more when all that was sent before it is answered, so that the status is known. */
  | { readonly kind: 'wait' }
  /** The server is asked something first; then it goes the way that comes back, which is never `wait`. */
  | { readonly kind: 'look'; readonly look: (desk: Looking) => Promise<Way> }
  /** Run under the enforcer's eyes. What comes back: null where the client has all replies but what is kept, a refusal gives it that instead. */
  | { readonly kind: 'bounded'; readonly run: (desk: Desk) => Promise<Refusal | null> }

export interface Refusal {
  /** SQLSTATE. */
  readonly code: string
  readonly message: string
  readonly detail: string | null
  readonly hint: string | null
  /** The server's own ErrorResponse, where it is one. */
  readonly frame?: Uint8Array
}

/** Before the way is known: the server is asked, and the batch stays where it is. */
export type Looking = Pick<Desk, 'status' | 'ask' | 'reads'>

/** The server while it is the enforcer's alone: all before it is answered, nothing of the client's goes on meanwhile. */
export interface Desk {
  /** As the server said it last. */
  readonly status: () => Status
  /** True between Flush and Sync: an implicit transaction may be open, so that `ask` works in it, and says nothing of the status. */
  readonly midway: () => boolean
  /** True where the server ignores everything up to the client's next Sync. */
  readonly skipping: () => boolean
  /** Statements of the gateway's own, one after the other, in text form; the client sees nothing of it and its unnamed statement stays. */
  readonly ask: (texts: readonly string[], values?: readonly (string | null)[]) => Promise<Answer>
  /** Whether the server can read a text; nothing of it runs. Its no is as the no to the text itself would be. */
  readonly reads: (text: string) => Promise<Answer>
  /** Sends the batch, or a part of it; the replies are kept back for the client. */
  readonly send: (part?: Batch) => Promise<Answer>
  /** The same, but the client has the replies as they come. What was kept goes before them. */
  readonly pass: (part?: Batch) => Promise<Answer>
  /** What was kept goes to the client, `but` what says that the last statement is done, or only what comes before any result. */
  readonly release: (what: 'all' | 'but-the-last' | 'before-results') => void
  /** Ends what the server skips, with the client still to send its Sync: what is asked between is answered again. */
  readonly wake: () => Promise<void>
  /** Lets the server skip again, up to the client's Sync. */
  readonly skip: () => Promise<void>
}

/** What the server answered, up to ReadyForQuery (for a batch that a Flush closes: to its last step). */
export interface Answer {
  /** The tag of each CommandComplete. */
  readonly tags: readonly string[]
  /** The rows of an `ask`, in text form; the others tell none. */
  readonly rows: readonly (readonly (string | null)[])[]
  readonly error: Refusal | null
  /** True if the replies were more than can be kept: the client cannot be given them, so the batch must be refused. */
  readonly overflow: boolean
}

export type Heard =
  /** The server has done this step of an extended batch; of a step that failed or was skipped nothing is told. */
  | { readonly kind: 'done'; readonly step: Step }
  | { readonly kind: 'complete'; readonly tag: string }
  | { readonly kind: 'error'; readonly code: string }
  /** What a FunctionCall gives, where that is four bytes: a whole number, if the client asked for binary. */
  | { readonly kind: 'returned'; readonly value: number | null }
  | { readonly kind: 'setting'; readonly name: string; readonly value: string }
  | { readonly kind: 'ready'; readonly status: Status }

/** One per session. */
export interface Enforcer {
  /**
   * Judged before a byte of it goes on. `status` is the server's, or null while something before it is unanswered (a
   * client that pipelines): answer `wait` where it matters.
   */
  judge(batch: Batch, status: Status | null): Way | Promise<Way>
  /** Told what the server answers, in its order. */
  heard?(message: Heard): void
  /** The client asks that what it waits for be given up. */
  cancelled?(): void
  closed(): void
}

const pass: Way = { kind: 'pass' }

/** An enforcer that passes everything. */
export const passAll: Enforcer = { judge: () => pass, closed: () => undefined }
