/** `firebreak restore`: a recovery point of a database into an empty one, never over what lives. */
import { isObject } from '../base/json.ts'
import { exits, parse, usage } from './command.ts'
import type { Command } from './command.ts'
import { call, factor, factorOptions, first } from './daemon.ts'
import { cell } from './table.ts'

export const command: Command = {
  usage: ['firebreak restore POINT --into DATABASE [--approver NAME --code CODE]'],
  run: async (args, io) => {
    const parsed = parse(args, { ...factorOptions, into: { type: 'string' } })
    const id = first(parsed, 'POINT')
    const into = parsed.text('into')
    if (into === null)
      throw usage('say where: `--into DATABASE`, an empty database of the same server')
    const result = await call(parsed, 'vault-restore', { id, into, ...(await factor(parsed, io)) })
    io.say(isObject(result) ? cell(result['done']) : '')
    io.give(result)
    return exits.done
  },
}
