/** `firebreak policy`: validates the policies of a config, and runs cases against them. */
import { readFileSync } from 'node:fs'
import { parse as parseYaml } from 'yaml'
import { loadPolicy } from '../app/policies.ts'
import { runCases } from '../app/policy-cases.ts'
import { exits, parse, usage } from './command.ts'
import type { Command } from './command.ts'
import { configOf, daemonOptions, first } from './daemon.ts'
import { table } from './table.ts'

export const command: Command = {
  usage: [
    'firebreak policy check              validates the defaults and your own',
    'firebreak policy test CASES.yaml    name, given, expect: allow|hold|deny, rule',
  ],
  run: async (args, io) => {
    const [verb = 'check', ...rest] = args
    const parsed = parse(rest, daemonOptions)
    const policy = await loadPolicy(configOf(parsed).policies ?? null)
    if (verb === 'check') {
      for (const line of table(
        policy.rules.map(({ id, set, message }) => [id, set, message]),
        'no rules',
      ))
        io.say(line)
      io.give({
        set: policy.set,
        rules: policy.rules.map(({ id, set, file }) => ({ id, set, file })),
      })
      return await Promise.resolve(exits.done)
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
