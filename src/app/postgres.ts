/** The way in for Postgres clients, composed: a grant is the password, the target's name the database. */
import { readFileSync } from 'node:fs'
import { FirebreakError } from '../base/error.ts'
import { Secret } from '../base/secret.ts'
import { loadSql } from '../classify/sql/read.ts'
import type { Principal } from '../core/principal.ts'
import { openEnforcer } from '../gateways/postgres/enforce.ts'
import { postgresGateway } from '../gateways/postgres/gateway.ts'
import type { PostgresGateway } from '../gateways/postgres/gateway.ts'
import type { PostgresHouse, Visitor } from '../gateways/postgres/house.ts'
import type { Enforcer } from '../gateways/postgres/seam.ts'
import { openBudgets } from '../guard/budget.ts'
import type { Budgets } from '../guard/budget.ts'
import { addressOf } from './address.ts'
import type { Firebreak } from './compose.ts'
import { environmentIds } from './config.ts'
import { environmentsOf } from './environments.ts'
import { realChance, realTimer } from './world.ts'

const limits = {
  connections: 4000,
  startMs: 15_000,
  messageBytes: 64 * 1024 * 1024,
  keptBytes: 16 * 1024 * 1024,
} as const

export interface StartedPostgres {
  /** `127.0.0.1:6432`. */
  readonly where: string
  /** INVARIANT (halt-halts): ends the sessions of whoever is barred by now. */
  readonly cut: () => void
  /** Lets who works finish for as long, and closes. */
  readonly close: (graceMs: number) => Promise<void>
}

/** Listens; null where no target is a database. Throws `port_in_use`. */
export async function startPostgres(firebreak: Firebreak): Promise<StartedPostgres | null> {
  const { databases, config, guard } = firebreak
  if (databases.size === 0) return null
  await loadSql()
  const budgets = await openBudgets({ state: firebreak.state, clock: firebreak.clock })
  const gateway = open(firebreak, budgets)
  const { host, port } = addressOf(config.postgres.listen)
  const at = await gateway.listen(port, host)
  return {
    where: `${host}:${at.port}`,
    cut: () => gateway.cut((principal) => guard.bars(principal) !== null),
    close: (graceMs) => gateway.close(graceMs),
  }
}

function open(firebreak: Firebreak, budgets: Budgets): PostgresGateway {
  const { databases, config, credential } = firebreak
  const { tls } = config.postgres
  return postgresGateway({
    targets: new Map([...databases].map(([name, { target }]) => [name, target])),
    authenticate: (use) => admit(firebreak, use),
    credential: credential.of,
    prepare: async (target) => await databases.get(target)?.prepare(),
    began: (target, process) => databases.get(target)?.began(process) ?? (() => undefined),
    enforce: (visitor) => enforcerFor(firebreak, budgets, visitor),
    tls:
      tls === undefined
        ? null
        : {
            cert: readFileSync(tls.cert, 'utf8'),
            key: new Secret(readFileSync(tls.key, 'utf8')),
          },
    chance: realChance,
    timer: realTimer,
    limits,
  })
}

/** Whoever is halted or whose grant is for other targets is told so before anything is connected. */
function admit(
  { grants, guard }: Firebreak,
  { token, target }: Parameters<PostgresHouse['authenticate']>[0],
): Principal | string {
  const principal = grants.authenticate({ token, method: '', url: '', proof: null })
  if (typeof principal === 'string') return principal
  const { targets } = principal.scope
  if (targets !== null && !targets.includes(target)) return `the grant does not reach \`${target}\``
  return guard.bars(principal)?.message ?? principal
}

function enforcerFor(
  firebreak: Firebreak,
  budgets: Budgets,
  { principal, target, parameters }: Visitor,
): Enforcer {
  const database = firebreak.databases.get(target.name)
  if (database === undefined) throw new FirebreakError('internal', `no database \`${target.name}\``)
  const { read, readCall, fresh, stands, neighbours } = database
  const counts = isProtected(firebreak, target.name)
  return fresh((meets) =>
    openEnforcer({
      guard: firebreak.guard,
      principal,
      target: target.name,
      database: target.database,
      parameters,
      read,
      readCall,
      stands,
      meets,
      budgets,
      neighbours,
      rows: firebreak.config.limits.rows,
      counts: () => counts,
      isLenient: firebreak.config.mode === 'shadow',
    }),
  )
}

/** Where nothing is protected, what destroys rows runs without asking: so may what changes many. */
function isProtected({ config }: Firebreak, target: string): boolean {
  const entry = config.targets[target]
  const ids = entry === undefined ? [] : environmentIds(entry).map(([, id]) => id)
  const environments = environmentsOf(config, target)
  return ids.length === 0 || ids.some(environments.isProtected)
}
