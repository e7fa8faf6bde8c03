/** `firebreak approve`: shows what would go, asks for its name, then for the factor. */
import { isObject } from '../base/json.ts'
import { FirebreakError } from '../base/error.ts'
import { exits, parse } from './command.ts'
import type { Command } from './command.ts'
import { call, factor, factorOptions, first } from './daemon.ts'
import { keepReceipt } from './receipt.ts'
import { cell, sayTime } from './table.ts'

export const command: Command = {
  usage: [
    'firebreak approve HOLD [--name WHAT-GOES] [--approver NAME --code CODE] [--receipt FILE]',
  ],
  run: async (args, io) => {
    const parsed = parse(args, {
      ...factorOptions,
      name: { type: 'string' },
      receipt: { type: 'string' },
    })
    const id = first(parsed, 'HOLD')
    const shown = await call(parsed, 'hold-show', { id })
    const facts = isObject(shown) ? shown : {}
    io.say(cell(facts['text']))
    if (facts['short'] !== null) io.note(cell(facts['short']))
    const wanted = cell(facts['confirm'])
    const named = parsed.text('name') ?? (await io.ask(`type \`${wanted}\` to go on: `))
    if (named !== wanted)
      throw new FirebreakError(
        'factor_refused',
        `approving takes the name of what goes: \`${wanted}\``,
        'give it with `--name`',
      )
    if (facts['factor'] === 'passkey')
      throw new FirebreakError(
        'factor_refused',
        'the policy asks for a passkey here: a one-time code is refused',
        typeof facts['site'] === 'string'
          ? `sign \`${id}\` at the console: ${facts['site']}/#/hold/${id}`
          : 'put `console: {}` into the config, and sign at the console',
      )
    const by = await factor(parsed, io)
    const result = await call(parsed, 'hold-approve', { id, shown: cell(facts['shown']), ...by })
    const hold = isObject(result) ? result : {}
    const when =
      typeof hold['executesAt'] === 'number' ? `, runs ${sayTime(hold['executesAt'])}` : ''
    io.say(`${cell(hold['state'])}${when}: ${cell(hold['closing'] ?? 'approved')}`)
    keepReceipt(parsed, io, hold)
    io.give(result)
    return hold['state'] === 'failed' ? exits.findings : exits.done
  },
}
