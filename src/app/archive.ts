/** The ledger from outside the daemon: opened on its rows, written to and read from folders. Works with the daemon down. */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { FirebreakError } from '../base/error.ts'
import { openSeal } from '../custody/seal.ts'
import type { LogRows, Tx } from '../guard/ports.ts'
import type { ReadFile, WriteFile } from '../ledger/export.ts'
import { openSigner, readVerifier } from '../ledger/note.ts'
import type { Signer, Verifier } from '../ledger/note.ts'
import { openSqlite } from '../store/sqlite.ts'
import type { Config } from './config.ts'
import { readKey } from './world.ts'

/** Runs `work` on the rows of a config's ledger, with the key that verifies it. */
export async function withLog<T>(
  config: Config,
  work: (log: LogRows, verifier: Verifier, text: string, tx: Tx) => Promise<T>,
): Promise<T> {
  const { verifier } = openSigner('firebreak', openSeal(readKey(config)).derive('ledger'))
  const state = openSqlite(join(config.state, 'state.db'))
  try {
    return await state.read((tx) => work(tx.log, readVerifier(verifier), verifier, tx))
  } finally {
    state.close()
  }
}

/** Files below a folder; a file is whole or not there. */
export function writeInto(folder: string): WriteFile {
  return async (path, bytes) => {
    const file = join(folder, path)
    mkdirSync(dirname(file), { recursive: true })
    // Made anew: a link that somebody has put there is not written through.
    rmSync(`${file}.new`, { force: true })
    writeFileSync(`${file}.new`, bytes, { flag: 'wx' })
    await Promise.resolve(renameSync(`${file}.new`, file))
  }
}

/** Files of a folder; null where there is none. */
export function readFrom(folder: string): ReadFile {
  return async (path) => await Promise.resolve(readOrNull(join(folder, path)))
}

/** The bytes of a file, or null where there is none. */
export function readOrNull(file: string): Uint8Array | null {
  try {
    return new Uint8Array(readFileSync(file))
  } catch {
    // Not there, or not to be read: for whoever verifies it is absent.
    return null
  }
}

/** What a witness remembers; null only where it never did. Throws where it is there and cannot be read: a lost memory is not none. */
export function readMemory(file: string): string | null {
  const bytes = readOrNull(file)
  if (bytes !== null) return Buffer.from(bytes).toString('utf8')
  if (!existsSync(file)) return null
  throw new FirebreakError(
    'bad_input',
    `what this witness remembers, \`${file}\`, cannot be read`,
    'nothing is signed without it',
  )
}

/** A witness's signer from a 32-byte seed in hex. */
export function witnessSigner(name: string, seed: Uint8Array): Signer {
  return openSigner(name, seed, 'witness')
}
