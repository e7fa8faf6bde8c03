/** How much and how long the gateway takes from a client. */

export interface HttpLimits {
  readonly bodyBytes: number
  /** From a head's first byte to its last. */
  readonly headMs: number
  /** From a request's first byte to its last. */
  readonly requestMs: number
  /** Requests under way at a time, in all. */
  readonly concurrent: number
  /** The same for one root grant; a quarter of all by default. */
  readonly perGrant?: number
  /** Open connections, with and without a request. */
  readonly connections?: number
  /** A connection on which nothing is asked is closed after this. */
  readonly idleMs?: number
  /** A client that takes nothing of its answer for this long is cut. */
  readonly writeMs?: number
  /** After a refusal, what still arrives is thrown away for this long, so that the answer can be read. */
  readonly lingerMs?: number
}

export type AllLimits = Required<HttpLimits> & { readonly headBytes: number }

export function allLimits(limits: HttpLimits): AllLimits {
  return {
    perGrant: Math.max(1, Math.ceil(limits.concurrent / 4)),
    connections: limits.concurrent * 4,
    idleMs: 65_000,
    writeMs: 60_000,
    lingerMs: 2000,
    ...limits,
    headBytes: 16 * 1024,
  }
}
