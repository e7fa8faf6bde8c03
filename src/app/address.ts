/** Where the daemon listens: `host:port`, as the config writes it. */
import { FirebreakError } from '../base/error.ts'

export interface Address {
  readonly host: string
  readonly port: number
}

/** Null for what is no host with a port behind it. */
export function addressAt(text: string): Address | null {
  const [, host, digits] = /^([^:]+):(\d{1,5})$/.exec(text) ?? []
  const port = Number(digits)
  return host === undefined || port > 65_535 ? null : { host, port }
}

/** The same of a text that the config has let through; throws `bad_config` for any other. */
export function addressOf(text: string): Address {
  const found = addressAt(text)
  if (found === null) throw new FirebreakError('bad_config', `\`${text}\` is no \`host:port\``)
  return found
}
