/** Control commands about the policy: read, tried on a text, and what it would have refused in shadow mode. Nothing is executed. */
import * as v from 'valibot'
import { loadSql } from '../../classify/sql/read.ts'
import { explainLines } from '../explain.ts'
import { shadowResults, toldRules } from '../policy-told.ts'
import { by, command } from './command.ts'
import type { ControlCommand } from './command.ts'

export const policyCommands: Readonly<Record<string, ControlCommand>> = {
  /** The one in force: what a changed file says counts only once it was accepted. */
  'policy-read': command(
    v.strictObject({ by }),
    async ({ policy, config }) =>
      await Promise.resolve({
        mode: config.mode,
        set: policy.set,
        rules: [...toldRules(policy.rules)],
        issues: policy.issues.map((issue) => ({ ...issue })),
      }),
  ),
  explain: command(
    v.strictObject({ lines: v.pipe(v.string(), v.maxLength(128 * 1024)), by }),
    async ({ policy }, { lines }) => {
      await loadSql()
      return (await explainLines(lines, policy)).map(({ line }) => line)
    },
  ),
  'shadow-list': command(
    v.strictObject({
      before: v.optional(v.nullable(v.pipe(v.number(), v.safeInteger(), v.minValue(0))), null),
      by,
    }),
    async ({ state }, { before }) => await state.read((tx) => shadowResults(tx.log, before)),
  ),
}
