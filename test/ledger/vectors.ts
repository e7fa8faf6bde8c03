/** The golden vectors of the ledger's formats, read with proof of their shape. */
import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import * as v from 'valibot'
import type { Entry, EntryKind } from '../../src/guard/ports.ts'
import { isObject, parseJson, toJson } from '../../src/base/json.ts'
import type { JsonObject } from '../../src/base/json.ts'

const folder = join(import.meta.dirname, '../vectors/ledger')

const kinds = [
  'started',
  'request',
  'held',
  'approved',
  'undone',
  'denied',
  'alarm',
] as const satisfies EntryKind[]

const body = v.pipe(
  v.unknown(),
  v.transform((value): JsonObject => {
    const json = toJson(value)
    return isObject(json) ? json : {}
  }),
)

const shape = v.strictObject({
  title: v.string(),
  origin: v.string(),
  seed: v.string(),
  verifierKey: v.string(),
  batches: v.array(v.number()),
  entries: v.array(
    v.strictObject({
      kind: v.picklist(kinds),
      at: v.number(),
      subject: v.nullable(v.string()),
      principal: v.nullable(v.string()),
      body,
    }),
  ),
  leaves: v.array(v.string()),
  root: v.string(),
  checkpoint: v.string(),
  receipts: v.record(v.string(), v.string()),
  consistency: v.array(
    v.strictObject({ from: v.number(), root: v.string(), path: v.array(v.string()) }),
  ),
  witness: v.strictObject({
    name: v.string(),
    seed: v.string(),
    verifierKey: v.string(),
    seconds: v.number(),
    cosigned: v.string(),
  }),
  commitment: v.strictObject({ value: v.string(), salt: v.string(), commitment: v.string() }),
})

export type Vector = v.InferOutput<typeof shape>

/** Name, file and content of each. */
export const vectors: readonly (readonly [string, string, Vector])[] = globSync('*.json', {
  cwd: folder,
})
  .toSorted()
  .map((file) => {
    const path = join(folder, file)
    const value = parseJson(readFileSync(path, 'utf8'))
    return [basename(file, '.json'), path, v.parse(shape, value)]
  })

/** The entries of a vector in its batches. */
export function batchesOf({ entries, batches }: Vector): readonly (readonly Entry[])[] {
  let from = 0
  return batches.map((count) => {
    from += count
    return entries.slice(from - count, from)
  })
}
