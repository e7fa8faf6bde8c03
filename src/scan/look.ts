/** One piece of bytes is looked at: keywords, then patterns over bounded pieces, then checks; what is left is a sighting. */
import { keywordsOf } from './keywords.ts'
import type { Sought } from './keywords.ts'
import { nameBefore } from './name.ts'
import { openQuota } from './quota.ts'
import type { Groups, Rule } from './rule.ts'
import { isDull, isSample } from './sample.ts'

/** A secret's text and where it stands, in bytes of the piece. */
export interface Sighting {
  /** Its rule's place among all: the lower, the more telling. */
  readonly rank: number
  readonly secret: string
  readonly provider: string
  readonly within: string | null
  readonly name: string | null
  /** Its rule says that it can reach little. */
  readonly low: boolean
  readonly at: number
  readonly end: number
}

interface Looked {
  readonly found: readonly Sighting[]
  /** There were more than anybody keeps. */
  readonly isCut: boolean
}

export interface Eye {
  /** Sightings that begin in a piece; `file` decides which rules are for it. */
  look(bytes: Uint8Array, file: string): Looked
  /** Which rules are for this file alone, as one word; empty for most. */
  placeOf(file: string): string
}

/** What a pattern may see before its keyword: for names, and for what must not stand there. */
const before = 160

interface Entry {
  readonly rule: Rule
  readonly rank: number
  readonly length: number
}

/** Rules made ready once. */
export function openEye(rules: readonly Rule[]): Eye {
  const keywords = new Map<string, Entry[]>()
  for (const [rank, rule] of rules.entries())
    for (const keyword of rule.keywords)
      keywords.set(keyword, [
        ...(keywords.get(keyword) ?? []),
        { rule, rank, length: keyword.length },
      ])
  const sought: Sought = keywordsOf([...keywords.keys()])
  const entries = [...keywords.values()]
  const places = [...rules.entries()].filter(([, { keywords }]) => keywords.length === 0)
  /** Most files are in no such place: one question instead of one for each. */
  const anyPlace = new RegExp(places.map(([, { files }]) => files?.source ?? '').join('|'), 'i')
  const forFile = (file: string): typeof places =>
    anyPlace.test(file) ? places.filter(([, { files }]) => files?.test(file) === true) : []
  return {
    placeOf: (file) =>
      forFile(file)
        .map(([rank]) => rank)
        .join(' '),
    look: (bytes, file) => {
      const piece: Piece = {
        bytes: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length),
        file,
        looked: new Map(),
      }
      const found: Sighting[] = []
      const quota = openQuota()
      const put = (sighting: Sighting): void => {
        if (quota.takes(sighting)) found.push(sighting)
      }
      sought.seek(piece.bytes, (at, keyword) => {
        for (const entry of entries[keyword] ?? [])
          if (isWorth(piece, at, entry)) sightings(piece, at, entry).forEach(put)
        return !quota.isFull()
      })
      for (const [rank, rule] of forFile(file))
        for (const sighting of throughout(piece, { rule, rank })) {
          put(sighting)
          if (quota.isFull()) break
        }
      return { found, isCut: quota.isCut() }
    },
  }
}

interface Piece {
  readonly bytes: Buffer
  readonly file: string
  /** Up to where the surroundings of a rule's keyword were searched already. */
  readonly looked: Map<Rule, number>
}

const isWord = (byte: number): boolean =>
  (byte >= 97 && byte <= 122) || (byte >= 65 && byte <= 90) || (byte >= 48 && byte <= 57)
const isToken = (byte: number): boolean =>
  isWord(byte) ||
  byte === 0x5f ||
  byte === 0x2d ||
  byte === 0x2e ||
  byte === 0x2b ||
  byte === 0x2f ||
  byte === 0x7c ||
  byte === 0x3d

function isWorth({ bytes, file }: Piece, at: number, { rule, length }: Entry): boolean {
  if (!rule.glued && at > 0 && isWord(bytes[at - 1] ?? 0)) return false
  if (rule.files !== null && !rule.files.test(file)) return false
  const from = at + length
  if (from + rule.least > bytes.length) return false
  for (let i = from; i < from + rule.least; i++) if (!isToken(bytes[i] ?? 0)) return false
  return rule.marked === null || isMarked(bytes, from, rule.marked)
}

function isMarked(bytes: Buffer, from: number, mark: string): boolean {
  const wanted = mark.charCodeAt(0)
  const end = Math.min(bytes.length, from + 640)
  for (let at = from; at < end; at++) {
    const byte = bytes[at] ?? 0
    if (byte === wanted) return true
    if (byte <= 0x20) return false
  }
  return false
}

function sightings(piece: Piece, at: number, { rule, rank }: Entry): readonly Sighting[] {
  if (rule.around > 0) return near(piece, at, { rule, rank })
  const left = piece.bytes.toString('utf8', Math.max(0, at - before), at)
  const text = left + piece.bytes.toString('utf8', at, at + rule.most)
  rule.pattern.lastIndex = left.length
  const match = rule.pattern.exec(text)
  const byteOf = (index: number): number => at + Buffer.byteLength(text.slice(left.length, index))
  const sighting = match === null ? null : sighted(match, { rule, rank }, byteOf)
  return sighting === null ? [] : [sighting]
}

/** All in a file that the rule is for. */
function* throughout(
  { bytes }: Piece,
  { rule, rank }: { readonly rule: Rule; readonly rank: number },
): Generator<Sighting> {
  const text = bytes.toString('utf8')
  let last = { index: 0, byte: 0 }
  const byteOf = (index: number): number => {
    const from = index < last.index ? { index: 0, byte: 0 } : last
    last = { index, byte: from.byte + Buffer.byteLength(text.slice(from.index, index)) }
    return last.byte
  }
  for (const match of text.matchAll(rule.pattern)) {
    const sighting = sighted(match, { rule, rank }, byteOf)
    if (sighting !== null) yield sighting
  }
}

/** All in the surroundings; a place that an earlier keyword's surroundings covered is not searched again. */
function near(
  { bytes, looked }: Piece,
  at: number,
  { rule, rank }: { readonly rule: Rule; readonly rank: number },
): readonly Sighting[] {
  const last = looked.get(rule)
  if (last !== undefined && at < last + rule.around / 2) return []
  looked.set(rule, at)
  const from = Math.max(0, at - rule.around)
  // One byte a character, so that offsets are bytes: these patterns know ASCII alone.
  const text = bytes.toString('latin1', from, at + rule.around)
  return [...text.matchAll(rule.pattern)].flatMap((match) => {
    const sighting = sighted(match, { rule, rank }, (index) => from + index)
    return sighting === null ? [] : [sighting]
  })
}

function sighted(
  match: RegExpExecArray,
  { rule, rank }: { readonly rule: Rule; readonly rank: number },
  byteOf: (index: number) => number,
): Sighting | null {
  const groups: Groups = match.groups ?? {}
  const { secret = '' } = groups
  const [start] = match.indices?.groups?.['secret'] ?? []
  if (start === undefined || !isMeant(secret, rule)) return null
  const line = lineBefore(match)
  if (!rule.check(groups, line)) return null
  return {
    rank,
    secret,
    provider: rule.whose(groups, line) ?? rule.provider,
    within: isUrl(match) || groups['host'] !== undefined ? match[0] : null,
    name: nameOf(match, start),
    low: rule.low,
    at: byteOf(start),
    end: byteOf(start + secret.length),
  }
}

const isMeant = (secret: string, { guessable }: Rule): boolean =>
  !isSample(secret) && (guessable || !isDull(secret))

/** What stands before the match on its line, as far as anybody asks. */
const lineBefore = ({ input, index }: RegExpExecArray): string =>
  input.slice(Math.max(0, index - 300, input.lastIndexOf('\n', index - 1) + 1), index)

const isUrl = (match: RegExpExecArray): boolean => match[0].includes('://')

const nameOf = (match: RegExpExecArray, start: number): string | null =>
  match.groups?.['key'] ?? nameBefore(match.input.slice(0, isUrl(match) ? match.index : start))
