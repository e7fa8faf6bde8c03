/** The blast radius as plain data: credential → operation → resource → environment, and resource → backup; for words and pictures alike. */
import type { Copy, Does, Thing } from './reach/reach.ts'

/** What can come of it. A: data and every known copy go. B: data goes, a copy stays. C: what goes can be made anew. D: it is only read. */
export type Outcome = 'A' | 'B' | 'C' | 'D'

export interface CredentialNode {
  readonly kind: 'credential'
  readonly id: string
  /** The finding of the scan. */
  readonly finding: string
  readonly provider: string
  readonly label: string
  /** Where it lies: file and line. */
  readonly place: string
  /** Null: it is dead. */
  readonly outcome: Outcome | null
  /** False where the platform did not say all: it is then counted as A. */
  readonly isKnown: boolean
  /** It is one of Firebreak's own, and what destroys by it waits for a person. Left out: it is a raw one. */
  readonly isHeld?: boolean
}
export interface OperationNode {
  readonly kind: 'operation'
  readonly id: string
  readonly label: string
  readonly does: Does
  /** A person is asked first. */
  readonly isHeld?: boolean
}
export interface ResourceNode {
  readonly kind: 'resource'
  readonly id: string
  readonly label: string
  readonly type: string
  readonly account: string
  /** Within what its id counts: the platform, where ids are its own, else the account. */
  readonly home: string
  readonly holds: Thing['holds']
  readonly shared: Thing['shared']
}
export interface EnvironmentNode {
  readonly kind: 'environment'
  readonly id: string
  readonly label: string
  readonly account: string
  /** Whose it is, as people call the platform. */
  readonly platform: string
}
export interface BackupNode {
  readonly kind: 'backup'
  readonly id: string
  readonly label: string
  readonly type: string
  readonly environment: string | null
  readonly lies: Copy['lies']
  readonly isImmutable: boolean
  readonly isTested: boolean
}
export type GraphNode = CredentialNode | OperationNode | ResourceNode | EnvironmentNode | BackupNode

/** `may`: credential → operation. `reaches`: operation → resource or backup. `in`: resource → environment. `copied`: resource → backup. */
export interface Edge {
  readonly kind: 'may' | 'reaches' | 'in' | 'copied'
  readonly from: string
  readonly to: string
}

export interface Graph {
  readonly nodes: readonly GraphNode[]
  readonly edges: readonly Edge[]
}
