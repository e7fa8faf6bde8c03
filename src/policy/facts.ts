/** The facts of a question as Cedar gets them: complete and of the right kind, or not asked at all. */
import type { EntityUidJson, CedarValueJson } from '@cedar-policy/cedar-wasm/nodejs'
import { effects, destroyKinds } from '../core/effect.ts'
import type { Question } from '../guard/ports.ts'

/** What Cedar is asked. */
export interface Request {
  readonly principal: EntityUidJson
  readonly action: EntityUidJson
  readonly resource: EntityUidJson
  readonly context: Record<string, CedarValueJson>
}

/**
 * One text for one set of facts. INVARIANT (own key): two questions that differ in any fact, or in the type of one,
 * have two keys; a fact that is no JSON (`NaN`, `undefined`) has the key of `null`, which is never a fit question's.
 */
export function factsKey(facts: Question): string {
  return JSON.stringify([
    facts.principal,
    facts.target,
    facts.platform,
    facts.operation,
    facts.effect,
    facts.kinds,
    facts.environments,
    facts.protected,
    facts.radiusKnown,
    facts.bytes,
    facts.rows,
    facts.backupsLost,
    facts.backupsLeft,
    facts.lifeline,
  ])
}

/**
 * Why these facts cannot be asked, or null. Cedar drops a member that is undefined, and a policy that errs is skipped:
 * so what is missing or of another type is found here, before.
 */
export function unfit(facts: Question): string | null {
  const { kinds, environments } = facts
  const texts = [facts.principal, facts.target, facts.platform, facts.operation]
  const flags = [facts.protected, facts.radiusKnown, facts.lifeline]
  const counts = [facts.bytes, facts.backupsLost, facts.backupsLeft]
  if (!texts.every(isText)) return 'a name is missing or is no text'
  if (!isListOf(environments, isText)) return 'the environments are no list of names'
  if (!isListOf(kinds, (kind) => destroyKinds.includes(kind))) return 'a kind of loss is not known'
  if (!effects.includes(facts.effect)) return 'the effect is not known'
  if (!flags.every((flag) => typeof flag === 'boolean')) return 'a fact is neither true nor false'
  if (!counts.every((count) => Number.isSafeInteger(count) && count >= 0))
    return 'a count is no whole number from 0'
  return Number.isSafeInteger(facts.rows) && facts.rows >= -1
    ? null
    : 'the rows are no whole number'
}

/**
 * Fit facts in Cedar's own form. INVARIANT (unknown is widest): what is no read counts as protected where the radius
 * or its environments are not known, whatever the question says.
 */
export function requestOf(facts: Question): Request {
  const unsure = !facts.radiusKnown || facts.environments.length === 0
  return {
    principal: { type: principalType(facts.principal), id: facts.principal },
    action: { type: 'Action', id: facts.effect },
    resource: { type: 'Target', id: facts.target },
    context: {
      operation: facts.operation,
      platform: facts.platform,
      kinds: facts.kinds.map((id) => ({ __entity: { type: 'Kind', id } })),
      environments: [...facts.environments],
      protected: facts.protected || (facts.effect !== 'read' && unsure),
      radiusKnown: facts.radiusKnown,
      bytes: facts.bytes,
      rows: facts.rows,
      backupsLost: facts.backupsLost,
      backupsLeft: facts.backupsLeft,
      lifeline: facts.lifeline,
    },
  }
}

function principalType(name: string): string {
  if (name.startsWith('person:')) return 'Person'
  return name.startsWith('service:') ? 'Service' : 'Agent'
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value.isWellFormed()
}

function isListOf<T>(value: readonly T[], fits: (item: T) => boolean): boolean {
  return Array.isArray(value) && value.every(fits)
}
