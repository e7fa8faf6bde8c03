/** Looking through the ledger, newest first: a bounded stretch at a time, since it has no index and may be long. */
import { readLeaf } from './leaf.ts'
import type { Told } from './leaf.ts'
import type { LogReads } from './reads.ts'
import type { Numbered } from './story.ts'

/** What an entry must be; null, or an empty list, asks for nothing. */
export interface Sought {
  readonly kinds: readonly string[]
  /** Who asked, exactly; a batch of requests counts for each that is in it. */
  readonly principal: string | null
  readonly subject: string | null
  /** Anywhere in the entry, in whatever case. */
  readonly text: string | null
  /** Milliseconds since the epoch, both inclusive. */
  readonly since: number | null
  readonly until: number | null
}

export interface Stretch {
  /** Newest first. */
  readonly found: readonly Numbered[]
  /** Entries in the ledger. */
  readonly size: number
  /** What was looked through: from here, up to where it was asked to begin. */
  readonly from: number
  readonly to: number
  /** Where to go on, as the next `before`; null at the beginning of the ledger. */
  readonly next: number | null
}

const pageSize = 256
/** One call reads no more than this: the store answers nobody else meanwhile. */
const most = { entries: 8192, bytes: 8 * 1024 * 1024 } as const

/** Entries before `before` (null: from the newest on), until so many are found, a stretch is through, or there are no more. */
export async function searchLog(
  log: Pick<LogReads, 'size' | 'leaves'>,
  sought: Sought,
  { before, limit }: { readonly before: number | null; readonly limit: number },
): Promise<Stretch> {
  const size = await log.size()
  const to = Math.min(size, before ?? size)
  const isWanted = matcher(sought)
  const found: Numbered[] = []
  let at = to
  for (let bytes = 0; at > 0 && to - at < most.entries && bytes < most.bytes;) {
    const start = Math.max(0, at - pageSize)
    for (const leaf of (await page(log, start, at)).toReversed()) {
      at -= 1
      bytes += leaf.length
      const told = isWanted(leaf)
      if (told !== null) found.push({ index: at, told })
      if (found.length === limit) return { found, size, from: at, to, next: at === 0 ? null : at }
    }
  }
  return { found, size, from: at, to, next: at === 0 ? null : at }
}

/** Each in its own place: rows do not tell which of them is missing, and what is missing is for `ledger verify` to name. */
async function page(
  log: Pick<LogReads, 'leaves'>,
  from: number,
  to: number,
): Promise<readonly Uint8Array[]> {
  const leaves = await log.leaves(from, to)
  if (leaves.length === to - from) return leaves
  const each: Uint8Array[] = []
  for (let index = from; index < to; index += 1)
    each.push((await log.leaves(index, index + 1))[0] ?? new Uint8Array())
  return each
}

/** Reads a leaf only where its bytes hold what is sought: most do not. */
function matcher(sought: Sought): (leaf: Uint8Array) => Told | null {
  const { principal, subject } = sought
  const whole = [principal, subject].filter((one) => one !== null).map(inJson)
  const text = sought.text === null ? null : inJson(sought.text).toLowerCase()
  return (leaf) => {
    const bytes = Buffer.from(leaf.buffer, leaf.byteOffset, leaf.byteLength)
    if (!whole.every((one) => bytes.includes(one))) return null
    if (text !== null && !bytes.toString('utf8').toLowerCase().includes(text)) return null
    const told = readLeaf(leaf)
    return told !== null && isSought(told, sought) ? told : null
  }
}

function isSought(told: Told, { kinds, principal, subject, since, until }: Sought): boolean {
  if (kinds.length > 0 && !kinds.includes(told.kind)) return false
  if (subject !== null && told.subject !== subject) return false
  if (since !== null && told.at < since) return false
  if (until !== null && told.at > until) return false
  return principal === null || told.principal === principal || asksIn(told, principal)
}

/** A batch says who asked in each of its rows (`guard/record.ts`). */
function asksIn({ kind, body: { rows } }: Told, principal: string): boolean {
  if (kind !== 'request' || !Array.isArray(rows)) return false
  return rows.some((row) => Array.isArray(row) && row[1] === principal)
}

/** A text as it stands within canonical JSON. */
function inJson(text: string): string {
  return JSON.stringify(text).slice(1, -1)
}
