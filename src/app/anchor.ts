/** The anchor: how long the ledger and how late the clock have been, kept beside the state, so that an emptied or older one in its place is noticed. */
import { existsSync, readFileSync } from 'node:fs'
import { open, rename } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../base/clock.ts'
import { FirebreakError } from '../base/error.ts'
import { canonical, isObject, parseJson } from '../base/json.ts'
import type { Seal, State } from '../guard/ports.ts'
import { hashesOf } from '../ledger/ledger.ts'
import { claimedCheckpoint } from '../ledger/checkpoint.ts'
import { toBase64 } from '../ledger/hash.ts'
import { frontierAt, rootOf } from '../ledger/tree.ts'

export interface Anchor {
  readonly size: number
  /** The root of the ledger's first `size` entries, as base64. */
  readonly root: string
  /** What the clock said then. */
  readonly at: number
}

export interface AnchorHouse {
  readonly state: State
  readonly seal: Seal
  readonly clock: Clock
  /** True while something waits for a person: what was seen before is not forgotten meanwhile. */
  readonly isStopped: () => boolean
}

/** A clock may be set back by this much between two starts: a time service does, and it harms nobody. */
const slackMs = 60_000
const context = 'anchor'

/** What was seen last, or null before the first start. Throws where it cannot be read, or where the clock is behind it. */
export function readAnchor(folder: string, seal: Seal, now: number): Anchor | null {
  const file = join(folder, context)
  if (!existsSync(file)) return null
  const anchor = openedAnchor(file, seal)
  if (now < anchor.at - slackMs)
    throw new FirebreakError(
      'wrong_state',
      `the clock says ${iso(now)}, and it was ${iso(anchor.at)} already when the state was written last`,
      `set the clock; if it is right now and was wrong then, take \`${file}\` away`,
    )
  return anchor
}

/** Why the ledger does not begin with what was seen; null where it does. */
export async function discontinuity(state: State, anchor: Anchor | null): Promise<string | null> {
  if (anchor === null) return null
  const { size, root } = anchor
  const [now, frontier] = await state.transact(
    async ({ log }) => [await log.size(), await frontierAt(size, hashesOf(log))] as const,
  )
  if (now < size)
    return `the ledger has ${now} entries and had ${size}: an older copy of the state was put back, or its write-ahead log is gone; halts, revocations and holds since then are forgotten`
  if (frontier !== null && toBase64(rootOf(frontier)) === root) return null
  return `the first ${size} entries of the ledger are not those that were written`
}

/** Gives what writes the anchor where the ledger has grown; whole or not at all, since a rename is one step. */
export function openAnchor(folder: string, house: AnchorHouse): () => Promise<void> {
  const file = join(folder, context)
  let written = ''
  const write = async (): Promise<void> => {
    if (house.isStopped()) return
    const newest = await house.state.transact((tx) => tx.log.checkpoint())
    const head = newest === null ? null : claimedCheckpoint(newest.note)
    if (newest === null || head === null || newest.note === written) return
    const anchor = { size: head.size, root: toBase64(head.root), at: house.clock.now() }
    await replace(file, `${house.seal.seal(canonical({ ...anchor }), context)}\n`)
    written = newest.note
  }
  // One at a time: an older one must not overtake a newer one.
  let tail: Promise<void> = Promise.resolve()
  return async () => {
    const mine = tail.then(write)
    tail = mine.catch(() => undefined)
    await mine
  }
}

async function replace(file: string, text: string): Promise<void> {
  const handle = await open(`${file}.new`, 'w', 0o600)
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(`${file}.new`, file)
}

const anew =
  'bring it back; taking it away lets Firebreak start without knowing whether the state is the newest'

function openedAnchor(file: string, seal: Seal): Anchor {
  let cause: unknown = null
  try {
    const anchor = anchorOf(seal.open(readFileSync(file, 'utf8').trim(), context))
    if (anchor !== null) return anchor
  } catch (thrown) {
    // Told below: whatever it is, what was seen last is not known any more.
    cause = thrown
  }
  const message = `\`${file}\` does not open: it was changed, or the key is another one`
  throw new FirebreakError('broken_ledger', message, anew, cause)
}

function anchorOf(text: string): Anchor | null {
  const value = parseJson(text)
  if (!isObject(value)) return null
  const { size, root, at } = value
  const fits = typeof size === 'number' && typeof root === 'string' && typeof at === 'number'
  return fits ? { size, root, at } : null
}

function iso(ms: number): string {
  return new Date(ms).toISOString()
}
