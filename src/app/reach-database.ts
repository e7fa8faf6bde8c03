/** A database is asked what a password that lies about can do there: by our own client, to the host of its own connection string, reads only. */
import { isIP } from 'node:net'
import { messageOf } from '../base/error.ts'
import type { Secret } from '../base/secret.ts'
import { Fatal } from '../gateways/postgres/refusal.ts'
import type { Ask } from '../platforms/postgres/questions.ts'
import type { Found } from '../scan/find.ts'
import { isLinkLocal, linkLocal } from '../scan/reach/ask.ts'
import { databaseReach } from '../scan/reach/postgres.ts'
import type { Beside } from '../scan/reach/postgres.ts'
import { silent } from '../scan/reach/reach.ts'
import type { Reach } from '../scan/reach/reach.ts'
import { dialNamed, readUrl } from './database-url.ts'
import type { Named } from './database-url.ts'

/** Where one is asked, and how; null for what tells no host. */
export interface DatabaseAsk {
  readonly where: string
  readonly named: Named
}

const askMs = 15_000

/** Reads the string without calling anybody; null where it does not say all. */
export function databaseOf({ within, rule, secret }: Found): DatabaseAsk | null {
  if (within === null) return null
  const text = rule.endsWith('pgpass') ? urlOf(within.reveal(), secret) : within.reveal()
  try {
    const [, rest = ''] = /^postgres(?:ql)?(?:\+\w+)?(:\/\/.*)$/i.exec(text) ?? []
    const named = readUrl(`postgres${withDatabase(rest)}`, 'scan')
    return { where: `${named.at.host}:${named.at.port}`, named }
  } catch {
    // It cannot be called as it stands: it counts as not asked.
    return null
  }
}

/** Without a database libpq takes the user's name. */
function withDatabase(rest: string): string {
  const [head = '', search] = rest.split(/\?(.*)/s)
  const user = /^:\/\/([^:@/]*)/.exec(head)?.[1] ?? ''
  const whole = /^:\/\/[^/]*\/[^/]/.test(head) ? head : `${head.replace(/\/$/, '')}/${user}`
  return search === undefined ? whole : `${whole}?${search}`
}

/** A line of `.pgpass` (PostgreSQL 18, §32.16): `*` stands for any. */
function urlOf(line: string, secret: Secret): string {
  const parts = line.split(/(?<!\\):/).map((part) => part.replaceAll(/\\(.)/g, '$1'))
  const [host = '', port = '', database = '', user = ''] = parts
  const [at, number] = [host === '*' ? '' : host, port === '*' ? '5432' : port]
  const code = encodeURIComponent
  const name = database === '*' ? user : database
  return `postgres://${code(user)}:${code(secret.reveal())}@${at}:${number}/${code(name)}`
}

/** Never throws. A password is not sent in the clear over a network that others are on. */
export async function askDatabase({ where, named }: DatabaseAsk, hide: Secret): Promise<Reach> {
  if (isLinkLocal(named.at.host)) return silent(`${where} is ${linkLocal}`)
  if (named.isPlain && !isNear(named.at.host))
    return silent(
      `${where} is asked in the clear by its string (sslmode=disable): not over the net`,
    )
  try {
    return await inSession(
      named,
      hide,
      async (ask) => await databaseReach(where, ask, besideOf(named, hide)),
    )
  } catch (thrown) {
    return failed(where, thrown, hide)
  }
}

/** The same server, user and password; another database. */
function besideOf({ at, dial }: Named, hide: Secret): Beside {
  return async (database, work) => {
    const target = { ...dial.target, database }
    const other = { at: { ...at, database }, dial: { ...dial, target } }
    return await inSession(other, hide, work)
  }
}

/** One session, for as long as the work takes and no longer than it may. */
async function inSession<T>(
  named: Pick<Named, 'at' | 'dial'>,
  hide: Secret,
  work: (ask: Ask) => Promise<T>,
): Promise<T> {
  const client = await dialNamed(named)
  const callOff = client.setDeadline(askMs)
  try {
    return await work(hiding(client.ask, hide))
  } finally {
    callOff()
    await client.close()
  }
}

/** INVARIANT (secret-stays): a server that says the password back is not repeated. */
function hiding(ask: Ask, hide: Secret): Ask {
  const raw = hide.reveal()
  const shown = (value: string | null): string | null =>
    value === null || raw.length < 4 ? value : value.replaceAll(raw, '[secret]')
  return async (sql, values) =>
    (await ask(sql, values)).map((row) =>
      Object.fromEntries(Object.entries(row).map(([name, value]) => [name, shown(value)])),
    )
}

function failed(where: string, thrown: unknown, hide: Secret): Reach {
  const raw = hide.reveal()
  const said = messageOf(thrown)
  const why = raw.length < 4 ? said : said.replaceAll(raw, '[secret]')
  return isWrongPassword(thrown)
    ? { kind: 'dead', why: `${where} does not let it in` }
    : silent(why)
}

/** By 28P01 alone (PostgreSQL, appendix A): 28000 is also told of an address that `pg_hba.conf` has no line for, and from another the password works. */
function isWrongPassword(thrown: unknown): boolean {
  const cause = thrown instanceof Error ? thrown.cause : null
  return cause instanceof Fatal && cause.serverCode === '28P01'
}

/** This machine, or an address that is nobody's on the internet (RFC 1918, RFC 4193). */
function isNear(host: string): boolean {
  if (host.startsWith('/') || host === 'localhost' || host === '::1') return true
  if (isIP(host) === 4) return /^(?:127|10|192\.168|172\.(?:1[6-9]|2\d|3[01]))\./.test(host)
  return isIP(host) === 6 && /^f[cd]/i.test(host)
}
