/** What a command is: one file, one verb for hands. */
import type { ParseArgsConfig } from 'node:util'
import { parseArgs } from 'node:util'
import { FirebreakError, messageOf } from '../base/error.ts'
import type { ErrorCode } from '../base/error.ts'
import type { Io } from './io.ts'

/** Exit codes (PRODUCT.md): done, findings, usage, not reachable, integrity broken. */
export const exits = { done: 0, findings: 1, usage: 2, unreachable: 3, broken: 4 } as const

export interface Command {
  /** How to call it, a line each. */
  readonly usage: readonly string[]
  /** Gives the exit code. */
  readonly run: (args: readonly string[], io: Io) => Promise<number>
}

type Options = NonNullable<ParseArgsConfig['options']>

export interface Parsed {
  readonly positionals: readonly string[]
  /** The option's text, or null. */
  readonly text: (name: string) => string | null
  readonly flag: (name: string) => boolean
  readonly list: (name: string) => readonly string[]
}

/** Reads arguments strictly: an unknown option is a usage error that names it. */
export function parse(args: readonly string[], options: Options): Parsed {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options,
      allowPositionals: true,
      strict: true,
    })
    const value = (name: string): unknown => values[name]
    return {
      positionals,
      text: (name) => {
        const found = value(name)
        return typeof found === 'string' ? found : null
      },
      flag: (name) => value(name) === true,
      list: (name) => {
        const found = value(name)
        return Array.isArray(found) ? found.map(String) : []
      },
    }
  } catch (cause) {
    throw usage(messageOf(cause).split('. ')[0] ?? 'the arguments are off', cause)
  }
}

export function usage(message: string, cause?: unknown): FirebreakError {
  return new FirebreakError('bad_input', message, 'see `firebreak help`', cause)
}

/** The exit code that a fault stands for. */
export function exitOf(thrown: unknown): number {
  return thrown instanceof FirebreakError ? exitByCode[thrown.code] : exits.findings
}

const exitByCode: Readonly<Record<ErrorCode, number>> = {
  bad_config: exits.usage,
  bad_input: exits.usage,
  bad_policy: exits.usage,
  broken_ledger: exits.broken,
  broken_store: exits.broken,
  custody_locked: exits.findings,
  factor_refused: exits.findings,
  grant_refused: exits.findings,
  halted: exits.findings,
  internal: exits.findings,
  not_found: exits.usage,
  not_reachable: exits.unreachable,
  port_in_use: exits.usage,
  too_large: exits.usage,
  wrong_state: exits.findings,
}
