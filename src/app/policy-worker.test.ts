import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { PolicyText } from '../policy/texts.ts'
import { checkApart } from './policy-worker.ts'

const read = (name: string): string =>
  readFileSync(new URL(`../policy/defaults/${name}`, import.meta.url), 'utf8')
const schema = read('schema.cedarschema')
const defaults: readonly PolicyText[] = [
  { set: 'guard', file: 'guard.cedar', text: read('guard.cedar') },
  { set: 'hold', file: 'hold.cedar', text: read('hold.cedar') },
]
const mine = (text: string): PolicyText => ({ set: 'guard', file: 'mine.guard.cedar', text })
const rule = (when: string): string =>
  `@id("a") @message("m") forbid (principal, action, resource) when { ${when} };`

test('the thread says what the check says: rules, durations and issues', async () => {
  const checked = await checkApart({ schema, texts: [...defaults, mine(rule('context.no'))] }, 1)
  expect(checked.rules.find(({ id }) => id === 'hold-data')?.graceMs).toBe(48 * 3_600_000)
  expect(checked.issues[0]).toMatchObject({ level: 'error', file: 'mine.guard.cedar', line: 1 })
  expect(checked.issues[1]?.message).toContain('`hold-account`: it asks for 2 people')
})

test('the longest policy that is let through can be evaluated with less stack than the main thread has', async () => {
  const chains = [
    Array(45).fill('context.protected').join(' && '),
    `1${' * 1'.repeat(90)} == 1`,
    `${'if true then true else '.repeat(90)}true`,
    `${'('.repeat(14)}context.protected${')'.repeat(14)}`,
    `${'!('.repeat(14)}context.protected${')'.repeat(14)}`,
    `${'['.repeat(14)}1${']'.repeat(14)} == ${'['.repeat(14)}1${']'.repeat(14)}`,
  ]
  const texts = chains.map((when, index) => mine(rule(when).replace('"a"', `"a${index}"`)))
  const named = texts.map((text, index) => ({ ...text, file: `mine${index}.guard.cedar` }))
  const { issues } = await checkApart({ schema, texts: [...defaults, ...named] })
  expect(issues.filter(({ level }) => level === 'error')).toEqual([])
})

test('a thread that is not done in time is an error of the policies, and is ended', async () => {
  const { issues, rules } = await checkApart(
    { schema, texts: [...defaults, mine(rule('true'))] },
    null,
    0,
  )
  expect(issues).toEqual([
    {
      level: 'error',
      file: 'mine.guard.cedar',
      line: 1,
      message: 'the check of the policies took too long',
    },
  ])
  expect(rules).toEqual([])
})
