/** The console's own place on the web: what passkeys are bound to. */
import type { Config } from './config.ts'

export interface ConsoleSite {
  /** `http://localhost:7078`, as a browser writes it. */
  readonly origin: string
  /** Its host name: passkeys work there and nowhere else (WebAuthn Level 3, §4, RP ID). */
  readonly rpId: string
}

export function siteOf({ console: { origin } }: Config): ConsoleSite {
  const url = new URL(origin)
  return { origin: url.origin, rpId: url.hostname }
}
