/** A batch as it is kept with its hold: what was sent and under which settings, so that what runs is this and nothing else. */
import { FirebreakError } from '../../base/error.ts'
import { isObject, setMember } from '../../base/json.ts'
import type { Json, JsonObject } from '../../base/json.ts'
import { joined } from '../../wire/postgres/frame.ts'
import { flush, query, sync } from '../../wire/postgres/front.ts'
import { writeStep } from '../../wire/postgres/step.ts'
import type { Batch, Step } from './seam.ts'

/** Where a batch was sent, and what of the session bears on what it does. */
export interface Setting {
  readonly database: string
  /** What `SET ROLE` made it; null for the login's own. */
  readonly role: string | null
  /** What the session has set otherwise than it would begin, by name, as `SET` takes it. */
  readonly settings: ReadonlyMap<string, string>
}

export interface StoredBatch extends Setting {
  readonly batch: Batch
}

/** JSON without a loss: values as base64, since they may be binary. Nothing of it refers to the batch's bytes any more. */
export function storeBatch(batch: Batch, setting: Setting): JsonObject {
  const settings: { [name: string]: Json } = {}
  for (const [name, value] of setting.settings) setMember(settings, name, value)
  const { database, role } = setting
  return { v: 1, database, role, settings, batch: storeOne(batch) }
}

/** What `storeBatch` was given; throws `broken_store` for what it has not made. */
export function openBatch(stored: Json): StoredBatch {
  const { v, database, role, settings, batch } = objectOf(stored)
  if (v !== 1 || (role !== null && typeof role !== 'string')) throw notStored()
  return {
    database: textIn(database),
    role,
    settings: new Map(Object.entries(objectOf(settings)).map(([name, it]) => [name, textIn(it)])),
    batch: openOne(objectOf(batch)),
  }
}

function storeOne(batch: Batch): Json {
  if (batch.kind === 'query') return { kind: 'query', text: batch.text }
  if (batch.kind === 'call') return { kind: 'call', oid: batch.oid, bytes: base64(batch.bytes) }
  return { kind: 'extended', steps: batch.steps.map(storeStep), closes: batch.closes }
}

function storeStep(step: Step): Json {
  if (step.kind !== 'bind') return { ...step }
  const values = step.values.map((value) => (value === null ? null : base64(value)))
  return { ...step, values }
}

function openOne(stored: JsonObject): Batch {
  const { kind, closes } = stored
  if (kind === 'query') {
    const text = textIn(stored['text'])
    return { kind, text, bytes: query(text) }
  }
  if (kind === 'call')
    return { kind, oid: numberIn(stored['oid']), bytes: bytesIn(stored['bytes']) }
  if (kind !== 'extended' || (closes !== 'sync' && closes !== 'flush')) throw notStored()
  const steps = listIn(stored['steps'], (step) => openStep(objectOf(step)))
  const bytes = joined([...steps.map(writeStep), closes === 'sync' ? sync : flush])
  return { kind, steps, closes, bytes }
}

function openStep(stored: JsonObject): Step {
  const { kind, name, what } = stored
  if (kind === 'parse') {
    const types = listIn(stored['types'], numberIn)
    return { kind, name: textIn(name), text: textIn(stored['text']), types }
  }
  if (kind === 'bind') return openBind(stored)
  if (kind === 'execute')
    return { kind, portal: textIn(stored['portal']), rows: numberIn(stored['rows']) }
  const isNamed = kind === 'describe' || kind === 'close'
  if (!isNamed || (what !== 'statement' && what !== 'portal')) throw notStored()
  return { kind, what, name: textIn(name) }
}

function openBind(stored: JsonObject): Step {
  return {
    kind: 'bind',
    portal: textIn(stored['portal']),
    statement: textIn(stored['statement']),
    values: listIn(stored['values'], (value) => (value === null ? null : bytesIn(value))),
    formats: listIn(stored['formats'], numberIn),
    results: listIn(stored['results'], numberIn),
  }
}

function objectOf(value: Json | undefined): JsonObject {
  if (!isObject(value)) throw notStored()
  return value
}

function textIn(value: Json | undefined): string {
  if (typeof value !== 'string') throw notStored()
  return value
}

function numberIn(value: Json | undefined): number {
  if (!Number.isSafeInteger(value) || typeof value !== 'number') throw notStored()
  return value
}

function listIn<T>(value: Json | undefined, read: (item: Json) => T): readonly T[] {
  if (!Array.isArray(value)) throw notStored()
  return value.map(read)
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
}

/** Only what `base64` writes: else two texts would stand for the same bytes. */
function bytesIn(value: Json | undefined): Uint8Array {
  const text = textIn(value)
  const bytes = new Uint8Array(Buffer.from(text, 'base64'))
  if (base64(bytes) !== text) throw notStored()
  return bytes
}

function notStored(): FirebreakError {
  return new FirebreakError('broken_store', 'what is stored is not a batch of a Postgres session')
}
