/** The first approver, enrolled on the way: where a command is the first thing that a person does. */
import { renderUnicodeCompact } from 'uqr'
import { objectOf } from '../base/json.ts'
import type { JsonObject } from '../base/json.ts'
import type { Parsed } from './command.ts'
import { factor } from './daemon.ts'
import type { Io } from './io.ts'
import type { Hands } from './protect-hands.ts'
import { cell } from './table.ts'

/** The person's word: a newcomer's next code, else an approver's. */
export async function signed(parsed: Parsed, io: Io, newcomer: string): Promise<JsonObject> {
  if (newcomer === '') return await factor(parsed, io)
  return { approver: newcomer, code: (await io.ask('the next code: ')) ?? '' }
}

/** The first approver's name; null where nobody can be asked. `what` they are needed for. */
export async function enrolled(
  parsed: Parsed,
  io: Io,
  hands: Pick<Hands, 'call'>,
): Promise<string | null> {
  const name = parsed.text('approver') ?? (await io.ask('nobody approves yet. Your name: '))
  if (name === null || !io.interactive) {
    io.say('nobody is enrolled who could hand a credential over: run this on a terminal, or')
    io.say(
      '  firebreak up, then firebreak approver enrol NAME, then this with --approver NAME --code CODE',
    )
    return null
  }
  const begun = objectOf(await hands.call('approver-enrol', { name, role: 'admin' }))
  const uri = cell(begun['uri'])
  io.say(renderUnicodeCompact(uri))
  io.say(uri)
  io.say('scan it with an authenticator, where no agent can read this screen')
  const code = (await io.ask('the code that it shows: ')) ?? ''
  await hands.call('approver-confirm', { name, code })
  io.say(`${cell(name)} is enrolled; each code works once: wait for the next one`)
  return name
}
