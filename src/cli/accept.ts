/** `firebreak accept`: what the config and the policies allow has changed; an approver says that it was meant. */
import { isObject } from '../base/json.ts'
import { exits, parse } from './command.ts'
import type { Command } from './command.ts'
import { call, factor, factorOptions } from './daemon.ts'
import { cell } from './table.ts'

export const command: Command = {
  usage: ['firebreak accept [--approver NAME --code CODE]        shows what changed, then asks'],
  run: async (args, io) => {
    const parsed = parse(args, factorOptions)
    const changes = await call(parsed, 'power-changes', {})
    const list = isObject(changes) && Array.isArray(changes['changes']) ? changes['changes'] : []
    for (const change of list) io.say(cell(change))
    const odd = isObject(changes) && Array.isArray(changes['odd']) ? changes['odd'] : []
    if (odd.length > 0)
      io.say(
        'the state is not what was written down, and accepting takes it as it is: first revoke, halt, deny or remove again what was taken away',
      )
    if (list.length === 0) {
      io.say('nothing has changed')
      io.give(changes)
      return exits.done
    }
    io.give(
      await call(parsed, 'accept', {
        power: isObject(changes) ? cell(changes['power']) : '',
        ...(await factor(parsed, io)),
      }),
    )
    io.say('accepted: requests are served again')
    return exits.done
  },
}
