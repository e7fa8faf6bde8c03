/**
 * Who sits at the console. A session is a cookie and a secret of the page together: browsers send cookies to every port of a
 * host (RFC 6265, §8.5), so a page that an agent serves on this machine may see the cookie; what is stored for this origin it does not.
 */
import { createHash } from 'node:crypto'
import { newId } from '../../base/clock.ts'
import type { Chance, Clock } from '../../base/clock.ts'

/** A session ends after this long without a call, and after `longestMs` whatever is done. */
const idleMs = 60 * 60_000
const longestMs = 8 * 60 * 60_000
/** A cookie serves this long before the next; the one before it serves a moment longer, for what is under way. */
const rotateMs = 10 * 60_000
const graceMs = 60_000
/** More at once than people have pages: the oldest goes. */
const mostOfOne = 10

export interface Session {
  readonly id: string
  /** The approver's id: their seat is looked up at every call. */
  readonly seat: string
  readonly name: string
  readonly since: number
  readonly until: number
}

export interface Shown {
  readonly session: Session
  /** The next cookie, where its time has come. */
  readonly cookie: string | null
}

export interface Sessions {
  /** Opens one; the secrets are given once and kept only as hashes. */
  open(seat: { readonly id: string; readonly name: string }): {
    readonly session: Session
    readonly cookie: string
    readonly page: string
  }
  /**
   * Whose these are: the session of which one cookie serves, with the secret of its page; null for nobody's. Where none serves, one that
   * was followed by another, or that comes without its page, has been copied: that ends the session, and `copied` is told.
   * Beside one that serves it is let be: whoever can put a cookie there could end any session by an old one, and it opens nothing.
   */
  find(cookies: readonly string[], page: string): Shown | null
  /** Whether it still counts: for what stays open. */
  isLive(id: string): boolean
  list(): readonly Session[]
  /** Ends those that are meant; gives how many. */
  end(which: (session: Session) => boolean): number
}

interface Kept {
  session: Session
  readonly page: string
  /** `cookie`: what is sent again until it comes back, since its answer may have been lost; null from then on. */
  current: { readonly hash: string; readonly at: number; cookie: string | null }
  /** What came before the current one, and until when it serves: null for as long as the current was not used. */
  former: { readonly hash: string; until: number | null } | null
}

/** In memory alone: a restart ends them all, and no row of the state can be forged into one. */
export function openSessions(
  clock: Clock,
  chance: Chance,
  copied: (session: Session, how: string) => void,
): Sessions {
  const kept = new Map<string, Kept>()
  // Of every cookie there was: also one whose time is over is known again.
  const byCookie = new Map<string, string>()

  const drop = (id: string): void => {
    kept.delete(id)
    for (const [hash, owner] of byCookie) if (owner === id) byCookie.delete(hash)
  }
  const sweep = (): void => {
    const now = clock.now()
    for (const { session } of kept.values()) if (session.until <= now) drop(session.id)
  }
  const cookieFor = (id: string): { readonly cookie: string; readonly hash: string } => {
    const cookie = secret(chance)
    const hash = hashOf(cookie)
    byCookie.set(hash, id)
    return { cookie, hash }
  }
  const touch = (one: Kept): void => {
    const now = clock.now()
    const { session } = one
    one.session = { ...session, until: Math.min(session.since + longestMs, now + idleMs) }
  }
  const end: Sessions['end'] = (which) => {
    const gone = [...kept.values()].filter(({ session }) => which(session))
    for (const { session } of gone) drop(session.id)
    return gone.length
  }
  /** Whether this cookie serves; moves on what follows from its use. */
  const serves = (one: Kept, hash: string): boolean => {
    const now = clock.now()
    if (hash === one.current.hash) {
      // From now on whoever still has the one before is late, or another.
      if (one.current.cookie !== null && one.former !== null) one.former.until = now + graceMs
      one.current.cookie = null
      return true
    }
    return hash === one.former?.hash && (one.former.until === null || now < one.former.until)
  }

  return {
    open: ({ id: seat, name }) => {
      sweep()
      const mine = [...kept.values()].filter(({ session }) => session.seat === seat)
      if (mine.length >= mostOfOne) drop(mine[0]?.session.id ?? '')
      const now = clock.now()
      const id = newId('session', now, chance)
      const page = secret(chance)
      const { cookie, hash } = cookieFor(id)
      const session = { id, seat, name, since: now, until: now + idleMs }
      const current = { hash, at: now, cookie: null }
      kept.set(id, { session, page: hashOf(page), current, former: null })
      return { session, cookie, page }
    },
    find: (cookies, page) => {
      sweep()
      const known = cookies.flatMap((cookie) => {
        const hash = hashOf(cookie)
        const one = kept.get(byCookie.get(hash) ?? '')
        return one === undefined ? [] : [{ one, hash }]
      })
      const isOwn = ({ one }: { readonly one: Kept }): boolean => one.page === hashOf(page)
      const mine = known.filter(isOwn)
      // The current one first: a former one that is put before it would stay in use, and whoever has copied it would not be found.
      const current = mine.filter(({ one, hash }) => hash === one.current.hash)
      const found = [...current, ...mine].find(({ one, hash }) => serves(one, hash))
      if (found === undefined) {
        for (const each of known) {
          drop(each.one.session.id)
          copied(each.one.session, isOwn(each) ? lateLine : strayLine)
        }
        return null
      }
      const { one, hash } = found
      touch(one)
      const now = clock.now()
      // Calls that were under way together get the same next one.
      if (one.current.cookie !== null) return { session: one.session, cookie: one.current.cookie }
      if (hash !== one.current.hash || now - one.current.at < rotateMs)
        return { session: one.session, cookie: null }
      const next = cookieFor(one.session.id)
      one.former = { hash, until: null }
      one.current = { hash: next.hash, at: now, cookie: next.cookie }
      return { session: one.session, cookie: next.cookie }
    },
    isLive: (id) => {
      sweep()
      return kept.has(id)
    },
    list: () => {
      sweep()
      return [...kept.values()].map(({ session }) => session)
    },
    end,
  }
}

const strayLine = 'its cookie came without the page that it belongs to'
const lateLine = 'a cookie of it came back after it was followed by another'

function secret(chance: Chance): string {
  return Buffer.from(chance(32)).toString('base64url')
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}
