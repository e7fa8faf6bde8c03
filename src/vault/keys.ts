/** The keys of a vault: under which one new things are put, which ones open what is there, and who signs. */
import { FirebreakError } from '../base/error.ts'
import type { VaultKey } from './chunks.ts'
import type { Bytes } from './chunks.ts'
import { longestKeyFile, parseKeyFile } from './keys-file.ts'
import type { ReadKeyFile } from './keys-file.ts'
import type { Signing } from './keys-sign.ts'
import type { Store } from './store.ts'

export interface Keys {
  /** What new things are put under. */
  current(): VaultKey
  /** All that open something, the current one first. */
  all(): readonly VaultKey[]
  /** Null: nothing is signed and nothing is checked. */
  readonly signing: Signing | null
  /** Sees to it that the files of all keys are in the store, and puts back what is not: what is under a lost key nobody opens. */
  stand?(): Promise<void>
  /** Whether a point from before there were signatures is taken at its word. */
  readonly unsigned: 'taken' | 'refused'
}

/** One key and no signatures. */
export function oneKey(key: Uint8Array): Keys {
  const one: VaultKey = { id: null, key }
  return { current: () => one, all: () => [one], signing: null, unsigned: 'taken' }
}

/** Every key file of a store that can be read, oldest first by their names; of the others the name. */
export async function keyFiles(
  store: Store,
  isSigned: (read: ReadKeyFile) => boolean,
): Promise<{ readonly files: readonly ReadKeyFile[]; readonly odd: readonly string[] }> {
  const files: ReadKeyFile[] = []
  const odd: string[] = []
  for (const name of await store.keys()) {
    const read = await readOne(store, name, isSigned)
    if (read === null) odd.push(name)
    else files.push(read)
  }
  return { files, odd }
}

async function readOne(
  store: Store,
  name: string,
  isSigned: (read: ReadKeyFile) => boolean,
): Promise<ReadKeyFile | null> {
  const whole = async (bytes: Bytes): Promise<ReadKeyFile | null> => {
    const read = parseKeyFile(await shortText(bytes))
    return read !== null && isSigned(read) ? read : null
  }
  try {
    return await whole(store.getKey(name, async (bytes) => (await whole(bytes)) !== null))
  } catch (thrown) {
    // One that is damaged must not hide the others; a store that does not answer is no such thing.
    if (thrown instanceof FirebreakError && thrown.code === 'not_reachable') throw thrown
    return null
  }
}

async function shortText(bytes: Bytes): Promise<string> {
  const pieces: Uint8Array[] = []
  let length = 0
  for await (const piece of bytes) {
    pieces.push(piece)
    length += piece.length
    if (length > longestKeyFile) return ''
  }
  return Buffer.concat(pieces).toString('utf8')
}
