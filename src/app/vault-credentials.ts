/** Names in custody that are no target's: they go to what the vault writes to, to a channel to people, or to where people sign in. */
import { bucketCredentials } from './bucket.ts'
import type { Config } from './config.ts'
import { goesOut, logsIn } from './header.ts'
import { channelCredentials, channelsWith } from './notify.ts'
import { resticCredentials } from './restic.ts'

export function vaultCredentials(config: Config): readonly string[] {
  return [
    ...bucketCredentials(config),
    ...resticCredentials(config),
    ...channelCredentials(config),
    ...signInCredentials(config),
    ...clientCredentials(config).map(({ name }) => name),
  ]
}

/** Where one of them goes, for a person; `nowhere` for what is none of them. */
export function goesTo(config: Config, name: string): string {
  const places = [
    ...(bucketCredentials(config).includes(name) ? ["the vault's bucket"] : []),
    ...(resticCredentials(config).includes(name) ? ['restic'] : []),
    ...(signInCredentials(config).includes(name) ? [config.console?.oidc?.issuer ?? ''] : []),
    ...clientCredentials(config)
      .filter((one) => one.name === name)
      .map(({ target }) => `whoever gives the tokens of \`${target}\``),
    ...channelsWith(config, name).map((channel) => `the channel \`${channel}\``),
  ]
  return places.length === 0 ? 'nowhere' : `${places.join(' and ')} alone`
}

export interface WantedCredential {
  readonly name: string
  readonly goes: string
  /** Whether somebody could log in for it. */
  readonly logsIn: boolean
}

/** All of them, the targets' own too, each with where it goes. */
export function wantedCredentials(config: Config): readonly WantedCredential[] {
  const targets = Object.entries(config.targets)
  const others = new Set(vaultCredentials(config).filter((name) => !(name in config.targets)))
  return [
    ...targets.map(([name, entry]) => ({ name, goes: goesOut(entry), logsIn: logsIn(entry) })),
    ...[...others].map((name) => ({ name, goes: goesTo(config, name), logsIn: false })),
  ]
}

/** Of the console's own client at whoever says who people are. */
function signInCredentials({ console: page }: Config): readonly string[] {
  const name = page?.oidc?.credential
  return name === undefined ? [] : [name]
}

/** Of clients that log in for a target. */
function clientCredentials({
  targets,
}: Config): readonly { readonly target: string; readonly name: string }[] {
  return Object.entries(targets).flatMap(([target, entry]) => {
    const name = entry.platform === 'mcp' ? entry.oauth?.credential : undefined
    return name === undefined ? [] : [{ target, name }]
  })
}
