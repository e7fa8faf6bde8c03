/** The probe: the rules asked once for each effect, since some policies break the engine only when they are evaluated. */
import { destroyKinds, effects } from '../core/effect.ts'
import type { Question } from '../guard/ports.ts'
import type { Ask } from './engine.ts'
import { requestOf } from './facts.ts'
import type { Issue } from './review.ts'
import type { Rule } from './rule.ts'

/** The facts where nothing else is said: a read of one thing in a protected environment, all of it known, one backup left. */
export const plainQuestion: Question = {
  principal: 'agent:example',
  target: 'example',
  platform: 'railway',
  operation: 'example',
  effect: 'read',
  kinds: [],
  environments: ['production'],
  protected: true,
  radiusKnown: true,
  lifeline: false,
  bytes: 0,
  rows: -1,
  backupsLost: 0,
  backupsLeft: 1,
}

/** An error for each rule that errs on plain facts: it would deny them all. Throws where the engine itself breaks. */
export function probe(ask: Ask, rules: readonly Rule[]): readonly Issue[] {
  const answers = effects.map((effect) => {
    const kinds = effect === 'destroy' ? destroyKinds : []
    return ask(requestOf({ ...plainQuestion, effect, kinds }))
  })
  const whys = new Map(
    answers.flatMap((answer) => (answer.kind === 'failed' ? [[answer.rule, answer.why]] : [])),
  )
  return [...whys].map(([id, why]) => {
    const rule = rules.find((each) => each.id === id)
    const message = `\`${id ?? 'all of it'}\`: it fails on plain facts: ${why ?? ''}`
    return { level: 'error', file: rule?.file ?? '', line: rule?.line ?? 1, message }
  })
}
