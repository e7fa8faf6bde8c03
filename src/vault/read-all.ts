/** An open file, read. */
import type { FileHandle } from 'node:fs/promises'

/** The bytes of an open file from its start. */
export async function* readAll(handle: FileHandle): AsyncGenerator<Uint8Array> {
  const buffer = Buffer.alloc(1024 * 1024)
  for (let at = 0; ;) {
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, at)
    if (bytesRead === 0) return
    at += bytesRead
    yield Buffer.from(buffer.subarray(0, bytesRead))
  }
}
