/** A verified way back, outside the blast radius. */
import type { ResourceRef } from './resource.ts'

/** How far outside (PRODUCT.md, vault grade): V0 same volume … V5 second provider or offline. */
export const grades = ['V0', 'V1', 'V2', 'V3', 'V4', 'V5'] as const
export type Grade = (typeof grades)[number]

export interface RecoveryPoint {
  readonly id: string
  /** The things it brings back. */
  readonly covers: readonly ResourceRef[]
  readonly engine: string
  /** Where it lies, for a person; never a credential. */
  readonly place: string
  readonly takenAt: number
  /** When its bytes were last read back and compared; null: never, so it counts for nothing. */
  readonly verifiedAt: number | null
  readonly grade: Grade
  readonly bytes: number
  /** SHA-256 of its manifest. */
  readonly manifest: string
}
