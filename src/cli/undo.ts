/** `firebreak undo`: before it runs, it will not; after it ran, what the recovery points hold comes back. */
import { isObject } from '../base/json.ts'
import { exits, parse } from './command.ts'
import type { Command } from './command.ts'
import { call, daemonOptions, first } from './daemon.ts'
import { cell } from './table.ts'

export const command: Command = {
  usage: ['firebreak undo HOLD'],
  run: async (args, io) => {
    const parsed = parse(args, daemonOptions)
    const result = await call(parsed, 'hold-undo', { id: first(parsed, 'HOLD') })
    const done = isObject(result) && Array.isArray(result['done']) ? result['done'] : []
    for (const line of done) io.say(cell(line))
    io.give(result)
    return exits.done
  },
}
