/** A path among the arguments that leads to Firebreak's own files. */
import { isOwn, isState } from '../own.ts'
import type { Judged } from './judged.ts'
import type { Place } from './texts.ts'

/** The rule by which what touches them is denied, whatever the grant. */
export const ownRule = 'lifeline'

export function judgeOwn({ value }: Place, reads: boolean): readonly Judged[] {
  if (typeof value !== 'string' || value.length > 4096 || value.includes('\n')) return []
  const path = value.trim().replace(/^file:\/\//i, '')
  const isHit = reads ? isState(path) : isOwn(path)
  if (!isHit) return []
  const message = `\`${path.slice(0, 120)}\` is Firebreak’s own, or keeps its hooks`
  const findings = [{ rule: ownRule, message }]
  return reads
    ? [{ effect: 'expose', kinds: [], findings }]
    : [{ effect: 'destroy', kinds: ['guard'], findings }]
}
