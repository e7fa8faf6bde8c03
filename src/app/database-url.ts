/** A database that a person names on the command line. */
import { FirebreakError } from '../base/error.ts'
import { Secret } from '../base/secret.ts'
import { openClient } from '../gateways/postgres/client.ts'
import type { Client } from '../gateways/postgres/client.ts'
import { databaseAt, isHere } from './config-targets.ts'
import { environment } from './environment.ts'
import { realChance, realTimer } from './world.ts'

const connectMs = 10_000

/**
 * A session with it. The password stands in the URL, or in `PGPASSWORD`. To this machine it goes as it is; elsewhere the certificate is
 * checked, unless the URL says `sslmode=disable`. Throws `bad_input` for what is no URL of a database, `not_reachable` where it does not
 * answer. `option`: the word of the command line that it stands behind.
 */
export async function dialUrl(text: string, option: string): Promise<Client> {
  const { url, password, isPlain } = partsOf(text)
  const at = databaseAt(url)
  if (at === null)
    throw new FirebreakError(
      'bad_input',
      `\`${option}\` must be \`postgres://USER@HOST:5432/DATABASE\``,
    )
  return await openClient({
    target: {
      name: 'database',
      ...at,
      tls: isPlain || isHere(at.host) ? { kind: 'off' } : { kind: 'verify', ca: null },
    },
    secret: new Secret(password ?? environment('PGPASSWORD') ?? ''),
    chance: realChance,
    timer: realTimer,
    connectMs,
  })
}

/** What a config may not hold and a command line may: the password, and that nothing is encrypted. */
function partsOf(text: string): {
  readonly url: string
  readonly password: string | null
  readonly isPlain: boolean
} {
  const isPlain = /[?&]sslmode=disable\b/.test(text)
  const found = /^(\w+:\/\/[^:@/?#]*):([^@/?#]*)@/.exec(text)
  const [, user = '', password = ''] = found ?? []
  const bare = found === null ? text : `${user}${text.slice(found[0].length - 1)}`
  return {
    url: bare.replace(/[?&]sslmode=\w+$/, ''),
    password: found === null ? null : decodeURIComponent(password),
    isPlain,
  }
}
