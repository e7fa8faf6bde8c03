/** How far a store in a folder lies outside of what it saves. */
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

/** V0 is inside the blast radius: it is never enough, whatever is asked for. */
export function isEnough(grade: Grade, minimum: Grade): boolean {
  return grade !== 'V0' && grades.indexOf(grade) >= grades.indexOf(minimum)
}

/** True when `inner` is the folder `outer` or lies in it. */
export function contains(outer: string, inner: string): boolean {
  const from = outer.endsWith(sep) ? outer : `${outer}${sep}`
  return inner === outer || inner.startsWith(from)
}
