/** The daemon's keys of its vault: what its own seal opens, and the wrapping of them to the owners. */
import type { Chance, Clock } from '../base/clock.ts'
import { newId } from '../base/clock.ts'
import { FirebreakError } from '../base/error.ts'
import type { Seal } from '../guard/ports.ts'
import type { VaultKey } from './chunks.ts'
import { wrapKey } from './keys-age.ts'
import { keyIdOf, keyText } from './keys-file.ts'
import type { KeyFile, ReadKeyFile } from './keys-file.ts'
import type { Signing } from './keys-sign.ts'
import { keyFiles } from './keys.ts'
import type { Keys } from './keys.ts'
import type { Store } from './store.ts'

export interface KeyHouse {
  /** The key that the daemon derives from its own: what everything is under until there are owners. */
  readonly machine: Uint8Array
  readonly seal: Seal
  readonly signing: Signing
  /** The signer as it is told to everyone. */
  readonly signer: string
  readonly clock: Clock
  readonly chance: Chance
}

export interface OwnKeys extends Keys {
  /** Names of key files that are none of ours: damaged, or another's. */
  odd(): readonly string[]
  /**
   * Wraps every key to these owners. Where one who was let in is not among them, what is put from now on is under a new key;
   * what was put before stays open to them. Without any nothing changes: nobody is locked out by an empty list.
   */
  letIn(recipients: readonly string[]): Promise<void>
}

interface Held {
  readonly key: VaultKey
  readonly of: KeyFile['of']
  /** Everybody whom it was ever wrapped to. */
  readonly ever: readonly string[]
  /** Those of the newest file. */
  readonly last: readonly string[]
  /** When the newest file was made. */
  readonly at: number
}

/** Reads only. Throws `broken_store` for a key file that this daemon has signed and cannot open. */
export async function openOwnKeys(store: Store, house: KeyHouse): Promise<OwnKeys> {
  const machine: VaultKey = { id: null, key: house.machine }
  const isOwn = ({ file, text, line }: ReadKeyFile): boolean =>
    file.signer === house.signer && house.signing.check(text, line)
  const load = async (): Promise<{ held: readonly Held[]; odd: readonly string[] }> => {
    const { files, odd } = await keyFiles(store, isOwn)
    return {
      held: heldOf(
        files.map(({ file }) => file),
        house,
      ),
      odd,
    }
  }
  let loaded = await load()
  let done: string | null = null

  const data = (): readonly Held[] => loaded.held.filter(({ of }) => of === 'data')
  const put = async (
    key: Uint8Array,
    of: KeyFile['of'],
    recipients: readonly string[],
  ): Promise<void> => {
    // A clock that was set back must not make a new key the older one.
    const at = loaded.held.reduce((least, held) => Math.max(least, held.at + 1), house.clock.now())
    const id = keyIdOf(key)
    const name = newId('key', at, house.chance)
    const sealed = house.seal.seal(Buffer.from(key).toString('hex'), contextOf(id))
    const age = await wrapKey(key, recipients)
    const text = keyText({ key: id, of, at, signer: house.signer, recipients, sealed, age })
    await store.putKey(name, once(`${text}\n${house.signing.sign?.(text) ?? ''}`))
    loaded = await load()
    const isBack = ({ key: held, last }: Held): boolean =>
      held.id === id && last.join() === recipients.join()
    if (loaded.held.some(isBack)) return
    throw new FirebreakError(
      'broken_store',
      `the key file \`${name}\` does not come back from the vault as it was put`,
      'nothing was put under that key',
    )
  }

  const stand = async (): Promise<void> => {
    const had = loaded.held
    if (had.length === 0) return
    loaded = await load()
    const there = new Set(loaded.held.map(({ key }) => key.id))
    const gone = had.filter(({ key }) => !there.has(key.id))
    // Oldest first: the newest is what the next point is put under.
    for (const { key, of, last } of gone.toReversed()) await put(key.key, of, last)
  }

  return {
    stand,
    current: () => data()[0]?.key ?? machine,
    all: () => [...data().map(({ key }) => key), machine],
    signing: house.signing,
    unsigned: 'taken',
    odd: () => loaded.odd,
    letIn: async (recipients) => {
      const wanted = [...new Set(recipients)].toSorted()
      if (wanted.length === 0 || done === wanted.join()) return
      loaded = await load()
      const [newest] = data()
      if (newest === undefined || newest.ever.some((each) => !wanted.includes(each)))
        await put(house.chance(32), 'data', wanted)
      const machines = loaded.held.find(({ of }) => of === 'machine')
      if (machines?.last.join() !== wanted.join()) await put(house.machine, 'machine', wanted)
      for (const { key, last } of data())
        if (last.join() !== wanted.join()) await put(key.key, 'data', wanted)
      done = wanted.join()
    },
  }
}

/** The newest key first: a key is as old as the first file that holds it. */
function heldOf(files: readonly KeyFile[], house: KeyHouse): readonly Held[] {
  const held = new Map<string, Held>()
  for (const file of files.toSorted((one, other) => one.at - other.at)) {
    const before = held.get(file.key)
    const { of, recipients, at } = file
    held.set(file.key, {
      key: before?.key ?? { id: file.key, key: opened(file, house) },
      of: before?.of ?? of,
      ever: [...(before?.ever ?? []), ...recipients],
      last: recipients,
      at,
    })
  }
  return [...held.values()].toReversed()
}

function opened({ key, sealed }: KeyFile, { seal }: KeyHouse): Uint8Array {
  const bytes = new Uint8Array(Buffer.from(seal.open(sealed, contextOf(key)), 'hex'))
  if (bytes.length === 32 && keyIdOf(bytes) === key) return bytes
  throw new FirebreakError(
    'broken_store',
    `a key file of the vault holds another key than \`${key}\``,
  )
}

function contextOf(id: string): string {
  return `vault key ${id}`
}

async function* once(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text)
}
