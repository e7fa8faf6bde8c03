/** What is written down: plain requests in batches within a second, everything grave in its own transaction. */
import { FirebreakError, messageOf } from '../base/error.ts'
import type { Json, JsonObject } from '../base/json.ts'
import { actionEffect } from '../core/action.ts'
import type { Action } from '../core/action.ts'
import type { BlastRadius } from '../core/blast-radius.ts'
import type { Resource } from '../core/resource.ts'
import type { Finding } from '../core/verdict.ts'
import type { House } from './house.ts'
import type { Entry, EntryKind } from './ports.ts'
import { operationNames } from './told.ts'

/** A batch is written at the latest after this many milliseconds, or when it holds this many lines. */
const batchMs = 500
const batchLines = 2000
/** So many refusals are kept while nothing can be written: an agent that goes on asking must not fill the memory. */
const mostRefusals = 20_000
const pageBytes = 40_000
/** A name an agent chose must not crowd out the other lines. */
const longestName = 200
/** Names in one entry; a radius of thousands is told by its counts and its first. */
const mostNamed = 40

export interface Recorder {
  /** Throws `broken_ledger` while the last batch could not be written: asked before a request goes on. */
  readonly check: () => void
  /** Notes one request that was answered. Never throws. */
  readonly note: (line: RequestLine) => void
  /** The same for one that was refused unlooked at; while nothing can be written, the many are counted. */
  readonly refused: (line: RequestLine) => void
  /** Writes what is noted. */
  readonly flush: () => Promise<void>
}

export interface RequestLine {
  readonly at: number
  readonly principal: string
  readonly target: string
  readonly operation: string
  /** The action's digest for a write; null for a read. */
  readonly digest: string | null
  readonly status: number
}

const nobody = { principal: '', target: '', digest: null, status: 403 } as const

/** INVARIANT (broken-is-closed): a batch that cannot be written stops every later request until it is. */
export function openRecorder(house: Pick<House, 'state' | 'ledger' | 'clock' | 'timer'>): Recorder {
  let lines: RequestLine[] = []
  let pending: (() => void) | null = null
  let broken: string | null = null
  let uncounted = 0

  const flush = async (): Promise<void> => {
    pending?.()
    pending = null
    const batch = [...lines, ...crowd(uncounted)]
    if (batch.length === 0) return
    lines = []
    uncounted = 0
    try {
      const entries = pages(batch.map(rowOf)).map((page) => batchEntry(page, house.clock.now()))
      await house.state.transact((tx) => house.ledger.append(tx, entries))
      broken = null
    } catch (thrown) {
      lines = [...batch, ...lines]
      broken = messageOf(thrown)
      arm()
    }
  }
  const arm = (): void => {
    pending ??= house.timer(batchMs, () => void flush())
  }

  const note = (line: RequestLine): void => {
    const operation = line.operation.slice(0, longestName).toWellFormed()
    lines.push(operation === line.operation ? line : { ...line, operation })
    if (lines.length >= batchLines && broken === null) void flush()
    else arm()
  }
  /** The many that were refused meanwhile, in one line. */
  const crowd = (count: number): readonly RequestLine[] => {
    if (count === 0) return []
    const operation = `${count} more, refused while nothing could be written down`
    return [{ ...nobody, at: house.clock.now(), operation }]
  }

  return {
    flush,
    check: () => {
      if (broken !== null)
        throw new FirebreakError('broken_ledger', `requests cannot be written down: ${broken}`)
    },
    note,
    refused: (line) => {
      if (broken === null || lines.length < mostRefusals) note(line)
      else uncounted += 1
    },
  }
}

/** An entry about an action; everything in it may be read by anyone who may read the ledger. */
export function actionEntry(kind: EntryKind, at: number, action: Action, more: EntryFacts): Entry {
  const facts: { readonly [key: string]: Json | undefined } = {
    digest: more.digest,
    target: action.target,
    operation: operationNames(action),
    effect: actionEffect(action),
    kinds: [...new Set(action.operations.flatMap((operation) => operation.kinds))],
    findings: more.findings?.map(({ rule, message }) => ({ rule, message })),
    radius: more.radius === undefined ? undefined : radiusJson(more.radius),
    ...more.extra,
  }
  const body = Object.fromEntries(
    Object.entries(facts).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  )
  return { kind, at, subject: more.subject ?? null, principal: action.principal, body }
}

export interface EntryFacts {
  readonly digest: string
  readonly subject?: string | null
  readonly findings?: readonly Finding[]
  readonly radius?: BlastRadius
  readonly extra?: JsonObject
}

/** The blast radius as JSON for entries: counts of everything, names of the first forty. */
export function radiusJson(radius: BlastRadius): JsonObject {
  const named = (resources: readonly Resource[]): Json =>
    resources
      .slice(0, mostNamed)
      .map(({ type, id, name, environment, bytes }) => ({ type, id, name, environment, bytes }))
  return {
    known: radius.known,
    environments: radius.environments.slice(0, mostNamed),
    resources: named(radius.resources),
    backups: named(radius.backups),
    left: named(radius.left),
    counts: {
      resources: radius.resources.length,
      backups: radius.backups.length,
      left: radius.left.length,
    },
    rows: radius.rows,
    unknown: radius.unknown.slice(0, mostNamed),
  }
}

/** A line as it is written down. */
function rowOf(line: RequestLine): Json {
  return [line.at, line.principal, line.target, line.operation, line.digest, line.status]
}

/** Rows in the order they came, cut so that each page fits into one leaf with room to spare. */
function pages(rows: readonly Json[]): readonly (readonly Json[])[] {
  const cut: Json[][] = []
  let bytes = pageBytes
  for (const row of rows) {
    const size = Buffer.byteLength(JSON.stringify(row)) + 1
    if (bytes + size > pageBytes) cut.push([])
    bytes = bytes + size > pageBytes ? size : bytes + size
    cut.at(-1)?.push(row)
  }
  return cut
}

function batchEntry(rows: readonly Json[], at: number): Entry {
  return {
    kind: 'request',
    at,
    subject: null,
    principal: null,
    body: { count: rows.length, rows },
  }
}
