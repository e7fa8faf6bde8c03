/** Faults that a test switches on: what a platform does on a bad day, per operation. */

export type Fault =
  /** Answers later. */
  | { readonly kind: 'delay'; readonly ms: number }
  /** Takes the request, does nothing and never answers. */
  | { readonly kind: 'hang' }
  /** Does nothing and answers with this status. */
  | { readonly kind: 'status'; readonly status: 403 | 429 | 500 | 502 | 503 }
  /** Does nothing and points elsewhere (307). */
  | { readonly kind: 'redirect'; readonly to: string }
  /** Does it, then says nothing and keeps the connection. */
  | { readonly kind: 'mute' }
  /** Does it, then drops the connection before the answer. */
  | { readonly kind: 'crash' }
  /** Does it, then drops the connection in the middle of the answer. */
  | { readonly kind: 'cut' }
  /** Does it, and answers with something that is no JSON. */
  | { readonly kind: 'garble' }
  /** Does it, and sends the answer in pieces, with a pause before each. */
  | { readonly kind: 'trickle'; readonly ms: number; readonly pieces: number }

/** What is wrong at the moment, by root field (`volumeDelete`), or `*` for everything. */
export interface Faults {
  /** Sets the fault of a field for so many requests; without a number until it is cleared. */
  set(field: string, fault: Fault, times?: number): void
  clear(): void
  /** The fault of a request with these root fields, which uses it up once; null where all is well. */
  take(fields: readonly string[]): Fault | null
}

export function makeFaults(): Faults {
  const set = new Map<string, { readonly fault: Fault; readonly left: number }>()
  return {
    set: (field, fault, times = Number.POSITIVE_INFINITY) => {
      set.set(field, { fault, left: times })
    },
    clear: () => set.clear(),
    take: (fields) => {
      const field = [...fields, '*'].find((name) => set.has(name))
      const found = field === undefined ? undefined : set.get(field)
      if (field === undefined || found === undefined) return null
      if (found.left <= 1) set.delete(field)
      else set.set(field, { ...found, left: found.left - 1 })
      return found.fault
    },
  }
}
