/** `firebreak resume`: lifts a halt; it widens power, so it takes an approver's factor. */
import { exits, parse } from './command.ts'
import type { Command } from './command.ts'
import { call, factor, factorOptions } from './daemon.ts'

export const command: Command = {
  usage: ['firebreak resume [PRINCIPAL] --approver NAME --code CODE'],
  run: async (args, io) => {
    const parsed = parse(args, factorOptions)
    const who = parsed.positionals[0] ?? 'all'
    io.give(await call(parsed, 'resume', { who, ...(await factor(parsed, io)) }))
    io.say(`resumed: ${who}`)
    return exits.done
  },
}
