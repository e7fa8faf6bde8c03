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
  /** Run under the enforcer's eyes. What comes back: null gives the client the kept replies, a refusal gives it that instead. */
  | { readonly kind: 'bounded'; readonly run: (desk: Desk) => Promise<Refusal | null> }

export interface Refusal {
  /** SQLSTATE. */
  readonly code: string
  readonly message: string
  readonly detail: string | null
  readonly hint: string | null
}

/** The server while it is the enforcer's alone: all before it is answered, nothing of the client's goes on meanwhile. */
export interface Desk {
  /** As the server said it last. */
  readonly status: () => Status
  /** True between Flush and Sync: an implicit transaction may be open, and `ask` would end it, so it is refused. */
  readonly midway: boolean
  /** A statement of the gateway's own, in text form; the client sees nothing of it and its unnamed statement stays. */
  readonly ask: (text: string, values?: readonly (string | null)[]) => Promise<Answer>
  /** Sends the batch, once; its replies are kept back for the client. */
  readonly send: () => Promise<Answer>
}

/** What the server answered, up to ReadyForQuery (for a batch that a Flush closes: to its last step). */
export interface Answer {
  /** The tag of each CommandComplete. */
  readonly tags: readonly string[]
  /** The rows of an `ask`, in text form; a `send` tells none. */
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
