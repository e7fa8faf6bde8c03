/** `firebreak backup`: a recovery point of a database, now. */
import { isObject } from '../base/json.ts'
import { exits, parse } from './command.ts'
import type { Command } from './command.ts'
import { call, daemonOptions, first } from './daemon.ts'
import { progressOf, watched } from './progress.ts'
import { cell, sayBytes } from './table.ts'

export const command: Command = {
  usage: ['firebreak backup TARGET'],
  run: async (args, io) => {
    const parsed = parse(args, daemonOptions)
    const target = first(parsed, 'TARGET')
    const point = await watched(io, `backing up ${target}`, progressOf(parsed, target), () =>
      call(parsed, 'vault-backup', { target }),
    )
    const { id, bytes, grade } = isObject(point) ? point : {}
    io.say(`${cell(id)}: ${target}, ${sayBytes(bytes)}, read back and whole, grade ${cell(grade)}`)
    io.say(`next: firebreak drill ${cell(id)}`)
    io.give(point)
    return exits.done
  },
}
