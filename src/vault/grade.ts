/** How far a store lies outside of what it saves. */
import { sep } from 'node:path'
import { grades } from '../core/recovery-point.ts'
import type { Grade } from '../core/recovery-point.ts'

export interface Places {
  /** Real paths, links resolved. */
  readonly source: string
  readonly store: string
  /** Device and inode of the store's folder and of all above it. */
  readonly storeNodes: readonly string[]
  /** Device and inode of the source's folders, its root among them. */
  readonly sourceNodes: ReadonlySet<string>
}

/**
 * V0 where one of the two lies in the other, also through a link or a bind mount; else V1.
 * More is never claimed for a folder: this process could empty it, whatever disk it is on, and who runs as its user could too.
 */
export function gradeOf(places: Places): Grade {
  const { source, store, storeNodes, sourceNodes } = places
  const nested = contains(source, store) || contains(store, source)
  return nested || storeNodes.some((node) => sourceNodes.has(node)) ? 'V0' : 'V1'
}

/** No folder gets more than this. */
export const bestOfFolder: Grade = 'V1'

/** What the canary attack with one credential has shown, and what only a person knows. */
export interface Proof {
  readonly survived: boolean
  readonly control: boolean
  readonly answered: boolean
  /** True when the canary lay under a COMPLIANCE lock; GOVERNANCE opens for whoever has one right more. */
  readonly locked: boolean
  /** Whose the bucket is, beside the account of what it saves. */
  readonly apart: 'same account' | 'other account' | 'other provider'
}

/**
 * What a bucket is worth against one credential; against several it is the least. A refusal to who can delete nothing at all tells
 * of the credential (V3) and not of the lock (V4, V5); in one account with what it saves it goes when the account goes (V2).
 */
export function gradeOfProof({ survived, control, answered, locked, apart }: Proof): Grade {
  if (!survived || !answered || (control && !locked)) return 'V1'
  if (apart === 'same account') return 'V2'
  if (!control) return 'V3'
  return apart === 'other provider' ? 'V5' : 'V4'
}

export function higher(a: Grade, b: Grade): Grade {
  return grades.indexOf(a) >= grades.indexOf(b) ? a : b
}

/** V0 is inside the blast radius: it is never enough, whatever is asked for. */
export function isEnough(grade: Grade, minimum: Grade): boolean {
  return grade !== 'V0' && grades.indexOf(grade) >= grades.indexOf(minimum)
}

/** True when `inner` is the folder `outer` or lies in it. */
export function contains(outer: string, inner: string): boolean {
  const from = outer.endsWith(sep) ? outer : `${outer}${sep}`
  return inner === outer || inner.startsWith(from)
}
