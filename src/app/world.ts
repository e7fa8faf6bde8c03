/** The real world for the ports: clock, timers, chance; and the key that everything sealed hangs on. */
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Chance, Clock, Timer } from '../base/clock.ts'
import { FirebreakError } from '../base/error.ts'
import { createKeyFile, parseKey, readCredential, readKeyFile } from '../custody/key.ts'
import type { Config } from './config.ts'
import { environment } from './environment.ts'
import { ownFolder } from './folder.ts'

export const realClock: Clock = { now: () => Date.now(), steady: () => performance.now() }

export const realChance: Chance = (bytes) => new Uint8Array(randomBytes(bytes))

/** A timer that does not keep the process alive by itself. */
export const realTimer: Timer = (ms, task) => {
  const timer = setTimeout(task, ms)
  timer.unref()
  return () => clearTimeout(timer)
}

/** The key by the config: a file (made at the first start, in the state folder, where none is named), a variable, or a systemd credential. */
export function readKey(config: Config): Uint8Array {
  const { key } = config
  if (key !== undefined && 'env' in key) {
    const text = environment(key.env)
    if (text === null)
      throw new FirebreakError('custody_locked', `the variable \`${key.env}\` is not set`)
    return parseKey(text, `\`${key.env}\``)
  }
  if (key !== undefined && 'credential' in key)
    return readCredential(environment('CREDENTIALS_DIRECTORY'), key.credential)
  return readOwnFile(config, key?.file ?? null)
}

/** The named file, or the one of the state folder, which the first start makes. */
function readOwnFile(config: Config, named: string | null): Uint8Array {
  const file = named ?? join(config.state, 'key')
  if (named === null && !existsSync(file)) {
    ownFolder(config.state)
    if (existsSync(join(config.state, 'state.db')))
      throw new FirebreakError(
        'custody_locked',
        `the key file \`${file}\` is gone, and the state needs it`,
        'bring it back',
      )
    createKeyFile(file)
  }
  return readKeyFile(file, process.getuid?.() ?? null)
}
