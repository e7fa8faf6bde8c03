/** Calls to the daemon: its state folder comes from the config, and a person's factor from the terminal. */
import { join } from 'node:path'
import { userInfo } from 'node:os'
import { readConfig } from '../app/config.ts'
import type { Config } from '../app/config.ts'
import { environment } from '../app/environment.ts'
import { callControl } from '../app/socket.ts'
import { FirebreakError } from '../base/error.ts'
import type { Json, JsonObject } from '../base/json.ts'
import { usage } from './command.ts'
import type { Parsed } from './command.ts'
import type { Io } from './io.ts'

/** The options that every command which talks to the daemon takes. */
export const daemonOptions = { config: { type: 'string' } } as const
/** And those that ask for an approver's factor. */
export const factorOptions = {
  ...daemonOptions,
  approver: { type: 'string' },
  code: { type: 'string' },
} as const

/** The config that `--config`, `FIREBREAK_CONFIG` or this folder names. */
export function configOf(parsed: Parsed): Config {
  return readConfig(parsed.text('config') ?? environment('FIREBREAK_CONFIG') ?? 'firebreak.yaml')
}

/** Sends a command to the daemon of that config and gives its result. */
export async function call(parsed: Parsed, command: string, input: JsonObject): Promise<Json> {
  const config = configOf(parsed)
  return await callControl(join(config.state, 'control.sock'), command, { ...input, by: whoami() })
}

/** The approver's name and one-time code: by options, else asked for; the daemon checks them. */
export async function factor(parsed: Parsed, io: Io): Promise<JsonObject> {
  const approver = parsed.text('approver') ?? (await io.ask('approver: '))
  const code = parsed.text('code') ?? (await io.ask('one-time code: '))
  if (approver === null || code === null)
    throw new FirebreakError(
      'factor_refused',
      'this widens power, so it needs an approver: `--approver NAME --code CODE`',
      'the code is the one that your authenticator shows now',
    )
  return { approver, code }
}

/** The first positional argument; a usage error that names what is missing. */
export function first(parsed: Parsed, what: string): string {
  const [value, ...more] = parsed.positionals
  if (value === undefined) throw usage(`${what} is missing`)
  if (more.length > 0) throw usage(`\`${more[0] ?? ''}\` is one argument too many`)
  return value
}

/** Who says so, as this machine knows them: a claim, written down as one. */
function whoami(): string {
  try {
    return `local:${userInfo().username}`
  } catch {
    // A user without a name, as containers have them: a halt must not fail for that.
    return `local:${process.getuid?.() ?? 'unknown'}`
  }
}
