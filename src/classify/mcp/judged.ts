/** What one place in the arguments of a tool does. */
import type { DestroyKind, Effect } from '../../core/effect.ts'
import type { ResourceRef } from '../../core/resource.ts'
import type { Finding } from '../../core/verdict.ts'

export interface Judged {
  readonly effect: Effect
  readonly kinds: readonly DestroyKind[]
  readonly findings: readonly Finding[]
  /** What a text in it names: tables of SQL. */
  readonly names?: readonly ResourceRef[]
}

export function quiet(effect: 'read' | 'write'): Judged {
  return { effect, kinds: [], findings: [] }
}

export function held(rule: string, message: string): Judged {
  return { effect: 'unread', kinds: [], findings: [{ rule, message }] }
}

export function grave(effect: Effect, kinds: readonly DestroyKind[], message: string): Judged {
  return { effect, kinds, findings: [{ rule: 'mcp-destroys', message }] }
}
