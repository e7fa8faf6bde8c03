/** The box of the config: the folder that points are kept in, the keys to it, and the owners who are let in. */
import { openBox } from '../vault/box.ts'
import type { Box } from '../vault/box.ts'
import { checkRecipients } from '../vault/keys-age.ts'
import { openOwnKeys } from '../vault/keys-own.ts'
import { openDiskStore } from '../vault/store-disk.ts'
import type { Clock } from '../base/clock.ts'
import type { OpenSeal } from '../custody/seal.ts'
import type { Config } from './config.ts'
import { ownVault } from './folder.ts'
import { ownSigning } from './signing.ts'
import { realChance } from './world.ts'

export interface ConfiguredBox {
  readonly box: Box
  /** Wraps the vault's keys to the config's recipients: only when a person has accepted them. Lines of what is odd there. */
  letOwnersIn(): Promise<readonly string[]>
}

/** What points are kept in; null where no vault is configured. Throws `bad_config` for a recipient that is none. */
export async function openConfiguredBox(
  { vault }: Config,
  { seal, clock }: { readonly seal: OpenSeal; readonly clock: Clock },
): Promise<ConfiguredBox | null> {
  if (vault === undefined) return null
  const { store, recipients } = vault
  await checkRecipients(recipients)
  ownVault(store)
  const disk = await openDiskStore(store, realChance, clock.now())
  const machine = seal.derive('vault')
  const keys = await openOwnKeys(disk, {
    ...ownSigning(seal),
    machine,
    seal,
    clock,
    chance: realChance,
  })
  return {
    box: openBox(disk, keys, realChance),
    letOwnersIn: async () => {
      await keys.letIn(recipients)
      return keys
        .odd()
        .map((name) => `the key file \`${name}\` in the vault is damaged, or another's`)
    },
  }
}
