/** Keeps credentials that somebody has logged in for alive: renewed before they end, and once when their server refuses one. */
import { refreshTokenGrant, ResponseBodyError } from 'openid-client'
import { Secret } from '../../base/secret.ts'
import { credentialOf } from '../../custody/custody.ts'
import { buryLogin, keepLogin, loginOf } from '../../custody/login.ts'
import type { KeptLogin } from '../../custody/login.ts'
import type { OpenSeal } from '../../custody/seal.ts'
import type { Clock } from '../../base/clock.ts'
import type { Notices, State } from '../../guard/ports.ts'
import type { Config } from '../config.ts'
import type { Credentials } from '../credentials.ts'
import { configuredFor, endOf } from './client.ts'
import { faultOf } from './fault.ts'
import { loginEntry, outwardFor } from './place.ts'

export interface Renewals {
  /** The credential that is good now, where this one was refused; null where none can be had. Never throws. */
  readonly renew: (target: string, refused: Secret) => Promise<Secret | null>
  /** Renews what ends soon. */
  readonly round: () => Promise<void>
}

interface House {
  readonly config: Config
  readonly state: State
  readonly seal: OpenSeal
  readonly clock: Clock
  readonly credential: Credentials
  readonly notices: Pick<Notices, 'tell'>
}

/** So long before its end, or a third of its life where that is shorter. */
const aheadMs = 5 * 60_000

export function openRenewals(house: House): Renewals {
  const { state, seal, clock, credential, notices } = house
  const running = new Map<string, Promise<Secret | null>>()
  /** Said once of each token. */
  const late = new Map<string, string>()
  const once = async (target: string, kept: KeptLogin): Promise<Secret | null> => {
    try {
      return await renewed(house, target, kept)
    } catch (thrown) {
      await failed(target, kept, thrown)
      return null
    }
  }
  const failed = async (target: string, kept: KeptLogin, thrown: unknown): Promise<void> => {
    const why = faultOf(thrown)
    if (isFinal(thrown)) {
      const now = clock.now()
      if (await state.transact((tx) => buryLogin(tx, kept, now)))
        notices.tell('login-dead', deadLine(target, why), target)
      return
    }
    const isOver = kept.endsAt !== null && kept.endsAt <= clock.now()
    if (!isOver || late.get(target) === kept.row.sealed) return
    late.set(target, kept.row.sealed)
    notices.tell(
      'login-late',
      `the token of \`${target}\` has ended and cannot be renewed: ${why}`,
      target,
    )
  }
  /** INVARIANT (one renewal): two at once would each spend the other's refresh token. */
  const alone = async (target: string, kept: KeptLogin): Promise<Secret | null> => {
    const begun =
      running.get(target) ?? once(target, kept).finally(() => void running.delete(target))
    running.set(target, begun)
    return await begun
  }
  const look = async (target: string): Promise<KeptLogin | null> =>
    await state.read((tx) => loginOf(seal, tx, target))
  return {
    renew: async (target, refused) => {
      try {
        const kept = await look(target)
        const now = await state.read((tx) => credentialOf(seal, tx, target))
        // Somebody else was faster: with that it is tried again.
        if (now !== null && now.reveal() !== refused.reveal()) return now
        return kept === null || !canRenew(kept) ? null : await alone(target, kept)
      } catch (thrown) {
        notices.tell('login-late', faultOf(thrown), target)
        return null
      }
    },
    round: async () => {
      if (!credential.isAllowed()) return
      const rows = await state.read((tx) => tx.find('credential', {}))
      const ending = rows.filter(({ login }) => login !== undefined && isDue(login, clock.now()))
      await Promise.all(
        ending.map(async ({ id }) => {
          const kept = await look(id)
          if (kept !== null && canRenew(kept)) await alone(id, kept)
        }),
      )
    },
  }
}

function isDue(
  { endsAt, renewedAt }: { readonly endsAt: number | null; readonly renewedAt: number },
  now: number,
): boolean {
  return endsAt !== null && endsAt - now < Math.min(aheadMs, (endsAt - renewedAt) / 3)
}

function canRenew({ login, deadSince }: KeptLogin): boolean {
  return login.refresh !== null && deadSince === null
}

async function renewed(house: House, target: string, kept: KeptLogin): Promise<Secret | null> {
  const { state, seal, clock, credential } = house
  const { entry } = loginEntry(house, target)
  const { login, row } = kept
  // What the config says now may be about another client than the one that logged in.
  const named = entry.oauth?.client === login.client ? entry.oauth.credential : undefined
  const isThere = named !== undefined && isSame(entry.oauth?.issuer, login.issuer)
  const secret = isThere ? (await credential.of(named)).reveal() : null
  const outward = outwardFor(entry)
  try {
    const config = configuredFor(outward, login, secret)
    const { resource } = login
    const given = await refreshTokenGrant(config, login.refresh ?? '', { resource })
    const now = clock.now()
    const access = new Secret(given.access_token)
    const wish = {
      target,
      access,
      // RFC 6749 §6: where no other comes, the old one goes on.
      login: { ...login, refresh: given.refresh_token ?? login.refresh },
      endsAt: endOf(given.expires_in, now),
      by: row.addedBy,
      now,
    }
    const isKept = await state.transact(async (tx) => {
      // A person has put another in its place meanwhile: theirs stays.
      if ((await tx.get('credential', target))?.sealed !== row.sealed) return false
      const fresh = await keepLogin(seal, tx, wish)
      await tx.put('credential', { ...fresh, addedAt: row.addedAt })
      return true
    })
    credential.forget()
    return isKept ? access : null
  } finally {
    await outward.close()
  }
}

/** With a slash at its end or without, as a config may have it. */
function isSame(named: string | undefined, issuer: string): boolean {
  return named?.replace(/\/$/, '') === issuer.replace(/\/$/, '')
}

/** RFC 6749 §5.2: asking again with the same would give the same. */
function isFinal(thrown: unknown): boolean {
  const final = ['invalid_grant', 'invalid_client', 'unauthorized_client']
  return thrown instanceof ResponseBodyError && final.includes(thrown.error)
}

function deadLine(target: string, why: string): string {
  return `nothing renews the token of \`${target}\` any more (${why}): its calls will be refused; \`firebreak custody login ${target}\``
}
