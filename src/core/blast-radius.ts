/** Everything that goes when an action runs, and what would be left. */
import type { Resource } from './resource.ts'

export interface BlastRadius {
  /** False: the platform did not answer in full, and the radius counts as the widest. */
  readonly known: boolean
  /** Ids of the environments that lose something, as the platform names them. */
  readonly environments: readonly string[]
  readonly resources: readonly Resource[]
  /** Ways back that go with it: backups, snapshots, histories. */
  readonly backups: readonly Resource[]
  /** Rows that go, where they can be counted. */
  readonly rows: number | null
  /** Ways back that would stay after it, outside the radius as far as the platform tells. */
  readonly left: readonly Resource[]
  /** What could not be asked, and why; empty when `known`. */
  readonly unknown: readonly string[]
}

/** Nothing goes: the radius of a read. */
export const noRadius: BlastRadius = {
  known: true,
  environments: [],
  resources: [],
  backups: [],
  rows: null,
  left: [],
  unknown: [],
}

/** The radius where the platform gave no answer: everything may go. */
export function widestRadius(why: string): BlastRadius {
  return { ...noRadius, known: false, unknown: [why] }
}
