/** `firebreak holds`: what waits for a person, and what came of it. */
import { isObject } from '../base/json.ts'
import { exits, parse } from './command.ts'
import type { Command } from './command.ts'
import { call, daemonOptions } from './daemon.ts'
import { cell, sayTime, table } from './table.ts'

export const command: Command = {
  usage: [
    'firebreak holds [--all]        what waits (or all of the last)',
    'firebreak holds HOLD           what would go, whole',
  ],
  run: async (args, io) => {
    const parsed = parse(args, { ...daemonOptions, all: { type: 'boolean' } })
    const [id] = parsed.positionals
    if (id !== undefined) {
      const shown = await call(parsed, 'hold-show', { id })
      io.say(isObject(shown) ? cell(shown['text']) : '')
      if (isObject(shown) && shown['short'] !== null) io.note(cell(shown['short']))
      io.give(shown)
      return exits.done
    }
    const holds = await call(parsed, 'hold-list', { all: parsed.flag('all') })
    const rows = Array.isArray(holds) ? holds.filter(isObject) : []
    const lines = rows.map((row) => [
      cell(row['id']),
      cell(row['state']),
      cell(row['principal']),
      cell(row['operation']),
      row['executesAt'] === null
        ? `expires ${sayTime(row['expiresAt'])}`
        : `runs ${sayTime(row['executesAt'])}`,
    ])
    for (const line of table(lines, 'nothing waits')) io.say(line)
    io.give(holds)
    return exits.done
  },
}
