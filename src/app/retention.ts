/** The vault's quota: how full it is, and that nothing runs without a way back because of it. */
import type { Clock } from '../base/clock.ts'
import { FirebreakError } from '../base/error.ts'
import type { Notices } from '../guard/ports.ts'
import { measure } from '../vault/prune-walk.ts'
import type { Usage } from '../vault/prune-walk.ts'
import type { OpenVault } from '../vault/vault.ts'
import { saySize } from './retention-size.ts'

export interface Room {
  /** Null where none is set. */
  readonly quota: number | null
  /** As it was half a minute ago at most; `fresh`: as it is now. */
  usage(fresh?: boolean): Promise<Usage>
  /** Why so many bytes more may not be put, as one line, and told as an alarm; null where they may. */
  lacks(more: number, fresh?: boolean): Promise<string | null>
  /** Tells where it is filling. */
  look(): Promise<void>
}

export interface RoomParts {
  readonly place: string
  readonly quota: number | null
  readonly clock: Clock
  readonly notices: Notices
}

/** A walk through a large store takes a second or two: an act does not wait for each. */
const knownMs = 30_000
const fillingAt = 0.8

export function openRoom({ place, quota, clock, notices }: RoomParts): Room {
  let last: { readonly at: number; readonly usage: Promise<Usage> } | null = null
  const usage: Room['usage'] = async (fresh = false) => {
    if (last === null || fresh || clock.steady() - last.at > knownMs) {
      const found = { at: clock.steady(), usage: measure(place) }
      last = found
      found.usage.catch(() => {
        if (last === found) last = null
      })
    }
    return await last.usage
  }
  const lacks: Room['lacks'] = async (more, fresh = false) => {
    if (quota === null) return null
    const { bytes } = await usage(fresh)
    if (bytes < quota && bytes + more <= quota) return null
    const used = `${saySize(bytes)} of its quota of ${saySize(quota)} are used`
    const state =
      bytes < quota
        ? `the vault would be full: ${used}, and about ${saySize(more)} more are wanted`
        : `the vault is full: ${used}`
    const line = `${state}: \`firebreak vault prune\`, or raise \`vault.quota\``
    notices.tell('vault-full', line, place)
    return line
  }
  return {
    quota,
    usage,
    lacks,
    look: async () => {
      if (quota === null || (await lacks(0)) !== null) return
      const { bytes } = await usage()
      if (bytes >= quota * fillingAt)
        notices.tell(
          'vault-filling',
          `the vault is filling: ${saySize(bytes)} of its quota of ${saySize(quota)} are used`,
          place,
        )
    },
  }
}

/** INVARIANT (recovery-first): a full vault takes no point, so it is the act that does not run. */
export function withinRoom(vault: OpenVault, { lacks }: Pick<Room, 'lacks'>): OpenVault {
  return {
    ...vault,
    foresee: async (action, radius) => {
      const [foreseen, why] = [await vault.foresee(action, radius), await lacks(0)]
      return why === null ? foreseen : { ...foreseen, missing: [...foreseen.missing, why] }
    },
    cover: async (action, radius) => {
      const why = await lacks(0)
      return why === null ? await vault.cover(action, radius) : { kind: 'missing', why: [why] }
    },
    image: async (session, wanted) => {
      const why = await lacks(0)
      return why === null
        ? await vault.image(session, wanted)
        : { kind: 'missing', why: [why], beside: [] }
    },
    before: async (target, covers) => {
      const why = await lacks(0)
      if (why !== null) throw new FirebreakError('wrong_state', why)
      return await vault.before(target, covers)
    },
  }
}
