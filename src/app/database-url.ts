/** A database that a person names on the command line. */
import { readFileSync } from 'node:fs'
import { FirebreakError, messageOf } from '../base/error.ts'
import { plain } from '../base/plain.ts'
import { Secret } from '../base/secret.ts'
import { openClient } from '../gateways/postgres/client.ts'
import type { Client, Dial } from '../gateways/postgres/client.ts'
import { Fatal } from '../gateways/postgres/refusal.ts'
import { databaseAt, isHere } from './config-targets.ts'
import type { DatabaseAt } from './config-targets.ts'
import { environment } from './environment.ts'
import { realChance, realTimer } from './world.ts'

const connectMs = 10_000

export interface Named {
  readonly at: DatabaseAt
  /** As a config may hold it: without the password, and with nothing behind the database but a socket's folder. */
  readonly url: string
  readonly secret: Secret
  /** True where the password stood in the URL, for everybody who reads command lines. */
  readonly isTold: boolean
  /** True where nothing is encrypted: on this machine, or since the URL says `sslmode=disable`. */
  readonly isPlain: boolean
  /** How it is called. */
  readonly dial: Dial
}

/**
 * Reads it without calling it. The password stands in the URL, or in `PGPASSWORD`. To this machine it goes as it is; elsewhere the
 * certificate is checked, unless the URL says `sslmode=disable`. Throws `bad_input` for what is no URL of a database, and never says
 * it again: a password may stand anywhere in it. `option`: the word of the command line that it stands behind.
 */
export function readUrl(text: string, option: string, ca: string | null = null): Named {
  const parts = partsOf(text)
  const at = parts === null ? null : databaseAt(parts.url)
  if (parts === null || at === null)
    throw new FirebreakError(
      'bad_input',
      `\`${option}\` must be \`postgres://USER@HOST:5432/DATABASE\``,
      'a sign such as `@`, `/` or `%` in a name or password is written by its code: `%40`, `%2F`, `%25`',
    )
  const isPlain = parts.isPlain || (isHere(at.host) && ca === null)
  const secret = new Secret(parts.password ?? environment('PGPASSWORD') ?? '')
  return {
    at,
    url: parts.url,
    secret,
    isTold: parts.password !== null,
    isPlain,
    dial: {
      target: {
        name: 'database',
        ...at,
        tls: isPlain ? { kind: 'off' } : { kind: 'verify', ca: ca === null ? null : readCa(ca) },
      },
      secret,
      chance: realChance,
      timer: realTimer,
      connectMs,
    },
  }
}

/** A session with it. Throws as `readUrl`, and `not_reachable` where it does not answer or does not let in. */
export async function dialUrl(text: string, option: string): Promise<Client> {
  return await dialNamed(readUrl(text, option))
}

export async function dialNamed({ at, dial }: Pick<Named, 'at' | 'dial'>): Promise<Client> {
  try {
    return await openClient(dial)
  } catch (thrown) {
    throw unreached(at, thrown)
  }
}

/** What kept a session from being opened, for the person who named the database: where, as whom, and what to look at. */
function unreached({ host, port, user, database }: DatabaseAt, thrown: unknown): FirebreakError {
  const where = host.startsWith('/') ? host : `${host}:${port}`
  const code = thrown instanceof Fatal ? (thrown.serverCode ?? '') : ''
  const said = plain(messageOf(thrown).replace(/^the database behind [^:]*: (?:it says: )?/, ''))
  const [what, hint] = code.startsWith('28')
    ? [`\`${where}\` does not let \`${plain(user)}\` in`, 'look at the name and the password']
    : code === '3D000'
      ? [`\`${where}\` has no database \`${plain(database)}\``, 'look at the end of the URL']
      : [
          `\`${where}\` cannot be reached`,
          'look at the host and the port, and whether TLS is on there',
        ]
  return new FirebreakError('not_reachable', `${what}: ${said}`, hint, thrown)
}

function readCa(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new FirebreakError(
      'bad_input',
      `\`--ca\` cannot be read: ${messageOf(cause)}`,
      null,
      cause,
    )
  }
}

/** What says how a client of another make shall behave, and nothing of where the database is. */
const manners = new Set([
  'application_name',
  'channel_binding',
  'connect_timeout',
  'gssencmode',
  'sslmode',
  'target_session_attrs',
])

interface Parts {
  readonly url: string
  readonly password: string | null
  readonly isPlain: boolean
}

/** What a config may not hold and a command line may: the password, and how a client shall behave; null for what cannot be read. */
function partsOf(text: string): Parts | null {
  const [whole = '', search = ''] = text.split(/\?(.*)/s)
  const found = /^(\w+:\/\/[^:@/?#]*):([^@/?#]*)@/.exec(whole)
  const [, user = '', password = ''] = found ?? []
  const bare = found === null ? whole : `${user}${whole.slice(found[0].length - 1)}`
  const options = search.split('&').filter((option) => option !== '')
  const kept = options.filter((option) => !manners.has(option.split('=')[0] ?? ''))
  const decoded = decodedOf(password)
  if (decoded === null) return null
  return {
    url: kept.length === 0 ? bare : `${bare}?${kept.join('&')}`,
    password: found === null ? null : decoded,
    isPlain: options.includes('sslmode=disable'),
  }
}

function decodedOf(text: string): string | null {
  try {
    return decodeURIComponent(text)
  } catch {
    // A lone per cent sign is none of a URL's.
    return null
  }
}
