/** `firebreak vault`: which recovery points there are, and whether their bytes are whole. */
import { openAlone, pointsAlone } from '../app/alone.ts'
import { isObject } from '../base/json.ts'
import type { Json, JsonObject } from '../base/json.ts'
import { exits, parse, usage } from './command.ts'
import type { Command, Parsed } from './command.ts'
import { call, daemonOptions } from './daemon.ts'
import type { Io } from './io.ts'
import { cell, sayBytes, sayTime, table } from './table.ts'
import { vaultGrade, vaultStatus } from './vault-status.ts'

export const command: Command = {
  usage: [
    'firebreak vault [list]         every recovery point in the store, oldest first',
    'firebreak vault status         how each thing is kept, what the second place is worth, how far WAL is received',
    'firebreak vault grade          attacks the second place now with every credential, and says what it is worth',
    'firebreak vault verify POINT   reads it back, byte for byte',
    'firebreak vault list --store FOLDER --key FILE   with nothing else left: the store and the key alone',
  ],
  run: async (args, io) => {
    const parsed = parse(args, {
      ...daemonOptions,
      store: { type: 'string' },
      key: { type: 'string' },
    })
    const [verb = 'list', id] = parsed.positionals
    if (verb === 'list' && parsed.text('store') !== null) return await listAlone(parsed, io)
    if (verb === 'list') return await list(parsed, io)
    if (verb === 'status') return await vaultStatus(parsed, io)
    if (verb === 'grade') return await vaultGrade(parsed, io)
    if (verb !== 'verify' || id === undefined)
      throw usage('say `list`, `status`, `grade`, or `verify POINT`')
    return await verified(parsed, io, id)
  },
}

async function verified(parsed: Parsed, io: Io, id: string): Promise<number> {
  const result = await call(parsed, 'vault-verify', { id })
  const whole = isObject(result) && result['whole'] === true
  io.say(whole ? `${id} is whole` : `${id} is NOT whole: ${wrongIn(result)}`)
  if (!whole) io.say(`the last good one: ${goodIn(result)}`)
  io.give(result)
  return whole ? exits.done : exits.broken
}

function wrongIn(result: Json): string {
  return isObject(result) ? cell(result['wrong']) : ''
}

function goodIn(result: Json): string {
  const good = isObject(result) ? (result['lastGood'] ?? null) : null
  return good === null ? 'none is known' : cell(good)
}

async function listAlone(parsed: Parsed, io: Io): Promise<number> {
  const [store, key] = [parsed.text('store'), parsed.text('key')]
  if (store === null || key === null) throw usage('it takes both: `--store FOLDER --key FILE`')
  const found = await pointsAlone(await openAlone({ store, key }))
  const lines = found.map((point) =>
    'why' in point
      ? [point.id, 'BROKEN', cell(point.why)]
      : [
          point.id,
          `${cell(point.engine)} ${cell(point.source)}`,
          sayTime(point.takenAt),
          sayBytes(point.bytes),
        ],
  )
  for (const line of table(lines, 'there is no recovery point')) io.say(line)
  io.give(found)
  return found.some((point) => 'why' in point) ? exits.broken : exits.done
}

async function list(parsed: Parsed, io: Io): Promise<number> {
  const listed = await call(parsed, 'vault-list', {})
  const rows = Array.isArray(listed) ? listed.filter(isObject) : []
  const lines = rows.map((row) =>
    'why' in row
      ? [cell(row['id']), 'BROKEN', cell(row['why'])]
      : [
          cell(row['id']),
          `${cell(row['engine'])} ${cell(row['source'])}`,
          sayTime(row['takenAt']),
          sayBytes(row['bytes']),
          cell(row['grade']),
          row['verifiedAt'] === null ? 'not verified' : 'verified',
          drillOf(row),
        ],
  )
  for (const line of table(lines, 'there is no recovery point')) io.say(line)
  io.give(listed)
  return rows.some((row) => 'why' in row) ? exits.broken : exits.done
}

function drillOf({ drill }: JsonObject): string {
  if (!isObject(drill ?? null)) return 'no drill yet'
  const { passed, at } = isObject(drill) ? drill : {}
  return `drill ${passed === true ? 'passed' : 'FAILED'} ${sayTime(at)}`
}
