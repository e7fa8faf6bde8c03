/** What is known of a read: its verdict hangs on who asks, the operation and the policy alone, so it is asked once. */
import type { Action } from '../core/action.ts'
import type { Operation } from '../core/operation.ts'
import type { Principal } from '../core/principal.ts'
import type { Finding } from '../core/verdict.ts'
import type { Asked, Policy } from './ports.ts'

export interface KnownRead {
  readonly action: Action
  readonly digest: string
  readonly findings: readonly Finding[]
}

export interface Reads {
  /** What is known of this very request, by the identity of its one operation; null where it must be looked at. */
  of(asked: Asked): KnownRead | null
  keep(asked: Asked, known: KnownRead): void
}

interface Kept extends KnownRead {
  readonly principal: Principal
  readonly target: string
  readonly key: string | null
  readonly policy: Policy
}

/** A reader that gives the same object for the same text makes this worth it; nothing is kept beyond the operation's life. */
export function openReads(policy: () => Policy): Reads {
  const kept = new WeakMap<Operation, Kept>()
  return {
    of: ({ operations: [only, more], principal, target, key }) => {
      if (only === undefined || more !== undefined || only.effect !== 'read') return null
      const known = kept.get(only)
      const same =
        known !== undefined &&
        known.principal === principal &&
        known.target === target &&
        known.key === key &&
        known.policy === policy()
      return same ? known : null
    },
    keep: ({ operations: [only, more], principal, target, key }, { action, digest, findings }) => {
      if (only === undefined || more !== undefined || only.effect !== 'read') return
      kept.set(only, { action, digest, findings, principal, target, key, policy: policy() })
    },
  }
}
