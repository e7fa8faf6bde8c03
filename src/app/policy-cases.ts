/** Cases for policies: facts partly given, and what must come out. */
import * as v from 'valibot'
import { FirebreakError } from '../base/error.ts'
import { destroyKinds, effects } from '../core/effect.ts'
import type { Policy } from '../guard/ports.ts'

const given = v.strictObject({
  principal: v.optional(v.string(), 'agent:test'),
  target: v.optional(v.string(), 'test'),
  platform: v.optional(v.string(), 'test'),
  operation: v.optional(v.string(), 'test'),
  effect: v.picklist(effects),
  kinds: v.optional(v.array(v.picklist(destroyKinds)), []),
  environments: v.optional(v.array(v.string()), ['production']),
  protected: v.optional(v.boolean(), true),
  radiusKnown: v.optional(v.boolean(), true),
  lifeline: v.optional(v.boolean(), false),
  bytes: v.optional(v.number(), 0),
  rows: v.optional(v.number(), -1),
  backupsLost: v.optional(v.number(), 0),
  backupsLeft: v.optional(v.number(), 1),
})
const schema = v.array(
  v.strictObject({
    name: v.string(),
    given,
    expect: v.picklist(['allow', 'hold', 'deny']),
    rule: v.optional(v.string()),
  }),
)

export interface CaseResult {
  readonly name: string
  readonly ok: boolean
  readonly said: string
}

/** Runs every case; throws `bad_input` for a file that is no list of cases, and says where. */
export function runCases(cases: unknown, policy: Policy): readonly CaseResult[] {
  const result = v.safeParse(schema, cases)
  if (!result.success) {
    const [issue] = result.issues
    throw new FirebreakError(
      'bad_input',
      `\`${(issue.path ?? []).map((item) => String(item.key)).join('.')}\`: ${issue.message}`,
    )
  }
  return result.output.map(({ name, given: facts, expect, rule }) => {
    const { verdict, policies } = policy.decide(facts)
    const rules = [...new Set([...policies, ...verdict.findings.map((finding) => finding.rule)])]
    const ok = verdict.kind === expect && (rule === undefined || rules.includes(rule))
    return { name, ok, said: `${verdict.kind} (${rules.join(', ')})` }
  })
}
