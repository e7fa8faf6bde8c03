/** `firebreak deny`: a no needs no factor; it ends the hold and closes its class for that principal. */
import { exits, parse } from './command.ts'
import type { Command } from './command.ts'
import { call, daemonOptions, first } from './daemon.ts'

export const command: Command = {
  usage: ['firebreak deny HOLD'],
  run: async (args, io) => {
    const parsed = parse(args, daemonOptions)
    const result = await call(parsed, 'hold-deny', { id: first(parsed, 'HOLD') })
    io.say('denied; the same class of act is refused for a day, or until a person reopens it')
    io.give(result)
    return exits.done
  },
}
