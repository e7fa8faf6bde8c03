/** Control commands where no daemon runs: under its lock, on its state, and listening nowhere. */
import { join } from 'node:path'
import { FirebreakError } from '../base/error.ts'
import type { Json, JsonObject } from '../base/json.ts'
import { stopIfChanged } from './accepted.ts'
import { compose } from './compose.ts'
import type { Config } from './config.ts'
import { peopleCommands } from './control/people.ts'
import { powerCommands } from './control/power.ts'
import { rotationCommands } from './control/rotation.ts'
import { setupCommands } from './control/setup.ts'
import { vaultCommands } from './control/vault.ts'
import { ownFolder } from './folder.ts'
import { lock } from './lock.ts'
import { startPhysical } from './physical.ts'
import type { Physicals } from './physical.ts'
import { realClock } from './world.ts'

export interface WithoutDaemon {
  readonly call: (command: string, input: JsonObject) => Promise<Json>
  readonly close: () => Promise<void>
}

/** Throws `wrong_state` where a daemon runs after all. WAL is received from the first command about the vault on. */
export async function openWithoutDaemon(
  config: Config,
  log: (line: string) => void,
): Promise<WithoutDaemon> {
  ownFolder(config.state)
  const unlock = lock(join(config.state, 'lock.db'))
  try {
    const firebreak = await compose(config, log, realClock)
    await firebreak.grants.load()
    await stopIfChanged(firebreak)
    let physicals: Physicals | null = null
    const started = (): Physicals => (physicals ??= startPhysical(firebreak))
    const others = new Map(
      Object.entries({
        ...peopleCommands(),
        ...powerCommands,
        ...rotationCommands,
        ...setupCommands,
      }),
    )
    return {
      call: async (name, input) => {
        const command = name.startsWith('vault-')
          ? vaultCommands(started(), { of: () => null })[name]
          : others.get(name)
        if (command === undefined)
          throw new FirebreakError('bad_input', `there is no control command \`${name}\``)
        return await command.run(firebreak, input)
      },
      close: async () => {
        await physicals?.stop()
        for (const { upstream, own } of firebreak.targets.values())
          await Promise.all([upstream.close(), own.close()])
        for (const { close } of firebreak.databases.values()) await close()
        for (const { way } of firebreak.mcps.values()) await way.close()
        await firebreak.heads.keep()
        firebreak.state.close()
        unlock()
      },
    }
  } catch (thrown) {
    unlock()
    throw thrown
  }
}
