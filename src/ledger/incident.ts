/** An incident as one bundle: a story that a founder can read, and for each line of it the entry and its proof. */
import { FirebreakError } from '../base/error.ts'
import { canonical, toJson } from '../base/json.ts'
import type { Json } from '../base/json.ts'
import { openCheckpoint } from './checkpoint.ts'
import { toBase64 } from './hash.ts'
import { readLeaf } from './leaf.ts'
import type { Told } from './leaf.ts'
import type { LogReads } from './reads.ts'
import type { Verifier } from './note.ts'
import { readReceipt, receiptOf } from './receipt.ts'
import { isAbout, story } from './story.ts'
import type { Numbered, Story } from './story.ts'

export interface Section {
  readonly heading: string
  /** With the entry that says so; null where several do. */
  readonly lines: readonly { readonly text: string; readonly index: number | null }[]
}

/** What happened, in parts: of a hold, or of a window of time. */
export interface Account {
  readonly title: string
  readonly headlines: readonly string[]
  readonly sections: readonly Section[]
  readonly timeline: Story['timeline']
}

export interface Bundle {
  readonly account: Account
  /** The story as plain text. */
  readonly text: string
  /** What to write into one folder; paths are relative, contents UTF-8. */
  readonly files: readonly { readonly path: string; readonly content: string }[]
}

export interface Incident extends Bundle {
  readonly story: Story
}

const pageSize = 256

/**
 * The bundle for a hold's id or an action's digest. INVARIANT (every claim has its entry): each entry it tells of is proved under the
 * newest checkpoint before it is told. Throws `not_found` where no entry is about it, `broken_ledger` where a proof fails.
 */
export async function incident(log: LogReads, id: string, verifier: Verifier): Promise<Incident> {
  const own = await entriesWith(log, [id], (told) => isAbout(id, told))
  if (own.length === 0)
    throw new FirebreakError(
      'not_found',
      `no entry is about \`${id}\``,
      'give the id of a hold, or the digest of an action',
    )
  const entries = await withNeighbours(log, id, own)
  const told = story(id, entries)
  return {
    story: told,
    ...(await bundle(log, entries, { verifier, id, told, account: accountOf(told, entries) })),
  }
}

/** The account with all that proves it. Throws `broken_ledger` where an entry has no proof: then nothing is told. */
export async function bundle(
  log: LogReads,
  entries: readonly Numbered[],
  {
    verifier,
    id,
    told,
    account,
  }: {
    readonly verifier: Verifier
    readonly id: string
    /** For programs. */
    readonly told: object
    readonly account: Account
  },
): Promise<Bundle> {
  const newest = await log.checkpoint()
  const opened = newest === null ? null : openCheckpoint(newest.note, verifier)
  if (newest === null || opened?.kind !== 'opened') {
    const why = opened?.kind === 'refused' ? opened.why : 'there is none'
    throw unproved(`the newest checkpoint is refused: ${why}`)
  }
  const receipts = await proofs(log, entries, verifier)
  const { checkpoint } = opened
  const head = { size: checkpoint.size, root: toBase64(checkpoint.root) }
  const text = tell(account, { origin: checkpoint.origin, ...head })
  const whole = {
    version: 1,
    id,
    ledger: checkpoint.origin,
    verifier: verifier.text,
    checkpoint: newest.note,
    story: told,
    entries: entries.map(({ index, told: entry }) => ({ index, ...entry })),
    receipts: receipts.map(({ index, receipt }) => ({ index, receipt })),
  }
  return {
    account,
    text,
    files: [
      { path: 'story.txt', content: text },
      { path: 'incident.json', content: `${canonical(toJson(whole))}\n` },
      { path: 'verifier-key', content: `${verifier.text}\n` },
      { path: 'checkpoint', content: newest.note },
      ...receipts.flatMap(({ index, leaf, receipt }) => [
        { path: `entries/${index}.json`, content: Buffer.from(leaf).toString('utf8') },
        { path: `proofs/${index}.tlog-proof`, content: receipt },
      ]),
    ],
  }
}

/** Entries that a predicate takes; a leaf is only parsed where it holds one of the texts, since logs are long. */
async function entriesWith(
  log: LogReads,
  texts: readonly string[],
  takes: (told: Told) => boolean,
): Promise<readonly Numbered[]> {
  const size = (await log.checkpoint())?.size ?? 0
  const found: Numbered[] = []
  for (let from = 0; from < size; from += pageSize) {
    const leaves = await log.leaves(from, Math.min(size, from + pageSize))
    for (const [step, leaf] of leaves.entries()) {
      const bytes = Buffer.from(leaf.buffer, leaf.byteOffset, leaf.byteLength)
      const told = texts.some((one) => bytes.includes(one)) ? readLeaf(leaf) : null
      if (told !== null && takes(told)) found.push({ index: from + step, told })
    }
  }
  return found
}

/** With the entries of the same action outside the hold, of its recovery points, and of halts that fell in between. */
async function withNeighbours(
  log: LogReads,
  id: string,
  own: readonly Numbered[],
): Promise<readonly Numbered[]> {
  const bodies = own.map(({ told }) => told.body)
  const points = new Set(bodies.flatMap((body) => textsOf(body['points'] ?? null)))
  const digests = new Set(bodies.flatMap((body) => textsOf([body['digest'] ?? null])))
  const stopped = new Set(['all', ...own.flatMap(({ told }) => textsOf([told.principal]))])
  const first = own[0]?.told.at ?? 0
  const last = own.at(-1)?.told.at ?? 0
  const isStop = ({ kind, at, subject }: Told): boolean =>
    (kind === 'halted' || kind === 'resumed') &&
    stopped.has(subject ?? '') &&
    at >= first &&
    at <= last
  const takes = (told: Told): boolean =>
    told.subject === id ||
    points.has(told.subject ?? '') ||
    isStop(told) ||
    digestsOf(told).some((one) => digests.has(one))
  return await entriesWith(log, [id, ...points, ...digests, '"halted"', '"resumed"'], takes)
}

/** The action that an entry is about; of a batch of requests, all of them. */
function digestsOf({ kind, body }: Told): readonly string[] {
  return textsOf(kind === 'request' ? flat(body['rows'] ?? null) : [body['digest'] ?? null])
}

interface Proved {
  readonly index: number
  readonly leaf: Uint8Array
  readonly receipt: string
}

async function proofs(
  log: LogReads,
  entries: readonly Numbered[],
  verifier: Verifier,
): Promise<readonly Proved[]> {
  const proved: Proved[] = []
  for (const { index } of entries) {
    const receipt = await receiptOf(log, index)
    const read = readReceipt(receipt, verifier)
    if (read.kind === 'refused') throw unproved(read.why)
    proved.push({ index, leaf: read.leaf, receipt })
  }
  return proved
}

function unproved(why: string): FirebreakError {
  return new FirebreakError(
    'broken_ledger',
    `what the ledger says cannot be proved: ${why}`,
    'run `firebreak ledger verify`',
  )
}

const headlines: Readonly<Record<Story['ending'], string>> = {
  waiting: 'It was held and waits for a person. It has not run.',
  approved: 'It was approved. It has not run.',
  scheduled: 'It was approved and waits for its time. It has not run.',
  refused: 'It was refused. It has not run.',
  expired: 'Nobody answered in time, so it was refused. It has not run.',
  undone: 'It was approved and taken back in time. It has not run.',
  executed: 'It ran.',
  failed: 'It was begun and failed; whether part of it was done, these entries do not tell.',
  unknown: 'It was begun; these entries do not tell how it ended.',
}

const back: readonly string[] = ['undone', 'restored']

function accountOf(told: Story, entries: readonly Numbered[]): Account {
  const returns = new Set(
    entries.filter(({ told: { kind } }) => back.includes(kind)).map(({ index }) => index),
  )
  const cameBack = told.timeline
    .filter(({ index }) => returns.has(index))
    .map(({ index, line }) => ({ text: line, index }))
  const plainly = (lines: readonly string[]): Section['lines'] =>
    lines.map((text) => ({ text, index: null }))
  const sections: readonly (readonly [string, Section['lines']])[] = [
    ['Lost', plainly(told.lost)],
    ['Still there, because it did not run', plainly(told.saved)],
    ['Not certain', plainly(told.uncertain)],
    ['Came back, or was taken back in time', cameBack],
    ['Ways back outside its reach, as measured', plainly(told.left)],
    ['Recovery points it leaned on', plainly(told.points)],
    ['People', plainly(told.people)],
    ['Why it was stopped or noted', plainly(told.reasons)],
  ]
  return {
    title: `Incident ${told.id}`,
    headlines: [
      `${told.who} asked for ${told.operation} (${told.effect}) on ${told.target}.`,
      headlines[told.ending],
    ],
    sections: sections.map(([heading, lines]) => ({ heading, lines })),
    timeline: told.timeline,
  }
}

function tell(
  { title, headlines, sections, timeline }: Account,
  head: { readonly origin: string; readonly size: number; readonly root: string },
): string {
  const parts: readonly (readonly [string, readonly string[]])[] = [
    ...sections.map(({ heading, lines }) => [heading, lines.map(cited)] as const),
    ['Timeline (UTC)', timeline.map(({ index, at, line }) => `${at}  [${index}]  ${line}`)],
  ]
  const lines = [
    title,
    '='.repeat(title.length),
    '',
    ...headlines,
    ...parts.flatMap(([heading, items]) =>
      items.length === 0 ? [] : ['', heading, ...items.map((item) => `  - ${item}`)],
    ),
    '',
    'How to check this',
    `  Each [number] is an entry of the ledger ${head.origin}. entries/<number>.json is the entry,`,
    '  proofs/<number>.tlog-proof its proof (C2SP tlog-proof), verifier-key the key to check it with:',
    '  get that key from somebody you trust. Everything above was told from these entries alone.',
    `  The ledger had ${head.size} entries and the root ${head.root}.`,
  ]
  return `${lines.join('\n')}\n`
}

function cited({ text, index }: Section['lines'][number]): string {
  return index === null ? text : `${text} [${index}]`
}

function flat(value: Json): readonly Json[] {
  return Array.isArray(value) ? value.flat() : []
}

function textsOf(value: Json): readonly string[] {
  return Array.isArray(value)
    ? value.filter((one): one is string => typeof one === 'string' && one !== '')
    : []
}
