/** The keys to a vault with nothing beside it: the daemon's key file, or the identity of one of its owners. */
import { readIdentityFile, readKeyFile } from '../custody/key.ts'
import { openSeal } from '../custody/seal.ts'
import { FirebreakError } from '../base/error.ts'
import { readIdentities } from '../vault/keys-age.ts'
import { openOwnKeys } from '../vault/keys-own.ts'
import { openOwnerKeys } from '../vault/keys-owner.ts'
import type { Keys } from '../vault/keys.ts'
import type { Store } from '../vault/store.ts'
import { ownSigning, signingOf } from './signing.ts'
import { realChance, realClock } from './world.ts'

/** One of the two files opens it. */
export interface KeyPlace {
  /** The file of the key that the daemon had. */
  readonly key: string | null
  /** A file with an age identity that the vault's keys were wrapped to. */
  readonly identity: string | null
  /** Whose signature counts; null: the daemon's own by its key, and by an identity the one that the store has. */
  readonly signer: string | null
}

export interface AloneKeys {
  readonly keys: Keys
  /** What the spool beside the store is under; null where this identity was not let in to it. */
  readonly machine: Uint8Array | null
  /** What a person should know of it. */
  readonly said: readonly string[]
}

/** Throws `custody_locked` where the file cannot be read or opens nothing, `broken_store` where the signer is in doubt. */
export async function aloneKeys(store: Store, place: KeyPlace): Promise<AloneKeys> {
  const { key, identity, signer } = place
  if (signer !== null && signingOf(signer) === null)
    throw new FirebreakError(
      'bad_input',
      '`--signer` is no signer',
      'it reads `name+id+base64`; `firebreak ledger key` prints it',
    )
  if (key !== null && identity === null) return await byKey(store, key, signer)
  if (identity === null || key !== null)
    throw new FirebreakError('bad_input', 'say one of `--key FILE` and `--identity FILE`')
  const text = readIdentityFile(identity, process.getuid?.() ?? null)
  const identities = await readIdentities(text, identity)
  const opened = await openOwnerKeys(store, { identities, signer, signingOf })
  const pin = `signed by ${opened.signer}: is that what \`firebreak ledger key\` said? \`--signer\` takes no other`
  return { ...opened, said: signer === null ? [pin] : [] }
}

async function byKey(store: Store, file: string, signer: string | null): Promise<AloneKeys> {
  const seal = openSeal(readKeyFile(file, process.getuid?.() ?? null))
  const own = ownSigning(seal)
  if (signer !== null && signer !== own.signer)
    throw new FirebreakError(
      'bad_input',
      `this key signs as ${own.signer}, which is another signer than you named`,
    )
  const machine = seal.derive('vault')
  const house = { ...own, machine, seal, clock: realClock, chance: realChance }
  const keys = await openOwnKeys(store, house)
  return { keys: signer === null ? keys : { ...keys, unsigned: 'refused' }, machine, said: [] }
}
