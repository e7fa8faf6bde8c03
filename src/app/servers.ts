/** The database servers as the vault knows them: by the target's name. */
import { FirebreakError } from '../base/error.ts'
import type { Servers } from '../vault/servers.ts'
import type { Config } from './config.ts'
import { dialScratch } from './databases.ts'
import type { Database } from './databases.ts'
import { scratchOf } from './recovery.ts'

export function serversOf(config: Config, databases: ReadonlyMap<string, Database>): Servers {
  return {
    has: (target) => databases.has(target),
    nameOf: (target) => orThrow(databases.get(target), target).target.database,
    open: async (target, name) => await orThrow(databases.get(target), target).connect(name),
    lead: async (target, folder) => await orThrow(databases.get(target), target).lead(folder),
    scratch: scratchOf(config),
    dial: dialScratch,
  }
}

/** What the config has under that name; throws `not_found` where it has nothing any more. */
export function orThrow<T>(found: T | undefined, target: string): T {
  if (found === undefined)
    throw new FirebreakError('not_found', `the config has no target \`${target}\` any more`)
  return found
}
