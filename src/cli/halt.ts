/** `firebreak halt`: everything stops; it works with the daemon down, and then the next start is halted. */
import { exits, parse } from './command.ts'
import type { Command } from './command.ts'
import { haltDirectly } from '../app/direct.ts'
import { FirebreakError } from '../base/error.ts'
import { isObject, textOf } from '../base/json.ts'
import { call, configOf, daemonOptions } from './daemon.ts'

export const command: Command = {
  usage: [
    'firebreak halt [PRINCIPAL] [--reason TEXT]        everyone, where no principal is named',
  ],
  run: async (args, io) => {
    const parsed = parse(args, { ...daemonOptions, reason: { type: 'string' } })
    const who = parsed.positionals[0] ?? 'all'
    const input = { who, reason: parsed.text('reason') ?? 'halted by hand' }
    try {
      const halted = await call(parsed, 'halt', input)
      io.give(halted)
      if (isObject(halted) && halted['stored'] === false)
        io.note(
          `in force, and not stored yet: ${textOf(halted['why'])}; a restart before that would forget it`,
        )
    } catch (thrown) {
      if (!(thrown instanceof FirebreakError) || thrown.code !== 'not_reachable') throw thrown
      // The daemon is down: the halt goes into the state, and holds from the next start on.
      await haltDirectly(configOf(parsed), input)
      io.note('no daemon answers; the halt is stored and holds when one starts')
      io.give({ who, stored: true })
    }
    io.say(who === 'all' ? 'halted: no grant works until a person resumes' : `halted: ${who}`)
    return exits.done
  },
}
