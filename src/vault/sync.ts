/** What was named in a folder, and what stands in a file, is on the disk when this comes back. */
import { open } from 'node:fs/promises'

export async function syncPath(path: string | Buffer): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
