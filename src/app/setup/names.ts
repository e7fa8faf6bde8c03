/** Where the things of one set-up lie: in the person's home, outside of the checkout that an agent cleans up in. */
import { randomBytes } from 'node:crypto'
import { basename, join } from 'node:path'

export interface Homes {
  /** As the config names them, with `~`. */
  readonly state: string
  readonly key: string
  readonly vault: string
}

/** Names of a new set-up; two checkouts of one name are two. */
export function newHomes(checkout: string, store: string | null): Homes {
  const short = basename(checkout)
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]+/g, '-')
    .slice(0, 30)
  const name = `${short === '' ? 'checkout' : short}-${randomBytes(3).toString('hex')}`
  return {
    state: `~/.firebreak/${name}`,
    key: `~/.config/firebreak/${name}.key`,
    vault: store ?? `~/firebreak-vault/${name}`,
  }
}

/** The grant that `init` minted, for `firebreak run`. */
export function grantFile(state: string): string {
  return join(state, 'agent.grant')
}
