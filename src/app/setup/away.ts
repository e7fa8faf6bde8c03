/** The folders of a set-up taken away: state, key, and what no other set-up needs. Recovery points stay. */
import { existsSync, readdirSync, rmSync, rmdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Config } from '../config.ts'

/** What a daemon makes in its state folder; whatever else lies there is somebody's. */
const ofTheState =
  /^(state\.db(-wal|-shm|-journal)?|lock\.db(-wal|-shm|-journal)?|key|agent\.grant|control\.sock|head-\w+|pushes)$/

/**
 * What is kept, in words. INVARIANT (only-ours): a config may name any folder of this person's, so nothing is taken away but what
 * bears a name of ours, and no folder that anything else is in. `isAccepted`: the config is the one that a person has signed;
 * under another the vault may be another, and the key stays for the points that it opens.
 */
export function takeAway({ state, key, vault }: Config, isAccepted: boolean): readonly string[] {
  const isEmpty = vault === undefined || emptied(vault.store)
  const kept = [
    ...(isEmpty
      ? []
      : [
          `${vault.store} stays, with the recovery points in it, and so does the key that opens them`,
        ]),
    ...stateAway(state),
    ...(key !== undefined && 'file' in key && isEmpty ? keyAway(key.file, isAccepted) : []),
  ]
  if (vault !== undefined) dropEmpty(dirname(vault.store))
  programAway(state)
  return kept
}

function stateAway(state: string): readonly string[] {
  for (const name of namesIn(state))
    if (ofTheState.test(name)) rmSync(join(state, name), { recursive: true, force: true })
  return dropped(state) ? [] : [`${state} stays: there is more in it than Firebreak's state`]
}

function keyAway(file: string, isAccepted: boolean): readonly string[] {
  if (!isAccepted)
    return [`the key ${file} stays: nobody has accepted this config, so points may lie elsewhere`]
  rmSync(file, { force: true })
  dropEmpty(dirname(file))
  dropEmpty(dirname(dirname(file)))
  return []
}

/** Where no other checkout is set up, the program goes too. */
function programAway(state: string): void {
  if (othersBeside(state).length > 0) return
  const home = join(homedir(), '.firebreak')
  for (const name of ours) rmSync(join(home, name), { recursive: true, force: true })
  dropped(home)
}

/** The program, and drafts of it. */
const ours = ['app', 'app.new', 'app.old', 'bin']

/** State folders of other set-ups of this person. */
export function othersBeside(state: string): readonly string[] {
  const home = join(homedir(), '.firebreak')
  return namesIn(home).filter((name) => !ours.includes(name) && join(home, name) !== state)
}

/** What force pushes wrote over, kept in the state alone. */
export function savedPushes({ state }: Pick<Config, 'state'>): number {
  return namesIn(join(state, 'pushes')).length
}

/** Folders that a vault makes; what lies in them is a point, or a part of one. */
const ofTheVault = ['objects', 'points', 'keys', 'staging']

/** True where a vault's folder is gone, or was: a point was never in it, and nobody else's file is. */
function emptied(folder: string): boolean {
  if (!existsSync(folder)) return true
  const names = namesIn(folder)
  const isBare = names.every((name) =>
    ofTheVault.includes(name) ? filesIn(join(folder, name)) === 0 : ownFile.test(name),
  )
  if (!isBare) return false
  for (const name of names) rmSync(join(folder, name), { recursive: true, force: true })
  return dropped(folder)
}

const ownFile = /^(head-\w+|prune\.lock(-\w+)?)$/

function filesIn(folder: string): number {
  return readdirSync(folder, { withFileTypes: true, recursive: true }).filter(
    (entry) => !entry.isDirectory(),
  ).length
}

function namesIn(folder: string): readonly string[] {
  return existsSync(folder) ? readdirSync(folder) : []
}

function dropped(folder: string): boolean {
  if (!existsSync(folder)) return true
  if (namesIn(folder).length > 0) return false
  rmdirSync(folder)
  return true
}

/** Only a folder that a set-up makes, and only where nothing is left in it. */
function dropEmpty(folder: string): void {
  const isOurs = /(^|\/)(firebreak-vault|\.config(\/firebreak)?)$/.test(folder)
  if (isOurs && existsSync(folder)) dropped(folder)
}
