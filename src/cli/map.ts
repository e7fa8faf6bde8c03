/** `firebreak map`: what each grant in force could at worst reach, worst first; with the daemon down too. */
import { withLog } from '../app/archive.ts'
import { mapOf } from '../app/map.ts'
import { realClock } from '../app/world.ts'
import { exits, parse } from './command.ts'
import type { Command } from './command.ts'
import { configOf, daemonOptions } from './daemon.ts'
import { table, word } from './table.ts'

const words = { reads: 'reads', held: 'held for a person', runs: 'RUNS UNASKED' } as const

export const command: Command = {
  usage: [
    'firebreak map              what each grant could at worst reach, and what has no way back',
  ],
  run: async (args, io) => {
    const config = configOf(parse(args, daemonOptions))
    return await withLog(config, async (_, __, ___, tx) => {
      const map = await mapOf(config, tx, realClock.now())
      const rows = map.grants.flatMap(({ principal, operations, reach }) =>
        reach.map(({ target, environment, worst }) => [
          word(principal),
          word(operations.join(', ')),
          word(`${target}/${environment}`),
          words[worst],
        ]),
      )
      for (const line of table(rows, 'no grant is in force: `firebreak grant mint`')) io.say(line)
      for (const { type, name, target, point } of map.things)
        if (point === null)
          io.say(`no way back outside: ${word(type)} ${word(name)} on ${word(target)}`)
      io.give(map)
      return exits.done
    })
  },
}
