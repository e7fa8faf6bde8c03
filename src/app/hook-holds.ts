/** What holds of hooks take: the shells of the config, the passes of approved calls, and what was saved before pushes. */
import { join } from 'node:path'
import type { Clock } from '../base/clock.ts'
import type { OpenSeal } from '../custody/seal.ts'
import type { Ledger, State } from '../guard/ports.ts'
import type { Config } from './config.ts'
import { openPasses } from './passes.ts'
import type { Passes } from './passes.ts'
import { openSavedPushes } from './push-saved.ts'
import type { SavedPushes } from './push-saved.ts'
import { openShells } from './shell-target.ts'
import type { ShellTarget } from './shell-target.ts'

export interface HookHolds {
  readonly shells: ReadonlyMap<string, ShellTarget>
  readonly passes: Passes
  readonly pushes: SavedPushes
}

interface HookHouse {
  readonly state: State
  readonly seal: OpenSeal
  readonly ledger: Ledger
  readonly clock: Clock
}

export async function openHookHolds(config: Config, house: HookHouse): Promise<HookHolds> {
  return {
    shells: await openShells(config),
    passes: openPasses(house),
    pushes: openSavedPushes({ ...house, folder: join(config.state, 'pushes') }),
  }
}
