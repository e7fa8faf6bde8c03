/** The password of a database's role made new: by the role itself, in a session of its own, and the server is told only what it keeps of it. */
import { randomBytes } from 'node:crypto'
import { FirebreakError, messageOf } from '../../base/error.ts'
import { plain } from '../../base/plain.ts'
import { Secret } from '../../base/secret.ts'
import type { Rotation } from '../../custody/rotation.ts'
import { ServerError } from '../../gateways/postgres/client-ears.ts'
import type { Client } from '../../gateways/postgres/client.ts'
import { Fatal } from '../../gateways/postgres/refusal.ts'
import { scramVerifier } from '../../gateways/postgres/verifier.ts'
import { told } from '../../platforms/postgres/questions.ts'
import type { Database } from '../databases.ts'
import { realChance } from '../world.ts'
import { handsOut } from './hosts.ts'
import type { Asked, Changed, Look, Way } from './way.ts'

/** SQLSTATE `invalid_password`: the server knows the role, and this is not its password. */
const invalidPassword = '28P01'
const passwordBytes = 32
const longestAsk = 20

/** `others`: targets that log in as the same role of the same server. */
export function postgresWay(database: Database, others: readonly string[]): Way {
  const { target, login, isOurs } = database
  const ask: Way['ask'] = async (secret) => {
    try {
      await inSession(await login(secret), async (client) => await inTime(client, 'SELECT 1'))
      return { kind: 'in' }
    } catch (thrown) {
      return refusalIn(thrown)
    }
  }
  return {
    targets: others,
    ask,
    look: async (secret) => await inSession(await reached(login, secret), lookAt),
    begin: async () =>
      await Promise.resolve({
        next: randomBytes(passwordBytes).toString('base64url'),
        label: '',
        oldId: null,
      }),
    change: async (rotation) => await change(rotation, login),
    giveUp: async ({ old }) => {
      const secret = new Secret(old)
      await inSession(await reached(login, secret), async (client) => await given(client, secret))
    },
    takeAway: async () => await Promise.resolve(null),
    open: async () => {
      const any = await ask(new Secret(randomBytes(passwordBytes).toString('base64url')))
      return any.kind === 'in'
        ? `\`${target.host}\` lets anybody in as \`${plain(target.user)}\`, whatever the password (\`trust\` or the like in its pg_hba.conf): no password of this role is dead before that is changed`
        : null
    },
  }

  async function lookAt(client: Client): Promise<Look> {
    const [facts] = await inTime(
      client,
      "SELECT current_user AS role, version() AS version, current_setting('server_version_num') AS number",
    )
    const why = against(target.user, {
      role: told(facts, 'role'),
      version: told(facts, 'version'),
      number: Number(told(facts, 'number')),
    })
    if (why !== null) throw new FirebreakError('wrong_state', why, 'change it there by hand')
    const rows = await inTime(client, sessions)
    const strangers = rows.filter((row) => !isOurs(Number(told(row, 'pid'))))
    return {
      what: `\`${plain(target.user)}\` at \`${target.host}:${target.port}\` gets a new password, which Firebreak alone knows`,
      uses: grouped(
        strangers.map((row) => `${plain(told(row, 'app'))} from ${plain(told(row, 'place'))}`),
      ),
      unseen: handsOut(target.host),
    }
  }
}

/** Sessions of the role that are there now, this one aside. */
const sessions = `SELECT pid, coalesce(nullif(application_name, ''), 'a client without a name') AS app,
  coalesce(host(client_addr), 'the server''s own machine') AS place
FROM pg_stat_activity WHERE usename = current_user AND pid <> pg_backend_pid() AND backend_type IN ('client backend', 'walsender')`

/** A session; throws `not_reachable` with what keeps it from being opened. */
async function reached(login: Database['login'], secret: Secret): Promise<Client> {
  try {
    return await login(secret)
  } catch (thrown) {
    throw new FirebreakError(
      'not_reachable',
      wordsOf(thrown),
      'look whether it answers, and whether the credential that is kept is the right one',
      thrown,
    )
  }
}

/** Why this server or role cannot be asked; null where it can. */
function against(
  user: string,
  {
    role,
    version,
    number,
  }: { readonly role: string; readonly version: string; readonly number: number },
): string | null {
  if (role !== user)
    return `the server takes \`${plain(user)}\` for its role \`${plain(role)}\`: that one's password is not what was logged in with`
  // Another make, or one before SCRAM, would take what it keeps of a password for the password.
  if (!version.startsWith('PostgreSQL ') || number < 100_000)
    return 'it is no PostgreSQL of version 10 or later'
  return null
}

/** The session that was let in stays until the new one has proven itself: it alone could put the old one back. */
async function change({ old, next }: Rotation, login: Database['login']): Promise<Changed> {
  const secret = new Secret(next ?? '')
  const client = await reached(login, new Secret(old))
  try {
    await given(client, secret)
  } catch (thrown) {
    await client.close()
    throw thrown
  }
  return {
    secret,
    putBack: async () => await given(client, new Secret(old)),
    close: async () => await client.close(),
  }
}

/** Throws `wrong_state` where the server has refused it for good, `not_reachable` where it may have been done or may be yet. */
async function given(client: Client, secret: Secret): Promise<void> {
  try {
    await inTime(client, setting(secret))
  } catch (thrown) {
    const code = thrown instanceof ServerError ? thrown.code : ''
    throw new FirebreakError(
      code === '' || passing.test(code) ? 'not_reachable' : 'wrong_state',
      `the server does not give the role a new password: ${wordsOf(thrown)}`,
      'change it there by hand, then `firebreak custody add`',
      thrown,
    )
  }
}

/** SQLSTATE classes of what another moment may let through: connection, transaction, resources, locks, an operator, the system. */
const passing = /^(?:08|40|53|55|57|58|XX)/

/** How long a server that has let in may take for one question. */
const questionMs = 15_000

async function inTime(client: Client, sql: string): ReturnType<Client['ask']> {
  const callOff = client.setDeadline(questionMs)
  try {
    return await client.ask(sql)
  } finally {
    callOff()
  }
}

async function inSession<T>(client: Client, work: (client: Client) => Promise<T>): Promise<T> {
  try {
    return await work(client)
  } finally {
    await client.close()
  }
}

/** INVARIANT (secret-stays): a server's own words are nobody's to pass on: they may hold what it was told. */
function wordsOf(thrown: unknown): string {
  if (thrown instanceof ServerError) return `the server answers ${plain(thrown.code)}`
  const code = thrown instanceof Fatal ? thrown.serverCode : null
  return code === null ? plain(messageOf(thrown)) : `the server answers ${plain(code)}`
}

/** INVARIANT (secret-stays): what the statement says, and so every log of the server, is what the server keeps of a password. */
function setting(secret: Secret): string {
  return `ALTER ROLE CURRENT_USER PASSWORD '${scramVerifier(secret, realChance)}'`
}

function refusalIn(thrown: unknown): Asked {
  const code = thrown instanceof Fatal ? thrown.serverCode : null
  if (code === invalidPassword) return { kind: 'refused', said: `the server refuses it (${code})` }
  return { kind: 'unclear', said: wordsOf(thrown) }
}

/** Each line once, with how often it came. */
function grouped(lines: readonly string[]): readonly string[] {
  const counts = new Map<string, number>()
  for (const line of lines) counts.set(line, (counts.get(line) ?? 0) + 1)
  return [...counts]
    .slice(0, longestAsk)
    .map(([line, count]) => (count === 1 ? line : `${line}, ${count} times`))
}
