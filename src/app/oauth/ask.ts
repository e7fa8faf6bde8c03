/** What a client of ours has asked for, before a person has said anything. */
export interface Ask {
  /** What the client calls itself. */
  readonly name: string
  /** Digest of its id. */
  readonly client: string
  /** The document that it is known by, where its id is one. */
  readonly document: string | null
  /** Whether it is known by now that `redirect` is its own. */
  readonly isChecked: boolean
  readonly redirect: string
  readonly resource: string
  readonly target: string
  /** S256 of what the client alone knows (RFC 7636). */
  readonly challenge: string
  readonly state: string | null
  readonly until: number
}
