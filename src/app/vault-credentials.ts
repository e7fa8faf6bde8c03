/** Names in custody that are no target's: they go to what the vault writes to, or to a channel to people. */
import { bucketCredentials } from './bucket.ts'
import type { Config } from './config.ts'
import { channelCredentials, channelsWith } from './notify.ts'
import { resticCredentials } from './restic.ts'

export function vaultCredentials(config: Config): readonly string[] {
  return [...bucketCredentials(config), ...resticCredentials(config), ...channelCredentials(config)]
}

/** Where one of them goes, for a person; `nowhere` for what is none of them. */
export function goesTo(config: Config, name: string): string {
  const places = [
    ...(bucketCredentials(config).includes(name) ? ["the vault's bucket"] : []),
    ...(resticCredentials(config).includes(name) ? ['restic'] : []),
    ...channelsWith(config, name).map((channel) => `the channel \`${channel}\``),
  ]
  return places.length === 0 ? 'nowhere' : `${places.join(' and ')} alone`
}
