/** What the ledger says that the state must be: the last word on each grant, halt, approver, hold and denial. */
import { isObject } from '../base/json.ts'
import { readLeaf } from '../ledger/leaf.ts'
import type { Told } from '../ledger/leaf.ts'
import type { LogRows } from '../guard/ports.ts'

export interface History {
  /** Whose a grant is, and who minted it. */
  readonly grants: ReadonlyMap<string, { readonly principal: string; readonly by: string }>
  readonly revoked: ReadonlySet<string>
  /** True while halted. */
  readonly halts: ReadonlyMap<string, boolean>
  readonly approvers: ReadonlyMap<string, Seat>
  readonly passkeys: ReadonlyMap<string, OwnedKey>
  readonly delegations: ReadonlyMap<string, Lent>
  readonly holds: ReadonlyMap<string, Held>
  /** The last no to each principal. */
  readonly denials: ReadonlyMap<string, { readonly hold: string; readonly at: number }>
  readonly reopened: ReadonlySet<string>
  /** Digest of the power that was accepted last; null where none was. */
  readonly power: string | null
}

export interface Seat {
  readonly name: string
  readonly role: string
  /** When the first of its keys was written down. */
  readonly at: number
  readonly removed: boolean
}

/** Whose a passkey is, by the approver's id. */
export interface OwnedKey {
  readonly seat: string
  readonly removed: boolean
}

/** Who lent their voice to whom, by the approvers' ids, and until when. */
export interface Lent {
  readonly from: string
  readonly to: string
  readonly at: number
  readonly until: number
  readonly ended: boolean
}

export interface Held {
  readonly state: string
  readonly executesAt: number | null
}

const pageSize = 512

/** Reads all of it once. What is no entry of ours is for `ledger verify` to name. */
export async function historyOf(log: Pick<LogRows, 'size' | 'leaves'>): Promise<History> {
  const { take, end } = openHistory()
  const size = await log.size()
  for (let at = 0; at < size; at += pageSize)
    for (const leaf of await log.leaves(at, Math.min(size, at + pageSize))) take(leaf)
  return end()
}

/** How a leaf about nothing in particular ends (`leaf.ts`: canonical JSON): most of a ledger does, and says nothing here. */
const aboutNothing = Buffer.from('"subject":null,"v":1}')

function openHistory(): { readonly take: (leaf: Uint8Array) => void; readonly end: () => History } {
  const grants = new Map<string, { readonly principal: string; readonly by: string }>()
  const revoked = new Set<string>()
  const halts = new Map<string, boolean>()
  const approvers = new Map<string, Seat>()
  const passkeys = new Map<string, OwnedKey>()
  const delegations = new Map<string, Lent>()
  const holds = new Map<string, Held>()
  const denials = new Map<string, { readonly hold: string; readonly at: number }>()
  const reopened = new Set<string>()
  let power: string | null = null

  /** Only what is about a hold that was opened: a plain intent or denial has none. */
  const move = (id: string, { body }: Told): void => {
    const before = holds.get(id)
    if (before === undefined) return
    const { executesAt } = body
    const at = typeof executesAt === 'number' ? executesAt : before.executesAt
    holds.set(id, { state: textOr(body['state'], before.state), executesAt: at })
  }
  const readers: { readonly [kind: string]: (subject: string, told: Told) => void } = {
    minted: (id, { principal, body }) =>
      grants.set(id, { principal: principal ?? '', by: textOr(body['by'], '') }),
    revoked: (id) => revoked.add(id),
    halted: (who) => halts.set(who, true),
    resumed: (who) => halts.set(who, false),
    enrolled: (id, { at, body }) => {
      approvers.set(id, {
        name: textOr(body['name'], ''),
        role: textOr(body['role'], ''),
        at: approvers.get(id)?.at ?? at,
        removed: false,
      })
      if (isObject(body['passkey']))
        passkeys.set(textOr(body['passkey']['id'], ''), { seat: id, removed: false })
    },
    removed: (id, { body }) => {
      const seat = approvers.get(id)
      const key = body['passkey']
      if (key === undefined)
        for (const [lent, one] of delegations)
          if (one.from === id || one.to === id) delegations.set(lent, { ...one, ended: true })
      for (const [passkey, { seat: owner }] of passkeys)
        if (owner === id && (key === undefined || key === passkey))
          passkeys.set(passkey, { seat: id, removed: true })
      if (seat !== undefined && key === undefined) approvers.set(id, { ...seat, removed: true })
    },
    delegated: (id, { body }) =>
      delegations.set(id, {
        from: textOr(body['lender'], ''),
        to: textOr(body['standIn'], ''),
        at: numberOr(body['since'], 0),
        until: numberOr(body['until'], 0),
        ended: false,
      }),
    undelegated: (id) => {
      const lent = delegations.get(id)
      if (lent !== undefined) delegations.set(id, { ...lent, ended: true })
    },
    reopened: (id) => reopened.add(id),
    accepted: (_, { body }) => {
      power = textOr(body['power'], '')
    },
    held: (id) => holds.set(id, { state: 'open', executesAt: null }),
    approved: move,
    expired: move,
    scheduled: move,
    undone: move,
    denied: move,
    intent: move,
    outcome: move,
    rejected: (id, told) => {
      move(id, told)
      denials.set(told.principal ?? '', { hold: id, at: told.at })
    },
  }

  return {
    take: (leaf) => {
      if (aboutNothing.equals(leaf.subarray(-aboutNothing.length))) return
      const told = readLeaf(leaf)
      if (told !== null && told.subject !== null) readers[told.kind]?.(told.subject, told)
    },
    end: () => ({
      grants,
      revoked,
      halts,
      approvers,
      passkeys,
      delegations,
      holds,
      denials,
      reopened,
      power,
    }),
  }
}

function numberOr(value: unknown, other: number): number {
  return typeof value === 'number' ? value : other
}

function textOr(value: unknown, other: string): string {
  return typeof value === 'string' ? value : other
}
