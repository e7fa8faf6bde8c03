/** The way by which a target's credential is made new; null where its platform has none, and a person does it by hand. */
import type { Secret } from '../../base/secret.ts'
import { FirebreakError } from '../../base/error.ts'
import { credentialOf } from '../../custody/custody.ts'
import type { Firebreak } from '../compose.ts'
import { postgresWay } from './postgres.ts'
import { railwayWay } from './railway.ts'
import type { Way } from './way.ts'

export async function wayOf(firebreak: Firebreak, target: string): Promise<Way | null> {
  const database = firebreak.databases.get(target)
  if (database !== undefined) return postgresWay(database, await alike(firebreak, target))
  const open = firebreak.targets.get(target)
  if (open?.platform.name !== 'railway') return null
  return railwayWay(open, (id) => firebreak.sent.note(target, id))
}

/** As it is kept, past what is in memory. Throws `custody_locked` where none is, and under a config that nobody has accepted. */
export async function keptOf(firebreak: Firebreak, target: string): Promise<Secret> {
  mayGoOut(firebreak)
  const found = await firebreak.state.transact((tx) => credentialOf(firebreak.seal, tx, target))
  if (found !== null) return found
  throw new FirebreakError(
    'custody_locked',
    `no credential is kept for \`${target}\``,
    `firebreak custody add ${target}`,
  )
}

/** INVARIANT (secret-stays): under a config that nobody has accepted no credential goes anywhere, an old one neither. */
export function mayGoOut({ credential }: Pick<Firebreak, 'credential'>): void {
  if (credential.isAllowed()) return
  throw new FirebreakError(
    'custody_locked',
    'the config has changed and no approver has accepted it: until then no credential goes anywhere',
    'look at it and accept it: `firebreak accept`',
  )
}

/** Further databases in which the same role of the same server logs in: one password for all of them. */
async function alike(firebreak: Firebreak, target: string): Promise<readonly string[]> {
  const own = firebreak.databases.get(target)?.target
  const kept = await firebreak.state.transact(async (tx) => await tx.find('credential', {}))
  const mark = kept.find(({ id }) => id === target)?.mark
  return [...firebreak.databases.values()]
    .map((each) => each.target)
    .filter(({ name, host, port, user }) => {
      const isIt = host === own?.host && port === own.port && user === own.user
      return name !== target && isIt && kept.some((row) => row.id === name && row.mark === mark)
    })
    .map(({ name }) => name)
}
