/**
 * Large objects that a transaction has made itself, as drivers work with them: by FunctionCalls alone. What is written to one of
 * those takes nothing. Every other statement between may open what nobody saw, so after it nothing counts as its own.
 */
import { asWrite } from '../../classify/sql/statement.ts'
import { readArguments } from '../../wire/postgres/front.ts'
import type { Reading } from './reading.ts'
import type { Batch, Heard, Status } from './seam.ts'

/** PostgreSQL's own, by the oids that it has had since it has them (`pg_proc.dat`). */
const makes: ReadonlySet<number> = new Set([957, 715])
const opens = 952
/** Of these the first argument is an object, of the next a descriptor. */
const losesObject: ReadonlySet<number> = new Set([964])
const losesOpen: ReadonlySet<number> = new Set([955, 1004, 3172])
/** Closing, reading, seeking and telling: descriptors stay what they are, or are gone. */
const harmless: ReadonlySet<number> = new Set([953, 954, 956, 958, 3170, 3171])

/** What the answer to a call tells: an object that is new, or a descriptor. */
type Going = 'object' | 'own' | 'other'

export class Large {
  readonly #objects = new Set<number>()
  /** Descriptors; what is not in it is another's. */
  readonly #own = new Set<number>()
  /** The one call that is on its way. */
  #going: Going | null = null
  #isAsked = false

  /** The same reading, or one in which what is written to an object of its own takes nothing. `status` as for `judge`. */
  asOwn(batch: Batch, reading: Reading, status: Status | null): Reading {
    // An answer is known to be that of a call only where nothing else is on its way.
    if (batch.kind !== 'call' || this.#isAsked) this.#forget()
    if (batch.kind !== 'call' || status !== 'T' || !this.#isOwn(batch)) return reading
    const statements = reading.statements.map((one) => ({
      ...one,
      operation: asWrite(one.operation),
    }))
    return { ...reading, statements, runs: [statements] }
  }

  /** It goes to the server. */
  goes(batch: Batch, status: Status | null): void {
    if (batch.kind !== 'call' || status !== 'T') return this.#forget()
    const { oid } = batch
    const what = first(batch)
    this.#isAsked = true
    if (makes.has(oid)) this.#going = 'object'
    else if (oid === opens) this.#going = what !== null && this.#objects.has(what) ? 'own' : 'other'
    else if (!harmless.has(oid) && !losesObject.has(oid) && !losesOpen.has(oid)) this.#forget()
  }

  heard(message: Heard): void {
    if (message.kind === 'returned' && message.value !== null) {
      if (this.#going === 'object') this.#objects.add(message.value)
      if (this.#going === 'own') this.#own.add(message.value)
      if (this.#going === 'other') this.#own.delete(message.value)
    }
    if (message.kind !== 'ready') return
    this.#going = null
    this.#isAsked = false
    if (message.status !== 'T') this.#forget()
  }

  #isOwn(batch: Extract<Batch, { readonly kind: 'call' }>): boolean {
    const what = first(batch)
    if (what === null) return false
    return (
      (losesObject.has(batch.oid) && this.#objects.has(what)) ||
      (losesOpen.has(batch.oid) && this.#own.has(what))
    )
  }

  #forget(): void {
    // Each clearing of a set makes it anew, and this comes with every statement.
    if (this.#objects.size > 0) this.#objects.clear()
    if (this.#own.size > 0) this.#own.clear()
    this.#going = null
  }
}

/** The first argument, where it is a whole number in binary; null where it is not. */
function first({ bytes }: Extract<Batch, { readonly kind: 'call' }>): number | null {
  const [value] = readArguments(bytes) ?? []
  if (value?.length !== 4) return null
  return new DataView(value.buffer, value.byteOffset, 4).getUint32(0)
}
