/** What happens, as it is written down: one tail of the ledger for every page that listens (WHATWG HTML, §9.2, server-sent events). */
import type { ServerResponse } from 'node:http'
import { approvers } from '../../approvals/enrol.ts'
import { isObject, toJson } from '../../base/json.ts'
import type { Json } from '../../base/json.ts'
import { plain } from '../../base/plain.ts'
import type { State, Tx } from '../../guard/ports.ts'
import { readLeaf } from '../../ledger/leaf.ts'
import type { Firebreak } from '../compose.ts'

/** How often the tail is read; a page is never further behind than this and its own drawing. */
const tailMs = 200
/** What waits, rings or is halted is counted every so many rounds. */
const summaryEvery = 3
/** A page that is new sees this much of what was before. */
const backlog = 200
const mostAtOnce = 500
/** A page that takes no more is let go, and comes back to where it was. */
const mostWaiting = 4 * 1024 * 1024
/** Of one person, as many as they may have sessions: what all have together is bounded by how many are enrolled. */
const mostOfOne = 10

export interface Live {
  /**
   * Writes the stream to this answer, from behind `after`, or from the newest on. Where that person has too many, their oldest
   * ends: nobody takes another's place, and connections that are dead and not known to be keep nobody out.
   */
  listen(outgoing: ServerResponse, after: number | null, who: Listening): void
  close(): void
}

export interface Listening {
  /** The approver's id: who is removed hears nothing more. */
  readonly seat: string
  readonly isLive: () => boolean
}

interface Listener extends Listening {
  readonly outgoing: ServerResponse
  /** The next entry that it has not seen; null before the first round. */
  next: number | null
  told: string
}

type Has = Pick<Firebreak, 'state' | 'guard'>

export function openLive({ state, guard }: Has, log: (line: string) => void): Live {
  const listeners = new Set<Listener>()
  let busy = false
  let rounds = 0
  let told = ''
  const drop = (one: Listener): void => {
    listeners.delete(one)
    one.outgoing.end()
  }
  const sift = async (): Promise<void> => {
    const here = new Set((await state.read(approvers)).map(({ id }) => id))
    for (const one of listeners) {
      const isSlow = one.outgoing.writableLength > mostWaiting
      if (!one.isLive() || isSlow || !here.has(one.seat)) drop(one)
    }
  }
  const round = async (): Promise<void> => {
    await sift()
    if (listeners.size === 0) return
    const size = await state.read((tx) => tx.log.size())
    if (rounds % summaryEvery === 0) {
      const said = await state.read((tx) => summary(tx, guard))
      told = `event: state\ndata: ${JSON.stringify(said)}\n\n`
    }
    rounds += 1
    for (const one of listeners) {
      one.next ??= Math.max(0, size - backlog)
      // A ledger that is shorter than what the page has seen is another one.
      if (one.next > size) one.next = Math.max(0, size - backlog)
    }
    await send(state, listeners, size)
    for (const one of listeners) {
      if (one.told === told) continue
      one.told = told
      one.outgoing.write(told)
    }
  }
  const timer = setInterval(() => {
    if (busy || listeners.size === 0) return
    busy = true
    round()
      .catch((thrown: unknown) => log(`console: ${String(thrown)}`))
      .finally(() => {
        busy = false
      })
  }, tailMs)
  return {
    listen: (outgoing, after, who) => {
      const mine = [...listeners].filter(({ seat }) => seat === who.seat)
      if (mine.length >= mostOfOne) mine.slice(0, 1).forEach(drop)
      const one: Listener = { outgoing, ...who, next: after === null ? null : after + 1, told: '' }
      outgoing.on('close', () => listeners.delete(one))
      outgoing.write('retry: 1000\n\n')
      listeners.add(one)
    },
    close: () => {
      clearInterval(timer)
      for (const one of listeners) drop(one)
    },
  }
}

/** Each entry is read and written out once, however many listen. */
async function send(state: State, listeners: ReadonlySet<Listener>, size: number): Promise<void> {
  const from = Math.min(...[...listeners].map(({ next }) => next ?? size))
  const to = Math.min(size, from + mostAtOnce)
  if (from >= to) return
  const leaves = await state.read((tx) => tx.log.leaves(from, to))
  const events = leaves.map((leaf, nth) => eventOf(leaf, from + nth))
  for (const one of listeners) {
    const next = one.next ?? size
    if (next >= to) continue
    one.outgoing.write(events.slice(next - from).join(''))
    one.next = to
  }
}

function eventOf(leaf: Uint8Array, seq: number): string {
  const told = readLeaf(leaf)
  if (told === null) return ''
  const { kind, at, subject, principal, body } = told
  const data = harmless(toJson({ seq, kind, at, subject, principal, body }))
  return `id: ${seq}\nevent: entry\ndata: ${JSON.stringify(data)}\n\n`
}

/** Whatever an agent or a platform wrote has its control and direction characters made visible. */
export function harmless(value: Json): Json {
  if (typeof value === 'string') return plain(value)
  if (isObject(value))
    return Object.fromEntries(
      Object.entries(value).map(([key, one]) => [plain(key), harmless(one)]),
    )
  return isList(value) ? value.map(harmless) : value
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}

const unsettled = ['open', 'approved', 'scheduled', 'executing'] as const

async function summary(tx: Tx, guard: Firebreak['guard']): Promise<Json> {
  const open = await Promise.all(unsettled.map((state) => tx.find('hold', { state })))
  const holds = open.reduce((sum, rows) => sum + rows.length, 0)
  const alarms = (await tx.find('alarm', { seenAt: null })).length
  const halted = guard.halts
    .list()
    .map(({ id, at, by, reason }) => ({ id: plain(id), at, by: plain(by), reason: plain(reason) }))
  return { holds, alarms, halted }
}
