/** The vault's box: a store, and the keys under which things are put into it and known again. */
import { createHash, createHmac, hkdfSync } from 'node:crypto'
import type { Chance } from '../base/clock.ts'
import { FirebreakError } from '../base/error.ts'
import { openBytes, saltBytes, sealBytes } from './chunks.ts'
import type { Bytes, Opening, Sealing, VaultKey } from './chunks.ts'
import { readPoint, signPoint } from './keys-sign.ts'
import { oneKey } from './keys.ts'
import type { Keys } from './keys.ts'
import { parseManifest } from './manifest.ts'
import type { Manifest } from './manifest.ts'
import type { Judge, Store } from './store.ts'

/** A manifest larger than this is not one of ours: reading it must end. */
const maxManifestBytes = 512 * 1024 * 1024

/** A manifest's text and what speaks for it. */
export interface Proof {
  readonly text: string
  /** The id of the key that it is under; null for the one that the daemon derives from its own. */
  readonly key: string | null
  /** False for one from before there were signatures: whoever held the key can have written it. */
  readonly signed: boolean
}

export interface Box {
  readonly store: Store
  /** Fulfils when whoever may open it can: what is in it by then counts. Throws where a lost key cannot be put back. */
  stand(): Promise<void>
  /** The same keys over another store. */
  over(store: Store): Box
  /** The same in which what is not signed does not count. */
  strict(): Box
  /** The name under which content is put: who has no key cannot tell which known file it is. */
  name(sha256: string): string
  /** The name under which it lies: of several keys the one that it was put under. */
  stored(sha256: string): Promise<string>
  seal(plain: Bytes): Bytes
  /** What one content is sealed with by a thread of its own, and opened again. */
  sealing(): Sealing
  sealManifest(id: string, text: string): Bytes
  /** The content with this hash as it lies, for a thread that opens it with `opening`; it is the thread that holds it to its hash. */
  sealed(sha256: string): Bytes
  opening(): Pick<Opening, 'keys' | 'context'>
  /** Says of sealed bytes whether they are the content with this hash. */
  isContent(sha256: string): Judge
  /** The content with this hash, read and opened to its end; throws `broken_store` where it is another, or not there. */
  open(sha256: string): Bytes
  /** The text of a point's manifest, whatever its engine; throws `broken_store` where it is damaged. */
  manifestText(id: string): Promise<string>
  /** The same, with the key that it is under and whether it is signed; throws `broken_store` for another's signature. */
  proof(id: string): Promise<Proof>
  /** The manifest of a point; throws `broken_store` where it is damaged or another's. */
  manifest(id: string): Promise<Manifest>
}

/** Throws `bad_config` for a key that is not 32 bytes. One key by itself signs nothing, and checks nothing. */
export function openBox(store: Store, by: Keys | Uint8Array, chance: Chance): Box {
  const keys = by instanceof Uint8Array ? oneKey(by) : by
  if (keys.all().some(({ key }) => key.length !== 32))
    throw new FirebreakError('bad_config', 'the key of the vault is not 32 bytes')
  const nameOf = openNames()
  const proofOf = async (id: string, sealed: Bytes): Promise<Proof> => {
    const used: VaultKey[] = []
    const opening = {
      keys: keys.all(),
      context: `point ${id}`,
      used: (key: VaultKey) => used.push(key),
    }
    const text = await textOf(openBytes(sealed, opening))
    return proved(id, { text, key: used[0]?.id ?? null }, keys)
  }
  const proof = async (id: string): Promise<Proof> =>
    await proofOf(
      id,
      store.getPoint(
        id,
        judge((sealed) => proofOf(id, sealed)),
      ),
    )
  const opened = (sealed: Bytes, sha256: string): Bytes =>
    proven(openBytes(sealed, { keys: keys.all(), context: 'object' }), sha256)
  /** Content is named by the key that was current when it was put. */
  const stored = async (sha256: string): Promise<string> => {
    const names = keys.all().map((key) => nameOf(key, sha256))
    for (const name of names.length > 1 ? names : []) if (await store.has(name)) return name
    return nameOf(keys.current(), sha256)
  }
  const isContent = (sha256: string): Judge => judge((bytes) => ended(opened(bytes, sha256)))
  async function* sealed(sha256: string): AsyncGenerator<Uint8Array> {
    yield* store.get(await stored(sha256), isContent(sha256))
  }
  return {
    store,
    stand: async () => await keys.stand?.(),
    over: (other) => openBox(other, by, chance),
    strict: () => openBox(store, keys.signing === null ? by : refusing(keys), chance),
    stored,
    isContent,
    sealed,
    opening: () => ({ keys: keys.all(), context: 'object' }),
    name: (sha256) => nameOf(keys.current(), sha256),
    sealing: () => ({ by: { ...keys.current(), context: 'object' }, salt: chance(saltBytes) }),
    seal: (plain) => sealBytes(plain, { ...keys.current(), context: 'object' }, chance(saltBytes)),
    sealManifest: (id, text) => {
      const signed = keys.signing === null ? text : signPoint(id, text, keys.signing)
      const under = { ...keys.current(), context: `point ${id}` }
      return sealBytes(once(Buffer.from(signed)), under, chance(saltBytes))
    },
    open: (sha256) => opened(sealed(sha256), sha256),
    manifestText: async (id) => (await proof(id)).text,
    proof,
    manifest: async (id) => {
      const manifest = parseManifest((await proof(id)).text)
      if (manifest.id === id) return manifest
      throw new FirebreakError(
        'broken_store',
        `the vault has another point's manifest for \`${id}\``,
      )
    },
  }
}

function refusing(keys: Keys): Keys {
  const { signing } = keys
  return { current: () => keys.current(), all: () => keys.all(), signing, unsigned: 'refused' }
}

function openNames(): (key: VaultKey, sha256: string) => string {
  const naming = new WeakMap<Uint8Array, Uint8Array>()
  return ({ key }, sha256) => {
    const names =
      naming.get(key) ?? new Uint8Array(hkdfSync('sha256', key, '', 'firebreak vault names', 32))
    naming.set(key, names)
    return createHmac('sha256', names).update(sha256).digest('hex')
  }
}

/** INVARIANT (signed-points): what is under a key of the store's own is signed; what is not signed is from before, or forged. */
function proved(
  id: string,
  { text, key }: Pick<Proof, 'text' | 'key'>,
  { signing, unsigned }: Keys,
): Proof {
  if (signing === null) return { text, key, signed: false }
  const { manifest, signed } = readPoint(id, text, signing)
  if (signed || (key === null && unsigned === 'taken')) return { text: manifest, key, signed }
  throw new FirebreakError(
    'broken_store',
    `\`${id}\` is not signed: it is from before points were, or someone who holds the key has written it`,
    'use another recovery point',
  )
}

/** Who has no key can write over a name, and not what opens under it: so the key decides which of several counts. */
function judge(open: (sealed: Bytes) => Promise<unknown>): Judge {
  return async (sealed) => {
    try {
      await open(sealed)
      return true
    } catch {
      // Whatever keeps it from being read to its end, it is not whole.
      return false
    }
  }
}

async function ended(bytes: Bytes): Promise<void> {
  const pieces = bytes[Symbol.asyncIterator]()
  while ((await pieces.next()).done !== true);
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
