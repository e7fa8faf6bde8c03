/** `firebreak policy`: validates the policies of a config, and runs cases against them. */
import { readFileSync } from 'node:fs'
import { parse as parseYaml } from 'yaml'
import { loadPolicy, reviewPolicies } from '../app/policies.ts'
import { runCases } from '../app/policy-cases.ts'
import { exits, parse, usage } from './command.ts'
import type { Command } from './command.ts'
import { configOf, daemonOptions, first } from './daemon.ts'
import { table, visible } from './table.ts'

export const command: Command = {
  usage: [
    'firebreak policy check              validates the defaults and your own, and warns of what looks wrong',
    'firebreak policy test CASES.yaml    name, given, expect: allow|hold|deny, rule',
  ],
  run: async (args, io) => {
    const [verb = 'check', ...rest] = args
    const parsed = parse(rest, daemonOptions)
    const config = configOf(parsed)
    const policy = await loadPolicy(config.policies ?? null)
    if (verb === 'check') {
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
    if (verb !== 'test') throw usage(`\`${verb}\` is no verb of \`policy\``)
    const cases: unknown = parseYaml(readFileSync(first(parsed, 'CASES.yaml'), 'utf8'))
    const results = runCases(cases, policy)
    for (const { name, ok, said } of results)
      io.say(`${ok ? 'ok  ' : 'FAIL'} ${name}${ok ? '' : `: ${said}`}`)
    io.give(results)
    return results.every(({ ok }) => ok) ? exits.done : exits.findings
  },
}
