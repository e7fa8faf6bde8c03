/** `firebreak holds`: what waits for a person, and what came of it. */
import { sayDuration } from '../app/duration.ts'
import { isObject } from '../base/json.ts'
import type { JsonObject } from '../base/json.ts'
import { exits, parse, usage } from './command.ts'
import type { Command, Parsed } from './command.ts'
import { call, daemonOptions, factor, factorOptions, first } from './daemon.ts'
import type { Io } from './io.ts'
import { keepReceipt } from './receipt.ts'
import { cell, sayTime, table } from './table.ts'

export const command: Command = {
  usage: [
    'firebreak holds [--all]        what waits (or all of the last)',
    'firebreak holds HOLD           what would go, whole',
    'firebreak holds settle HOLD --happened|--did-not [--approver NAME --code CODE] [--receipt FILE]',
  ],
  run: async (args, io) => {
    if (args[0] === 'settle') return await settle(args.slice(1), io)
    const parsed = parse(args, { ...daemonOptions, all: { type: 'boolean' } })
    const [id] = parsed.positionals
    return id === undefined ? await list(parsed, io) : await show(parsed, id, io)
  },
}

async function show(parsed: Parsed, id: string, io: Io): Promise<number> {
  const shown = await call(parsed, 'hold-show', { id })
  io.say(isObject(shown) ? cell(shown['text']) : '')
  for (const note of isObject(shown) ? [shown['short'], shown['lost'], shown['saved'] ?? null] : [])
    if (note !== null) io.note(cell(note))
  io.give(shown)
  return exits.done
}

async function list(parsed: Parsed, io: Io): Promise<number> {
  const holds = await call(parsed, 'hold-list', { all: parsed.flag('all') })
  const rows = Array.isArray(holds) ? holds.filter(isObject) : []
  const lines = rows.map((row) => [
    cell(row['id']),
    cell(row['state']),
    cell(row['principal']),
    cell(row['operation']),
    cell(row['goes']),
    row['executesAt'] === null
      ? `expires ${sayTime(row['expiresAt'])}`
      : `runs ${sayTime(row['executesAt'])}${leftOf(row)}`,
  ])
  for (const line of table(lines, 'nothing waits')) io.say(line)
  io.give(holds)
  return exits.done
}

/** How long undo still comes before the act. */
function leftOf({ state, executesAt }: JsonObject): string {
  const left = Number(executesAt) - Date.now()
  const waits = state === 'approved' || state === 'scheduled'
  return waits && left > 0 ? `, ${sayDuration(left)} left to undo` : ''
}

/** What became of an act that was cut off, where the target cannot say. */
async function settle(args: readonly string[], io: Io): Promise<number> {
  const parsed = parse(args, {
    ...factorOptions,
    happened: { type: 'boolean' },
    'did-not': { type: 'boolean' },
    receipt: { type: 'string' },
  })
  const id = first(parsed, 'HOLD')
  const happened = parsed.flag('happened')
  if (happened === parsed.flag('did-not'))
    throw usage('say which of both: `--happened` or `--did-not`')
  const result = await call(parsed, 'hold-settle', { id, happened, ...(await factor(parsed, io)) })
  const hold = isObject(result) ? result : {}
  io.say(`${cell(hold['state'])}: ${cell(hold['closing'])}`)
  keepReceipt(parsed, io, hold)
  io.give(result)
  return exits.done
}
