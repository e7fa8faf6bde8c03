/** The folder that is Firebreak's alone: whoever else may write in it owns the key's place, the state and the control socket. */
import { lstatSync, mkdirSync, statSync } from 'node:fs'
import type { Stats } from 'node:fs'
import { dirname } from 'node:path'
import { FirebreakError } from '../base/error.ts'

/** Makes the vault's folder where there is none; throws `bad_config` for one in which others could take the way back away. */
export function ownVault(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const facts = statSync(folder)
  const [uid, shared] = [me(), (facts.mode & 0o022) !== 0]
  if (uid === null || (facts.uid === uid && !shared)) return
  throw new FirebreakError(
    'bad_config',
    `the vault's folder \`${folder}\` ${shared ? 'may be written to by others' : 'belongs to another user'}`,
    `make it this user's alone (\`chmod 700 ${folder}\`), or name another \`vault.store:\``,
  )
}

/** What is asked of a file's facts, so that every case can be tested without being another user. */
export type Facts = Pick<Stats, 'uid' | 'mode' | 'isDirectory' | 'isSocket'>

/** Makes the state folder where there is none; throws `bad_config` for one that others own or may enter. */
export function ownFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const why = openness(lstatSync(folder), me())
  if (why === null) return
  throw new FirebreakError(
    'bad_config',
    `the state folder \`${folder}\` ${why}`,
    `make it this user's alone (\`chmod 700 ${folder}\`), or name another \`state:\``,
  )
}

/** Why others could put a file into a folder or read one; null for a folder that is this user's alone. */
export function openness(facts: Facts, uid: number | null): string | null {
  if (!facts.isDirectory()) return 'is a link or no folder'
  if (uid === null) return null
  if (facts.uid !== uid) return 'belongs to another user'
  return (facts.mode & 0o077) === 0 ? null : 'may be entered by others'
}

/**
 * Why nothing may be sent to a control socket: a config that somebody left in a working directory names theirs, and what is
 * sent to it are one-time codes and credentials. Null where it is this user's own; root may speak to any user's.
 */
export function distrust(socket: Facts, folder: Facts, uid: number | null): string | null {
  if (!socket.isSocket()) return 'is no socket'
  if (uid === null) return null
  if (uid !== 0 && socket.uid !== uid) return 'belongs to another user'
  const shared = folder.uid !== socket.uid || (folder.mode & 0o022) !== 0
  return shared ? 'lies where others may put theirs in its place' : null
}

/** Throws `bad_config` for a socket that is not to be trusted; one that is not there is left to the call itself. */
export function mustTrust(socket: string): void {
  const [here, above] = [factsOf(socket), factsOf(dirname(socket))]
  const why = here === null || above === null ? null : distrust(here, above, me())
  if (why === null) return
  throw new FirebreakError(
    'bad_config',
    `the control socket \`${socket}\` ${why}: nothing is sent to it`,
    'look whose config this is; name your own with `--config`',
  )
}

function factsOf(path: string): Facts | null {
  try {
    return lstatSync(path)
  } catch {
    // Not there, or not to be reached: then nothing can be sent to it either.
    return null
  }
}

function me(): number | null {
  return process.getuid?.() ?? null
}
