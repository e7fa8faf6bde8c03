/** A rotation under way, sealed in the state: what a crash leaves behind, so that the next start knows which credential opens. */
import * as v from 'valibot'
import { canonical, parseJson, toJson } from '../base/json.ts'
import type { Tx } from '../guard/ports.ts'
import type { OpenSeal } from './seal.ts'

const rotation = v.object({
  target: v.string(),
  /** `begun`: the old one is kept, and the platform has the old one, the new one or both. `kept`: the new one is, and the old one still has to go. */
  stage: v.picklist(['begun', 'kept']),
  /** Null where the platform makes it and has not said it yet. */
  next: v.nullable(v.string()),
  old: v.string(),
  /** Under which the platform lists a new one that nobody has got. */
  label: v.string(),
  /** The platform's id of the old one; null where it has none. */
  oldId: v.nullable(v.string()),
  /** Who signed for it. */
  by: v.string(),
})

export type Rotation = v.InferOutput<typeof rotation>

/** Null where none is under way. INVARIANT (secret-stays): of what it holds nothing is shown. */
export async function rotationOf(seal: OpenSeal, tx: Tx, target: string): Promise<Rotation | null> {
  const value = (await tx.get('meta', rowId(target)))?.value
  if (typeof value !== 'string') return null
  return v.parse(rotation, parseJson(seal.open(value, rowId(target))))
}

export async function putRotation(seal: OpenSeal, tx: Tx, one: Rotation): Promise<void> {
  const id = rowId(one.target)
  await tx.put('meta', { id, value: seal.seal(canonical(toJson(one)), id) })
}

export async function dropRotation(tx: Tx, target: string): Promise<void> {
  await tx.remove('meta', rowId(target))
}

function rowId(target: string): string {
  return `rotation:${target}`
}
