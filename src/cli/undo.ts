/** `firebreak undo`: before it runs, it will not; after it ran, what the recovery points hold comes back. */
import { FirebreakError } from '../base/error.ts'
import { isObject } from '../base/json.ts'
import type { Json } from '../base/json.ts'
import { exits, parse } from './command.ts'
import type { Command, Parsed } from './command.ts'
import { call, factor, factorOptions, first } from './daemon.ts'
import type { Io } from './io.ts'
import { cell } from './table.ts'

export const command: Command = {
  usage: ['firebreak undo HOLD [--approver NAME --code CODE]'],
  run: async (args, io) => {
    const parsed = parse(args, factorOptions)
    const result = await undo(parsed, io, first(parsed, 'HOLD'))
    const done = isObject(result) && Array.isArray(result['done']) ? result['done'] : []
    for (const line of done) io.say(cell(line))
    io.give(result)
    return exits.done
  },
}

/** Nobody is asked for a factor where none is needed: at night every question costs. */
async function undo(parsed: Parsed, io: Io, id: string): Promise<Json> {
  const isGiven = parsed.text('approver') !== null || parsed.text('code') !== null
  try {
    return await call(parsed, 'hold-undo', isGiven ? { id, ...(await factor(parsed, io)) } : { id })
  } catch (thrown) {
    // The daemon says that this one takes an approver.
    const asks = thrown instanceof FirebreakError && thrown.code === 'factor_refused'
    if (!asks || isGiven) throw thrown
    io.note(thrown.message)
    return await call(parsed, 'hold-undo', { id, ...(await factor(parsed, io)) })
  }
}
