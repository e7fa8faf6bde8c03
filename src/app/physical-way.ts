/** Which way the bytes of a cluster come: by replication, or where its server refuses that, by plain SQL. */
import { FirebreakError, messageOf } from '../base/error.ts'
import type { Secret } from '../base/secret.ts'
import { Fatal } from '../gateways/postgres/refusal.ts'
import { openReplication } from '../gateways/postgres/replication.ts'
import type { Replication } from '../platforms/postgres/replication.ts'
import { openOverSql } from '../vault/sql-way.ts'
import type { Database } from './databases.ts'
import { realChance, realTimer } from './world.ts'

const connectMs = 10_000

/** Asked anew for each connection: where the access file has let replication in meanwhile, it is taken. Throws why neither can be had. */
export async function openWay(
  { target, connect }: Pick<Database, 'target' | 'connect'>,
  secret: Secret,
): Promise<Replication> {
  try {
    return await openReplication({
      target,
      secret,
      chance: realChance,
      timer: realTimer,
      connectMs,
    })
  } catch (thrown) {
    if (!isRefused(thrown)) throw thrown
    return await openOverSql(await connect(), realTimer).catch((also: unknown) => {
      throw neither(thrown, also)
    })
  }
}

/** The server's access file has no line for it; all else that it may say is no reason for another way. */
function isRefused(thrown: unknown): boolean {
  return thrown instanceof Fatal && thrown.serverCode === '28000'
}

function neither(refused: unknown, also: unknown): unknown {
  if (!(also instanceof FirebreakError) || also.code !== 'bad_config') return also
  return new FirebreakError(
    'bad_config',
    `${messageOf(refused)}; and by plain SQL: ${also.message}`,
    also.hint,
    also,
  )
}
