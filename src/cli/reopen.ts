/** `firebreak reopen`: what a no has closed, and the factor that opens it again before the day is over. */
import { isObject } from '../base/json.ts'
import { exits, parse } from './command.ts'
import type { Command } from './command.ts'
import { call, factor, factorOptions } from './daemon.ts'
import { cell, sayTime, table } from './table.ts'

export const command: Command = {
  usage: [
    'firebreak reopen                     lists closed classes',
    'firebreak reopen CLASS --approver NAME --code CODE',
  ],
  run: async (args, io) => {
    const parsed = parse(args, factorOptions)
    const [id] = parsed.positionals
    if (id !== undefined) {
      io.give(await call(parsed, 'reopen', { id, ...(await factor(parsed, io)) }))
      io.say('reopened')
      return exits.done
    }
    const classes = await call(parsed, 'closed-list', {})
    const rows = Array.isArray(classes) ? classes.filter(isObject) : []
    const lines = rows.map((row) => [
      cell(row['id']),
      cell(row['principal']),
      `${cell(row['kind'])} of ${cell(row['family'])} on ${cell(row['target'])}`,
      `until ${sayTime(row['until'])}`,
    ])
    for (const line of table(lines, 'no class is closed')) io.say(line)
    io.give(classes)
    return exits.done
  },
}
