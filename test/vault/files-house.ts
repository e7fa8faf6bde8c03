/** A point of one file, as tests of a second place want it. */
import { createHash } from 'node:crypto'
import type { Box } from '../../src/vault/box.ts'
import { manifestText } from '../../src/vault/manifest.ts'
import { bytesOf } from './store-contract.ts'

export const sum = (text: string): string => createHash('sha256').update(text).digest('hex')

export async function putFile(box: Box, id: string, content: string): Promise<void> {
  const owned = { uid: 0, gid: 0, mtime: '0', mode: 0o600 } as const
  const sha256 = sum(content)
  const staging = await box.store.stage()
  await staging.put(box.name(sha256), box.seal(bytesOf(content)), false)
  await staging.settle()
  const text = manifestText({
    v: 1,
    id,
    engine: 'files',
    covers: [{ target: 'rail', type: 'volume', id: 'v' }],
    source: '/mnt/data',
    takenAt: 1,
    bytes: content.length,
    items: [
      { kind: 'directory', path: '', ...owned },
      { kind: 'file', path: 'a', size: content.length, sha256, ...owned },
    ],
  })
  await staging.name(id, box.sealManifest(id, text))
  await staging.discard()
}
