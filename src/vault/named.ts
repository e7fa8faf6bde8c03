/** Bytes of the vault with a name: what is wrong with them is told of the file or the table that they are. */
import { FirebreakError } from '../base/error.ts'
import type { Bytes } from './chunks.ts'

/** The same bytes; where they are not as they were put, the fault says of what. */
export async function* named(what: string, bytes: Bytes): AsyncGenerator<Uint8Array> {
  try {
    yield* bytes
  } catch (thrown) {
    if (!(thrown instanceof FirebreakError) || thrown.code !== 'broken_store') throw thrown
    throw new FirebreakError('broken_store', `\`${what}\`: ${thrown.message}`, thrown.hint, thrown)
  }
}
