/** `firebreak doctor`: what weakens this set-up, worst first; exit 1 when there is anything. */
import { diagnose } from '../app/doctor.ts'
import { exits, parse } from './command.ts'
import type { Command } from './command.ts'
import { configOf, daemonOptions } from './daemon.ts'

export const command: Command = {
  usage: ['firebreak doctor'],
  run: async (args, io) => {
    const config = configOf(parse(args, daemonOptions))
    const findings = await diagnose(config)
    for (const { rule, message } of findings) io.say(`${rule}: ${message}`)
    if (findings.length === 0) io.say('nothing found')
    io.give(findings)
    return findings.length === 0 ? exits.done : exits.findings
  },
}
