/** `firebreak undo`: before it runs, it will not; after it ran, what the recovery points hold comes back. */
import { rmSync } from 'node:fs'
import { putBack } from '../app/push-back.ts'
import { pushIn } from '../gateways/hook/push.ts'
import { FirebreakError } from '../base/error.ts'
import { isObject, textOf } from '../base/json.ts'
import type { Json } from '../base/json.ts'
import { exits, parse } from './command.ts'
import type { Command, Parsed } from './command.ts'
import { call, factor, factorOptions, first } from './daemon.ts'
import type { Io } from './io.ts'
import { cell } from './table.ts'

export const command: Command = {
  usage: [
    'firebreak undo HOLD [--approver NAME --code CODE]',
    'firebreak undo HOLD [--repository FOLDER]      a push: by the repository that it came from, or another of it',
  ],
  run: async (args, io) => {
    const parsed = parse(args, { ...factorOptions, repository: { type: 'string' } })
    const id = first(parsed, 'HOLD')
    const pushed = await undoPush(parsed, io, id)
    if (pushed !== null) return pushed
    const result = await undo(parsed, io, id)
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

/** The daemon has no repository and no rights there: a person's own git puts back what it has saved. Null where there is no such push. */
async function undoPush(parsed: Parsed, io: Io, id: string): Promise<number | null> {
  const saved = await call(parsed, 'push-saved', { id })
  const push = isObject(saved) ? pushIn(saved['push']) : null
  const file = isObject(saved) ? textOf(saved['file']) : ''
  if (push === null || file === '') return null
  try {
    const { lines, ok } = await putBack(push, file, parsed.text('repository') ?? push.folder)
    for (const line of lines) io.say(cell(line))
    io.give({ done: [...lines], ok })
    return ok ? exits.done : exits.findings
  } finally {
    rmSync(file, { force: true })
  }
}
