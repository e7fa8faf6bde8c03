/** The canonical form of what was asked. Its digest is what an approval signs and a clearance covers. */
import { digest } from '../base/json.ts'
import type { Json } from '../base/json.ts'
import { worstEffect } from './effect.ts'
import type { DestroyKind, Effect } from './effect.ts'
import type { Operation } from './operation.ts'

export interface Action {
  readonly principal: string
  /** The root grant's id: the same call under another grant is another action. */
  readonly root: string
  readonly target: string
  readonly operations: readonly Operation[]
  /** The client's `Idempotency-Key`: the same call under a new key is a new action. Null without one. */
  readonly key: string | null
}

/**
 * SHA-256 over who, where, what with which parameters, and under which key. Not over descriptions,
 * aliases, white space, findings or anything the platform answered: rewording changes nothing, another parameter everything.
 */
export function actionDigest(action: Action): string {
  return digest(actionBody(action))
}

/** What is hashed: version 1 of the canonical action. */
export function actionBody(action: Action): Json {
  // In the order of the canonical text, so that nothing is left to sort.
  return {
    key: action.key,
    operations: action.operations.map((operation) => ({
      effect: operation.effect,
      kinds: operation.kinds,
      name: operation.name,
      parameters: operation.parameters,
      selects: operation.selects,
    })),
    principal: action.principal,
    root: action.root,
    target: action.target,
    v: 1,
  }
}

export function actionEffect(action: Action): Effect {
  return worstEffect(action.operations.map((operation) => operation.effect))
}

export function actionKinds(action: Action): readonly DestroyKind[] {
  return [...new Set(action.operations.flatMap((operation) => operation.kinds))]
}
