/** How near a store lies to the database that it is for: what takes one shall not take the other. */
import { existsSync, realpathSync, statSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { dirname } from 'node:path'
import { FirebreakError } from '../base/error.ts'
import { contains } from '../vault/grade.ts'
import { isHere } from './config-targets.ts'
import type { Seen } from './protect-look.ts'

/** `unknown`: on this machine, and the role may not know where. */
export type Nearness = 'inside' | 'same disk' | 'unknown' | 'other disk' | 'other machine'

/**
 * Where it lies, or will. Throws `bad_input` for a place that is no folder, or whose folder above is not there: a disk that is not
 * mounted shall not be written to.
 */
export function nearnessOf(
  store: string,
  host: string,
  { dataFolder, serverAt, from }: Pick<Seen, 'dataFolder' | 'serverAt' | 'from'>,
): Nearness {
  const there = standing(store)
  const isLocal = isHere(host) || (serverAt !== null && (serverAt === from || isOwn(serverAt)))
  if (!isLocal) return 'other machine'
  // A container has its own folders behind an address of this machine.
  if (dataFolder === null || !existsSync(dataFolder)) return 'unknown'
  const data = realpathSync(dataFolder)
  if (contains(data, there) || contains(there, data)) return 'inside'
  return statSync(data).dev === statSync(there).dev ? 'same disk' : 'other disk'
}

/** The folder itself, or the one that it will be made in, links resolved. */
function standing(store: string): string {
  const there = existsSync(store) ? store : dirname(store)
  if (!existsSync(there))
    throw new FirebreakError(
      'bad_input',
      `there is no folder \`${there}\` to make the vault in`,
      'is its disk mounted? else make the folder first',
    )
  if (!statSync(there).isDirectory())
    throw new FirebreakError('bad_input', `\`${there}\` is no folder`, 'name another `--store`')
  return realpathSync(there)
}

function isOwn(address: string): boolean {
  return Object.values(networkInterfaces()).some((all) =>
    (all ?? []).some((one) => one.address === address),
  )
}
