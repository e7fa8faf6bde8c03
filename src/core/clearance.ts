/** The proof that one action may run. */
import type { Verdict } from './verdict.ts'

/** INVARIANT (one mint): only the guard calls `clear`; every gateway's `run` demands one. */
export class Clearance {
  readonly #digest: string
  #spent = false

  private constructor(digest: string) {
    this.#digest = digest
  }

  /** A clearance for what was allowed, or for what was held and approved under this very digest; else null. */
  static clear(digest: string, verdict: Verdict, approved: string | null): Clearance | null {
    const vouched = verdict.kind === 'hold' && approved === digest
    return verdict.kind === 'allow' || vouched ? new Clearance(digest) : null
  }

  covers(digest: string): boolean {
    return this.#digest === digest
  }

  /** True the first time for the digest it covers, false ever after: a clearance runs one action once. */
  spend(digest: string): boolean {
    if (this.#spent || !this.covers(digest)) return false
    this.#spent = true
    return true
  }
}
