/** The key of a new set-up: made where the config names one that is not there yet. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import { dirname } from 'node:path'
import { FirebreakError } from '../../base/error.ts'
import type { Config } from '../config.ts'

/** Never where there is a state already: what is in it was sealed under another. */
export function ownKey({ key, state }: Config): void {
  if (key === undefined || !('file' in key) || existsSync(key.file)) return
  if (existsSync(state))
    throw new FirebreakError(
      'custody_locked',
      `the key \`${key.file}\` is gone, and \`${state}\` was sealed under it`,
      'bring the key back, or name another `state:`',
    )
  mkdirSync(dirname(key.file), { recursive: true, mode: 0o700 })
  writeFileSync(key.file, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600, flag: 'wx' })
}
