/** A vault opened by one of its owners: the store and an age identity, and nothing else. */
import { FirebreakError } from '../base/error.ts'
import type { VaultKey } from './chunks.ts'
import { unwrapKey } from './keys-age.ts'
import { keyIdOf } from './keys-file.ts'
import type { ReadKeyFile } from './keys-file.ts'
import type { Signing } from './keys-sign.ts'
import { keyFiles } from './keys.ts'
import type { Keys } from './keys.ts'
import type { Store } from './store.ts'

export interface OwnerHouse {
  readonly identities: readonly string[]
  /** The one signer that counts; null: the one that the store has, where it has one only. */
  readonly signer: string | null
  /** Checks what a signer has signed; null where the text is no signer. */
  readonly signingOf: (signer: string) => Signing | null
}

export interface OwnerKeys {
  readonly keys: Keys
  readonly signer: string
  /** The key that the daemon derived from its own: what lies beside the store is under it. */
  readonly machine: Uint8Array | null
}

/**
 * Throws `custody_locked` where the identity opens no key, and `broken_store` where it opens keys of two signers and none was
 * named: anyone can wrap a key of their own to a recipient, so the signature decides.
 */
export async function openOwnerKeys(store: Store, house: OwnerHouse): Promise<OwnerKeys> {
  const isSigned = ({ file, text, line }: ReadKeyFile): boolean =>
    house.signingOf(file.signer)?.check(text, line) === true
  const { files } = await keyFiles(store, isSigned)
  const counted = files
    .map(({ file }) => file)
    .filter(({ signer }) => house.signer === null || house.signer === signer)
  const opened: { signer: string; of: string; at: number; key: VaultKey }[] = []
  for (const { age, signer, of, at, key: id } of counted) {
    const key = await unwrapKey(age, house.identities)
    if (key !== null && keyIdOf(key) === id) opened.push({ signer, of, at, key: { id, key } })
  }
  const signers = [...new Set(opened.map(({ signer }) => signer))]
  const [signer] = signers
  if (signer === undefined) throw shut(files.length, counted.length)
  if (signers.length > 1) throw two(signers)
  const machine = opened.find(({ of }) => of === 'machine')?.key.key ?? null
  const data = opened
    .filter(({ of }) => of === 'data')
    .toSorted((one, other) => other.at - one.at)
    .map(({ key }) => key)
  const all = [...data, ...(machine === null ? [] : [{ id: null, key: machine }])]
  const signing = house.signingOf(signer)
  return {
    signer,
    machine,
    keys: {
      current: () => {
        const [first] = all
        if (first !== undefined) return first
        throw new FirebreakError('internal', 'a vault was opened without a key')
      },
      all: () => all,
      signing: signing === null ? null : { ...signing, sign: null },
      unsigned: house.signer === null ? 'taken' : 'refused',
    },
  }
}

function shut(files: number, counted: number): FirebreakError {
  if (files === 0)
    return new FirebreakError(
      'custody_locked',
      'the vault holds no key that was wrapped to anybody',
      'open it with `--key FILE`, the key that the daemon had',
    )
  return counted === 0
    ? new FirebreakError(
        'broken_store',
        'no key in the vault is signed by the signer that you named',
        '`firebreak ledger key` printed it when the daemon was there',
      )
    : new FirebreakError(
        'custody_locked',
        'this identity opens no key of the vault: none was wrapped to it',
        'the `recipient` lines of the files in `keys/` say whose identity does',
      )
}

function two(signers: readonly string[]): FirebreakError {
  return new FirebreakError(
    'broken_store',
    `the vault holds keys that were signed by ${signers.join(' and by ')}`,
    'anyone can write such a file: name the signer that you know with `--signer`',
  )
}
