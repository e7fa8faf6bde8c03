/** The vault's box: a store, and the one key under which things are put into it and known again. */
import { createHash, createHmac, hkdfSync } from 'node:crypto'
import type { Chance } from '../base/clock.ts'
import { FirebreakError } from '../base/error.ts'
import { openBytes, saltBytes, sealBytes } from './chunks.ts'
import type { Bytes, Sealing } from './chunks.ts'
import { parseManifest } from './manifest.ts'
import type { Manifest } from './manifest.ts'
import type { Judge, Store } from './store.ts'

/** A manifest larger than this is not one of ours: reading it must end. */
const maxManifestBytes = 512 * 1024 * 1024

export interface Box {
  readonly store: Store
  /** The stored name of content: who has no key cannot tell which known file it is. */
  name(sha256: string): string
  seal(plain: Bytes): Bytes
  /** What one content is sealed with by a thread of its own, and opened again. */
  sealing(): Sealing
  sealManifest(id: string, text: string): Bytes
  /** The content with this hash, read and opened to its end; throws `broken_store` where it is another, or not there. */
  open(sha256: string): Bytes
  /** The text of a point's manifest, whatever its engine; throws `broken_store` where it is damaged. */
  manifestText(id: string): Promise<string>
  /** The manifest of a point; throws `broken_store` where it is damaged or another's. */
  manifest(id: string): Promise<Manifest>
}

/** Throws `bad_config` for a key that is not 32 bytes. */
export function openBox(store: Store, key: Uint8Array, chance: Chance): Box {
  if (key.length !== 32)
    throw new FirebreakError('bad_config', 'the key of the vault is not 32 bytes')
  const names = new Uint8Array(hkdfSync('sha256', key, '', 'firebreak vault names', 32))
  const name = (sha256: string): string => createHmac('sha256', names).update(sha256).digest('hex')
  const object = { key, context: 'object' }
  const point = (id: string): { key: Uint8Array; context: string } => ({
    key,
    context: `point ${id}`,
  })
  const manifestOf = (id: string): Promise<string> => {
    const isOfPoint = judge((sealed) => openBytes(sealed, point(id)))
    return textOf(openBytes(store.getPoint(id, isOfPoint), point(id)))
  }
  const opened = (sealed: Bytes, sha256: string): Bytes => proven(openBytes(sealed, object), sha256)
  return {
    store,
    name,
    sealing: () => ({ by: object, salt: chance(saltBytes) }),
    seal: (plain) => sealBytes(plain, object, chance(saltBytes)),
    sealManifest: (id, text) => sealBytes(once(Buffer.from(text)), point(id), chance(saltBytes)),
    open: (sha256) => {
      const isContent = judge((sealed) => opened(sealed, sha256))
      return opened(store.get(name(sha256), isContent), sha256)
    },
    manifestText: manifestOf,
    manifest: async (id) => {
      const manifest = parseManifest(await manifestOf(id))
      if (manifest.id === id) return manifest
      throw new FirebreakError(
        'broken_store',
        `the vault has another point's manifest for \`${id}\``,
      )
    },
  }
}

/** Who has no key can write over a name, and not what opens under it: so the key decides which of several counts. */
function judge(open: (sealed: Bytes) => Bytes): Judge {
  return async (sealed) => {
    const pieces = open(sealed)[Symbol.asyncIterator]()
    try {
      while ((await pieces.next()).done !== true);
      return true
    } catch {
      // Whatever keeps it from being read to its end, it is not whole.
      return false
    }
  }
}

/** The bytes of an iterable and, at its end, their hash. */
export async function* hashed(
  bytes: Bytes,
  tell: (sha256: string) => void,
): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256')
  for await (const piece of bytes) {
    hash.update(piece)
    yield piece
  }
  tell(hash.digest('hex'))
}

async function* proven(bytes: Bytes, sha256: string): AsyncGenerator<Uint8Array> {
  let found: string | null = null
  yield* hashed(bytes, (hash) => {
    found = hash
  })
  if (found !== sha256)
    throw new FirebreakError('broken_store', 'a file in the vault holds other bytes than were put')
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

async function textOf(bytes: Bytes): Promise<string> {
  const pieces: Uint8Array[] = []
  let length = 0
  for await (const piece of bytes) {
    pieces.push(piece)
    length += piece.length
    if (length > maxManifestBytes)
      throw new FirebreakError('broken_store', 'a manifest in the vault has no end')
  }
  return Buffer.concat(pieces).toString('utf8')
}
