/** The one fault that Firebreak throws: a closed code, one line of what happened, and what to do next. */

/** Codes are stable and never reused; branch on the code, never on the message. */
export type ErrorCode =
  | 'bad_config'
  | 'bad_input'
  | 'bad_policy'
  | 'broken_ledger'
  | 'broken_store'
  | 'custody_locked'
  | 'factor_refused'
  | 'grant_refused'
  | 'halted'
  | 'internal'
  | 'not_found'
  | 'not_reachable'
  | 'port_in_use'
  | 'too_large'
  | 'wrong_state'

export class FirebreakError extends Error {
  readonly code: ErrorCode
  /** What to do next, for a tired reader. */
  readonly hint: string | null

  constructor(code: ErrorCode, message: string, hint: string | null = null, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'FirebreakError'
    this.code = code
    this.hint = hint
  }
}

/** The message of anything thrown, on one line; never a stack. */
export function messageOf(thrown: unknown): string {
  const text = thrown instanceof Error ? thrown.message : String(thrown)
  return text.replaceAll(/\s+/g, ' ').trim()
}
