/** `firebreak decisions`: what people are asked, how fast they answer, and where nobody has ever said no. */
import { sayDuration } from '../app/duration.ts'
import { isObject } from '../base/json.ts'
import type { Json, JsonObject } from '../base/json.ts'
import { exits, parse, usage } from './command.ts'
import type { Command } from './command.ts'
import { call, daemonOptions } from './daemon.ts'
import { cell, sayTime, table } from './table.ts'

export const command: Command = {
  usage: ['firebreak decisions [--days 30]'],
  run: async (args, io) => {
    const parsed = parse(args, { ...daemonOptions, days: { type: 'string' } })
    const days = Number(parsed.text('days') ?? '30')
    if (!Number.isInteger(days) || days < 1 || days > 365)
      throw usage('`--days` is a whole number of days, 365 at most')
    const told = await call(parsed, 'decisions', { days })
    const found: JsonObject = isObject(told) ? told : {}
    io.give(told)
    if (found['isWhole'] !== true)
      io.note(`the ledger is long: counted since ${sayTime(found['since'])} only`)
    const { asked, approved, denied, expired, open, approvedPercent } = found
    io.say(
      `${cell(asked)} asked: ${cell(approved)} approved, ${cell(denied)} denied, ${cell(expired)} nobody answered, ${cell(open)} open; ${percent(approvedPercent)}`,
    )
    io.say(
      `time to decide: ${time(found['medianMs'])} in the middle, ${time(found['p90Ms'])} for nine of ten`,
    )
    const classes = rowsIn(found['classes'])
    const lines = classes.map((row) => [
      cell(row['agent']),
      cell(row['operation']),
      cell(row['target']),
      `${cell(row['asked'])} asked`,
      `${cell(row['approved'])} approved`,
      `${cell(row['denied'])} denied`,
      percent(row['approvedPercent']),
      time(row['medianMs']),
    ])
    for (const line of table(lines, 'nobody was asked anything')) io.say(line)
    for (const { advice, rule } of classes) {
      if (typeof advice === 'string') io.say(advice)
      if (typeof rule === 'string') io.say(rule)
    }
    return exits.done
  },
}

function rowsIn(value: Json | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : []
}

function percent(value: Json | undefined): string {
  return typeof value === 'number' ? `${value} % yes` : 'none is over'
}

function time(value: Json | undefined): string {
  return typeof value === 'number' ? sayDuration(value) : 'no answer yet'
}
