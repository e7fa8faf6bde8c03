/** The folders of a set-up taken away: state, key, and what no other set-up needs. Recovery points stay. */
import { existsSync, readdirSync, rmSync, rmdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Config } from '../config.ts'

/** What is kept, in words. */
export function takeAway({ state, key, vault }: Config): readonly string[] {
  const home = join(homedir(), '.firebreak')
  const kept: string[] = []
  // A key without which a recovery point opens nowhere stays with it.
  const points = vault === undefined ? [] : namesIn(join(vault.store, 'points'))
  if (vault !== undefined && points.length > 0)
    kept.push(`recovery points stay in ${vault.store}, and the key that opens them`)
  else if (vault !== undefined) rmSync(vault.store, { recursive: true, force: true })
  rmSync(state, { recursive: true, force: true })
  if (key !== undefined && 'file' in key && points.length === 0) {
    rmSync(key.file, { force: true })
    dropEmpty(dirname(key.file))
    dropEmpty(dirname(dirname(key.file)))
  }
  if (vault !== undefined) dropEmpty(dirname(vault.store))
  // Where no other checkout is set up, the program goes too.
  if (namesIn(home).every((name) => ['app', 'bin'].includes(name)))
    rmSync(home, { recursive: true, force: true })
  return kept
}

function namesIn(folder: string): readonly string[] {
  return existsSync(folder) ? readdirSync(folder) : []
}

/** Only a folder that a set-up makes, and only where nothing is left in it. */
function dropEmpty(folder: string): void {
  const isOurs = /(^|\/)(firebreak-vault|\.config(\/firebreak)?)$/.test(folder)
  if (isOurs && existsSync(folder) && namesIn(folder).length === 0) rmdirSync(folder)
}
