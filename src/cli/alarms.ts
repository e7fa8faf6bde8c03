/** `firebreak alarms`: calls that went past Firebreak, and what went wrong; exit 1 while any is unseen. */
import { isObject } from '../base/json.ts'
import { exits, parse } from './command.ts'
import type { Command } from './command.ts'
import { call, daemonOptions } from './daemon.ts'
import { cell, sayTime, table } from './table.ts'

export const command: Command = {
  usage: ['firebreak alarms [--all]', 'firebreak alarms --seen        marks all as seen'],
  run: async (args, io) => {
    const parsed = parse(args, {
      ...daemonOptions,
      all: { type: 'boolean' },
      seen: { type: 'boolean' },
    })
    const alarms = await call(parsed, parsed.flag('seen') ? 'alarm-seen' : 'alarm-list', {
      all: parsed.flag('all'),
    })
    const rows = Array.isArray(alarms) ? alarms.filter(isObject) : []
    const lines = rows.map((row) => [sayTime(row['at']), cell(row['rule']), cell(row['message'])])
    for (const line of table(lines, 'no alarm')) io.say(line)
    io.give(alarms)
    return rows.some((row) => row['seenAt'] === null) ? exits.findings : exits.done
  },
}
