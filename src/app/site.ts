/** The console's own place on the web: what passkeys are bound to. */
import { FirebreakError } from '../base/error.ts'
import type { Config } from './config.ts'

export interface ConsoleSite {
  /** `http://localhost:7078`, as a browser writes it. */
  readonly origin: string
  /** Its host name: passkeys work there and nowhere else (WebAuthn Level 3, §4, RP ID). */
  readonly rpId: string
}

/** Throws `bad_config` where the config names no console. */
export function siteOf({ console: page }: Pick<Config, 'console'>): ConsoleSite {
  if (page === undefined)
    throw new FirebreakError(
      'bad_config',
      'the config has no `console:`, and passkeys are made and used there',
      'put `console: {}` into it, and start again',
    )
  const url = new URL(page.origin)
  return { origin: url.origin, rpId: url.hostname }
}

/** Where a person signs with a passkey, as a hint. */
export function placeToSign(config: Pick<Config, 'console'>): string {
  return config.console === undefined
    ? 'put `console: {}` into the config, and sign at the console'
    : `sign at the console: ${siteOf(config).origin}`
}
