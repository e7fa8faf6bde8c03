/** Who asks: the grant that was shown, whom it was minted for, and what it may do. */

/** What a grant allows, all its caveats taken together; a list that is null says nothing about that side. */
export interface Scope {
  /** Targets by name in the config. */
  readonly targets: readonly string[] | null
  /** Operation names; a trailing `*` stands for any ending; `read` stands for every operation with effect `read`. Every list must admit. */
  readonly operations: readonly (readonly string[])[]
  /** Environment names as the config declares them; every list must admit. */
  readonly environments: readonly (readonly string[])[]
  /** Resource keys (`type/id`); every list must admit. */
  readonly resources: readonly (readonly string[])[]
  /** Milliseconds since the epoch after which the grant is worth nothing. */
  readonly expiresAt: number
  /** Rows that one rolling hour may change; null: the policy's. */
  readonly rows: number | null
}

export interface Principal {
  /** Whom the root grant was minted for: `agent:cursor`, `service:ci`. */
  readonly name: string
  /** The id of the root grant: budgets, denied classes and halts attach to it and cover every descendant. */
  readonly root: string
  /** Ids of every hop, the root first: revoking one revokes what follows. */
  readonly hops: readonly string[]
  /** Names along the delegation, as attenuations declare them; can only be trusted as claims. */
  readonly chain: readonly string[]
  /** The approver who minted the root grant. */
  readonly mintedBy: string
  readonly scope: Scope
}
