/** One receiver a spool. */
import { lockFile } from './lock-file.ts'

/** As `lockFile`. */
export function lockSpool(file: string): () => void {
  return lockFile(file, {
    message: 'another receiver writes to this spool already',
    hint: 'stop it first, or give this one a folder of its own',
  })
}
