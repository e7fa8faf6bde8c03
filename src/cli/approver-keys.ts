/** `firebreak approver keys` and `remove-key`: the passkeys by which people sign, and one taken away, with a factor. */
import { isObject } from '../base/json.ts'
import { exits, usage } from './command.ts'
import type { Parsed } from './command.ts'
import { call, factor } from './daemon.ts'
import type { Io } from './io.ts'
import { cell, sayTime, table } from './table.ts'

export async function listKeys(parsed: Parsed, io: Io): Promise<number> {
  const keys = await call(parsed, 'passkey-list', {})
  const rows = Array.isArray(keys) ? keys.filter(isObject) : []
  const lines = rows.map(({ id, name, addedAt, usedAt }) => [
    cell(name),
    cell(id),
    `added ${sayTime(addedAt)}`,
    typeof usedAt === 'number' ? `used ${sayTime(usedAt)}` : 'never used',
  ])
  for (const line of table(lines, 'no passkey yet: `firebreak approver invite NAME`')) io.say(line)
  io.give(keys)
  return exits.done
}

export async function removeKey(parsed: Parsed, io: Io): Promise<number> {
  const [name, id, ...more] = parsed.positionals
  if (name === undefined || id === undefined || more.length > 0)
    throw usage('say whose, and which: `remove-key NAME KEY`')
  const result = await call(parsed, 'passkey-remove', { name, id, ...(await factor(parsed, io)) })
  io.say('removed')
  io.give(result)
  return exits.done
}
