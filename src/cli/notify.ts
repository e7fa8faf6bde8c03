/** `firebreak notify test`: a test by each way to people, and what each answered; exit 1 where one took it not. */
import { isObject } from '../base/json.ts'
import { exits, parse, usage } from './command.ts'
import type { Command } from './command.ts'
import { call, daemonOptions } from './daemon.ts'
import { cell, table } from './table.ts'

export const command: Command = {
  usage: ['firebreak notify test        sends a test by each channel of the config'],
  run: async (args, io) => {
    const [verb = 'test', ...rest] = args
    if (verb !== 'test') throw usage(`\`${verb}\` is no verb of \`notify\``)
    const answers = await call(parse(rest, daemonOptions), 'notify-test', {})
    const rows = Array.isArray(answers) ? answers.filter(isObject) : []
    const lines = rows.map((row) => [
      cell(row['channel']),
      row['taken'] === true ? 'taken' : 'NOT TAKEN',
      cell(row['said']),
    ])
    for (const line of table(lines, 'nobody is told: the config has no `notify`')) io.say(line)
    io.give(answers)
    return rows.every((row) => row['taken'] === true) ? exits.done : exits.findings
  },
}
