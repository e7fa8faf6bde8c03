/** `firebreak sessions`: who is signed in at the console. */
import { isObject } from '../base/json.ts'
import { exits, parse, usage } from './command.ts'
import type { Command, Parsed } from './command.ts'
import { call, daemonOptions, first } from './daemon.ts'
import type { Io } from './io.ts'
import { cell, sayTime, table } from './table.ts'

export const command: Command = {
  usage: ['firebreak sessions list', 'firebreak sessions end SESSION|NAME|all'],
  run: async (args, io) => {
    const [verb = 'list', ...rest] = args
    const parsed = parse(rest, daemonOptions)
    if (verb === 'list') return await list(parsed, io)
    if (verb !== 'end') throw usage(`\`${verb}\` is no verb of \`sessions\``)
    const ended = await call(parsed, 'session-end', {
      who: first(parsed, 'SESSION, NAME or `all`'),
    })
    io.say(`signed out: ${isObject(ended) ? cell(ended['ended']) : ''}`)
    io.give(ended)
    return exits.done
  },
}

async function list(parsed: Parsed, io: Io): Promise<number> {
  const sessions = await call(parsed, 'session-list', {})
  const rows = Array.isArray(sessions) ? sessions.filter(isObject) : []
  const lines = rows.map((row) => [
    cell(row['id']),
    cell(row['name']),
    `since ${sayTime(row['since'])}`,
    `until ${sayTime(row['until'])}`,
  ])
  for (const line of table(lines, 'nobody is signed in')) io.say(line)
  io.give(sessions)
  return exits.done
}
