/** What was found in a statement, as an operation: one effect, its reasons, what is shown, what it touches. */
import type { Json } from '../../base/json.ts'
import { effects, worstEffect } from '../../core/effect.ts'
import type { Operation } from '../../core/operation.ts'
import type { SqlReason } from '../../platforms/postgres/effects.ts'
import { masked } from './mask.ts'
import type { Scope } from './scope.ts'

/** What is shown of a long text. */
const longestShown = 4000

/** The operation of one statement; `base` is where it begins in the whole text, in UTF-8 bytes. */
export function operationOf(
  name: string,
  { text, base }: { readonly text: string; readonly base: number },
  scope: Scope,
): Operation {
  const effect =
    scope.reasons.length === 0 ? 'read' : worstEffect(scope.reasons.map(({ effect }) => effect))
  const graver = scope.reasons
    .filter(({ effect }) => effect !== 'read')
    .toSorted((a, b) => rank(b) - rank(a))
  const kinds = new Set(
    effect === 'destroy' || effect === 'unread' ? graver.flatMap(({ kinds }) => kinds ?? []) : [],
  )
  const { values } = scope.about
  return {
    name,
    effect,
    kinds: effect === 'destroy' ? [...kinds] : [],
    parameters: values === undefined ? { text } : { text, values: values.map(bound) },
    shown: shownOf(name, text, base, scope),
    selects: null,
    names: [...scope.touched].map((id) => ({
      target: scope.about.target ?? 'sql',
      type: 'table',
      id,
    })),
    environments: [],
    findings: distinct(graver.map(({ rule, why }) => ({ rule, message: `\`${name}\` ${why}` }))),
    alternatives: [...new Set(graver.flatMap(({ instead }) => instead ?? []))],
  }
}

function rank({ effect }: SqlReason): number {
  return effects.indexOf(effect)
}

function bound(value: string | null | undefined): Json {
  return value === undefined ? { kind: 'not told' } : value
}

function shownOf(name: string, text: string, base: number, scope: Scope): Operation['shown'] {
  const plain = new Set([...scope.plain].map((at) => at - base))
  const keeps = name === 'DO' || name === 'CREATE FUNCTION' || name === 'CREATE PROCEDURE'
  const cut = text.length > longestShown ? text.slice(0, longestShown) : text
  const shown = masked(cut, plain, keeps).trim()
  return { text: cut === text ? shown : `${shown}… (${text.length} characters)` }
}

function distinct(findings: Operation['findings']): Operation['findings'] {
  return [...new Map(findings.map((each) => [`${each.rule} ${each.message}`, each])).values()]
}
