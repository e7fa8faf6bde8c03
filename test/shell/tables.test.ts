/** The tables of programs: each rule is reached by the words and flags that it names, so that none is dead. */
import { expect, test } from 'vitest'
import { argvOf } from '../../src/classify/shell/argv.ts'
import { fits } from '../../src/classify/shell/tool.ts'
import type { Rule, Tool } from '../../src/classify/shell/tool.ts'
import { tools } from '../../src/classify/shell/tools/known.ts'
import { argOf } from '../../src/classify/shell/arg.ts'

/** The words of a rule as one would type them: each of its alternatives in turn, with each of its flags. */
function typed({ words, only }: Rule): readonly (readonly string[])[] {
  const most = Math.max(1, ...words.map((one) => one.length), only.length)
  return Array.from({ length: most }, (_, nth) => [
    ...words.map((one) => (one[nth % one.length] ?? '').replace('*', 'x')),
    ...(only.length > 0 ? [only[nth % only.length] ?? ''] : []),
  ])
}

const rules = [...tools].flatMap(([name, all]) =>
  all.flatMap((one) => one.rules.map((rule): [string, Tool, Rule] => [name, one, rule])),
)

test('each rule fits the words and flags that it names', () => {
  const dead = rules.flatMap(([name, one, rule]) =>
    // What a pattern wants beside them is told by the tables of commands.
    typed(rule)
      .filter((words) => !fits({ ...rule, like: null }, argvOf(words.map(argOf), one.flags)))
      .map((words) => [name, ...words].join(' ')),
  )
  expect(dead).toEqual([])
})

test('each rule has its line to say, and a destroy its kinds', () => {
  for (const [name, , { effect, kinds, says }] of rules) {
    expect(says, name).not.toBe('')
    expect(kinds.length > 0, `${name}: ${says}`).toBe(effect === 'destroy')
  }
})
