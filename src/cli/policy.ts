/** `firebreak policy`: reads and validates the policies of a config, runs cases against them, and tells what they would have refused in shadow mode. */
import { readFileSync } from 'node:fs'
import { parse as parseYaml } from 'yaml'
import { loadPolicy, reviewPolicies } from '../app/policies.ts'
import { runCases } from '../app/policy-cases.ts'
import { exits, parse, usage } from './command.ts'
import type { Command, Parsed } from './command.ts'
import { configOf, daemonOptions, first } from './daemon.ts'
import type { Io } from './io.ts'
import { showPolicy, showShadow } from './policy-told.ts'
import { table, visible } from './table.ts'

export const command: Command = {
  usage: [
    'firebreak policy check              validates the defaults and your own, and warns of what looks wrong',
    'firebreak policy show [RULE]       what each rule is for and asks for, or the text of one',
    'firebreak policy shadow            what was let pass in shadow mode and would have been held or refused, by rule',
    'firebreak policy test CASES.yaml    name, given, expect: allow|hold|deny, rule',
  ],
  run: async (args, io) => {
    const [verb = 'check', ...rest] = args
    const known = verbs.get(verb)
    if (known === undefined) throw usage(`\`${verb}\` is no verb of \`policy\``)
    return await known(parse(rest, daemonOptions), io)
  },
}

type Verb = (parsed: Parsed, io: Io) => Promise<number>

const check: Verb = async (parsed, io) => {
  const config = configOf(parsed)
  const policy = await loadPolicy(config.policies ?? null)
  for (const line of table(
    policy.rules.map(({ id, set, message }) => [id, set, message]),
    'no rules',
  ))
    io.say(line)
  const issues = await reviewPolicies(config)
  for (const { level, file, line, message } of issues)
    io.say(visible(`${level}: ${file}:${line}: ${message}`))
  io.give({
    set: policy.set,
    issues,
    rules: policy.rules.map(({ id, set, file }) => ({ id, set, file })),
  })
  return exits.done
}

const test: Verb = async (parsed, io) => {
  const policy = await loadPolicy(configOf(parsed).policies ?? null)
  const cases: unknown = parseYaml(readFileSync(first(parsed, 'CASES.yaml'), 'utf8'))
  const results = runCases(cases, policy)
  for (const { name, ok, said } of results)
    io.say(`${ok ? 'ok  ' : 'FAIL'} ${name}${ok ? '' : `: ${said}`}`)
  io.give(results)
  return results.every(({ ok }) => ok) ? exits.done : exits.findings
}

const verbs: ReadonlyMap<string, Verb> = new Map([
  ['check', check],
  ['test', test],
  ['show', showPolicy],
  ['shadow', showShadow],
])
