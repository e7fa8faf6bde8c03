/** `firebreak deny`: a no needs no factor; it ends the hold and closes its class for that principal. */
import { isObject } from '../base/json.ts'
import { exits, parse } from './command.ts'
import type { Command } from './command.ts'
import { call, daemonOptions, first } from './daemon.ts'
import { keepReceipt } from './receipt.ts'

export const command: Command = {
  usage: ['firebreak deny HOLD [--receipt FILE]'],
  run: async (args, io) => {
    const parsed = parse(args, { ...daemonOptions, receipt: { type: 'string' } })
    const result = await call(parsed, 'hold-deny', { id: first(parsed, 'HOLD') })
    io.say('denied; the same class of act is refused for a day, or until a person reopens it')
    keepReceipt(parsed, io, isObject(result) ? result : {})
    io.give(result)
    return exits.done
  },
}
