/** The ways to people as the config says: each with its secret out of custody when it is needed. */
import { tellHold } from '../approvals/show.ts'
import type { Clock } from '../base/clock.ts'
import type { Secret } from '../base/secret.ts'
import type { Channel } from '../notices/channel.ts'
import { mail } from '../notices/mail.ts'
import type { Words } from '../notices/news.ts'
import { ntfy } from '../notices/ntfy.ts'
import { push } from '../notices/push.ts'
import type { Plan } from '../notices/outbox.ts'
import { slack } from '../notices/slack.ts'
import { webhook } from '../notices/webhook.ts'
import type { Config } from './config.ts'
import { credentialOf } from './config-notify.ts'
import type { Entry } from './config-notify.ts'
import type { Credentials } from './credentials.ts'
import { environmentsOf } from './environments.ts'
import { pushPlace } from './push.ts'
import type { PushHouse } from './push.ts'
import { siteOf } from './site.ts'

export function openChannels(
  config: Config,
  credential: Pick<Credentials, 'of'>,
  house: PushHouse & { readonly clock: Clock },
): ReadonlyMap<string, Channel> {
  return new Map(
    entriesOf(config).map(([name, entry]) => {
      const kept = credentialOf(name, entry)
      const secret = kept === null ? null : async () => await credential.of(kept)
      return [name, open(entry, secret, { ...house, config })] as const
    }),
  )
}

function open(
  entry: Entry,
  secret: (() => Promise<Secret>) | null,
  house: PushHouse & { readonly clock: Clock; readonly config: Config },
): Channel {
  const needed = secret ?? missing
  switch (entry.kind) {
    case 'webhook':
      return webhook({
        url: entry.url,
        secret: needed,
        now: () => Math.floor(house.clock.now() / 1000),
      })
    case 'slack':
      return slack(needed)
    case 'ntfy':
      return ntfy({ url: entry.url, token: secret })
    case 'push':
      return push(pushPlace(house, entry))
    case 'mail': {
      const { host, port, tls, from, to, user } = entry
      const login = user === undefined ? null : { user, password: needed }
      return mail({ host, port, tls, from, to, login })
    }
  }
}

/** Who hears at once, and who when nobody looks. */
export function planOf({ notify }: Config): Plan {
  const { after = 0, to = [] } = notify?.escalate ?? {}
  return {
    first: Object.keys(notify?.channels ?? {}).filter((name) => !to.includes(name)),
    later: to.map((channel, index) => ({ channel, afterMs: after * (index + 1) })),
  }
}

export function wordsOf(config: Config): Words {
  return {
    // A Firebreak without a console is one all the same.
    site: config.console === undefined ? null : siteOf(config).origin,
    hold: (hold) => tellHold(hold, environmentsOf(config, hold.action.target).name),
  }
}

/** Names in custody that are no target's. */
export function channelCredentials(config: Config): readonly string[] {
  return entriesOf(config).flatMap(([name, entry]) => credentialOf(name, entry) ?? [])
}

/** The channels that a name in custody is for. */
export function channelsWith(config: Config, kept: string): readonly string[] {
  return entriesOf(config).flatMap(([name, entry]) =>
    credentialOf(name, entry) === kept ? [name] : [],
  )
}

/** Those of them that are typed as passwords. */
export function mailPasswords(config: Config): readonly string[] {
  return entriesOf(config).flatMap(([name, entry]) =>
    entry.kind === 'mail' ? (credentialOf(name, entry) ?? []) : [],
  )
}

function entriesOf({ notify }: Config): readonly (readonly [string, Entry])[] {
  return Object.entries(notify?.channels ?? {})
}

async function missing(): Promise<never> {
  return await Promise.reject(new Error('there is no credential for it'))
}
