/** Tails: WAL of which there is no whole segment yet, in a store of its own; each is named by its timeline and its two ends. */
import { FirebreakError } from '../base/error.ts'
import { canonical, toJson } from '../base/json.ts'
import { lsnText, parseLsn } from '../platforms/postgres/replication.ts'
import type { Lsn } from '../platforms/postgres/replication.ts'
import type { Box } from './box.ts'
import { parseTail, physicalText } from './physical-manifest.ts'
import type { TailManifest } from './physical-manifest.ts'
import { firstBroken, openPieces, readPieces } from './physical-pieces.ts'
import { openPress, pieceBytes } from './physical-press.ts'
import type { WalRecord } from './physical-records.ts'
import type { WalOf } from './physical-segments.ts'
import { isOutOfReach } from './reason.ts'

/** Of one timeline's WAL, and the places of its first byte and behind its last. */
export interface Span {
  readonly from: Lsn
  readonly to: Lsn
}

export interface Tail extends Span {
  readonly id: string
  readonly manifest: TailManifest
}

export interface Tails {
  /** Whole, and without a gap; the last one goes furthest. */
  readonly tails: readonly Tail[]
  /** There was more: the id of the one that is damaged or comes behind a gap; null where all of it is here. */
  readonly cut: string | null
}

export function tailId(of: WalOf, { from, to }: Span): string {
  return `${lineOf(of)}${hex(from)}_${hex(to)}`
}

/** Puts a tail, and names it when all of it is there. A crash brings the same one again. */
export async function putTail(
  box: Box,
  of: WalOf,
  { from, to }: Span,
  records: AsyncIterable<WalRecord>,
): Promise<TailManifest> {
  const id = tailId(of, { from, to })
  const press = openPress(1)
  const staging = await box.store.stage()
  try {
    const size = Math.min(pieceBytes, of.segmentBytes)
    const writer = openPieces({ box, press, staging, size })
    let sentAt = 0
    for await (const record of records) {
      sentAt = Math.max(sentAt, record.sentAt)
      await writer.write(record.bytes)
    }
    const { pieces } = await writer.end()
    const bytes = pieces.reduce((sum, piece) => sum + piece.bytes, 0)
    if (from + BigInt(bytes) !== to)
      throw new FirebreakError('internal', `a tail of WAL has ${bytes} bytes`)
    await staging.settle()
    const { system, timeline, history } = of
    const manifest: TailManifest = {
      v: 1,
      id,
      engine: 'physical',
      kind: 'tail',
      system,
      timeline,
      start: lsnText(from),
      bytes,
      sentAt,
      pieces,
      ...(history === undefined ? {} : { history }),
    }
    const standing = await standingOf(box, id)
    if (standing !== null && samePieces(standing, manifest)) return standing
    const isTaken = standing !== null || (await box.store.hasPoint(id))
    await staging.name(id, box.sealManifest(id, physicalText(manifest)), isTaken)
    return manifest
  } finally {
    await staging.discard()
    await press.stop()
  }
}

/** What follows `from` on this timeline: of several that do the longest that is whole, read to its end now. */
export async function tailsFrom(box: Box, of: WalOf, from: Lsn): Promise<Tails> {
  const named = tailsIn(await box.store.points(), of)
  const tails: Tail[] = []
  for (let at = from; ;) {
    const here = at
    const found = await longest(
      box,
      named.filter((each) => each.from <= here && each.to > here),
    )
    if (found === null) {
      const more = named.find(({ to }) => to > here)
      return { tails, cut: more === undefined ? null : more.id }
    }
    tails.push(found)
    at = found.to
  }
}

/** The bytes of tails that follow each other, from one place to another. */
export async function* readTails(
  box: Box,
  tails: readonly Tail[],
  { from, to }: Span,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let at = from
  for (const tail of tails) {
    let next = tail.from
    if (tail.to <= at || tail.from >= to) continue
    for await (const plain of readPieces(box, tail.manifest.pieces)) {
      const start = next
      next += BigInt(plain.length)
      const end = next < to ? next : to
      if (start > at || end <= at) continue
      // Its memory is handed on: of a part a copy is.
      yield plain.slice(Number(at - start), Number(end - start))
      at = end
    }
  }
}

interface Named extends Span {
  readonly id: string
}

/** Oldest place first. */
function tailsIn(ids: readonly string[], of: WalOf): readonly Named[] {
  const line = lineOf(of)
  return ids.flatMap((id) => {
    const [, from, to] = /^([0-9a-f]{16})_([0-9a-f]{16})$/.exec(id.slice(line.length)) ?? []
    if (!id.startsWith(line) || from === undefined || to === undefined) return []
    return [{ id, from: BigInt(`0x${from}`), to: BigInt(`0x${to}`) }]
  })
}

async function longest(box: Box, from: readonly Named[]): Promise<Tail | null> {
  for (const named of from.toSorted((a, b) => (a.to > b.to ? -1 : 1))) {
    const manifest = await standingOf(box, named.id)
    if (manifest === null || parseLsn(manifest.start) !== named.from) continue
    if (named.from + BigInt(manifest.bytes) !== named.to) continue
    if ((await firstBroken(box, manifest.pieces, new Set())) === null) return { ...named, manifest }
  }
  return null
}

/** Null where nothing opens under that name. */
async function standingOf(box: Box, id: string): Promise<TailManifest | null> {
  try {
    return parseTail(await box.manifestText(id), id)
  } catch (thrown) {
    if (isOutOfReach(thrown)) throw thrown
    // Whatever else keeps it from being opened, it is none of ours.
    return null
  }
}

function samePieces(a: TailManifest, b: TailManifest): boolean {
  return canonical(toJson(a.pieces)) === canonical(toJson(b.pieces))
}

function lineOf({ system, timeline }: WalOf): string {
  return `tail_${system}_${timeline.toString(16).padStart(8, '0')}_`
}

function hex(place: Lsn): string {
  return place.toString(16).padStart(16, '0')
}
