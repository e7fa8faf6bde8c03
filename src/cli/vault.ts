/** `firebreak vault`: which recovery points there are, and whether their bytes are whole. */
import { pointsAlone } from '../app/alone.ts'
import { isObject } from '../base/json.ts'
import type { Json, JsonObject } from '../base/json.ts'
import { aloneOptions, aloneUsage, openHere } from './alone.ts'
import { exits, parse, usage } from './command.ts'
import type { Command, Parsed } from './command.ts'
import { call, factorOptions } from './daemon.ts'
import { tellInstead } from './drill.ts'
import type { Io } from './io.ts'
import { schemaOf, word, sayBytes, sayTime, table } from './table.ts'
import { vaultDrills } from './vault-drills.ts'
import { vaultPrune } from './vault-prune.ts'
import { vaultGrade, vaultStatus } from './vault-status.ts'

export const command: Command = {
  usage: [
    'firebreak vault [list]         every recovery point in the store, oldest first',
    'firebreak vault status         how each thing is kept, what the second place is worth, how far WAL is received',
    'firebreak vault drills         every drill that was held, how long it took, and what would have been lost',
    'firebreak vault grade          attacks the second place now with every credential, and says what it is worth',
    'firebreak vault prune [--dry-run] --approver NAME --code CODE   takes away what is old and nothing leans on',
    'firebreak vault verify POINT   reads it back, byte for byte',
    'firebreak vault list --store FOLDER --key FILE   with nothing else left: the store and the key alone',
    aloneUsage,
  ],
  run: async (args, io) => {
    const parsed = parse(args, {
      ...factorOptions,
      ...aloneOptions,
      'dry-run': { type: 'boolean' },
    })
    const [verb = 'list', id] = parsed.positionals
    if (verb === 'list' && parsed.text('store') !== null) return await listAlone(parsed, io)
    if (verb === 'list') return await list(parsed, io)
    if (verb === 'status') return await vaultStatus(parsed, io)
    if (verb === 'drills') return await vaultDrills(parsed, io)
    if (verb === 'prune') return await vaultPrune(parsed, io)
    if (verb === 'grade') return await vaultGrade(parsed, io)
    if (verb !== 'verify' || id === undefined)
      throw usage('say `list`, `status`, `drills`, `grade`, `prune`, or `verify POINT`')
    return await verify(id, parsed, io)
  },
}

async function verify(id: string, parsed: Parsed, io: Io): Promise<number> {
  const result = await call(parsed, 'vault-verify', { id })
  const { whole, wrong = null, lastGood = null, instead } = isObject(result) ? result : {}
  io.give(result)
  if (whole === true) {
    io.say(`${id} is whole`)
    return exits.done
  }
  io.say(`${word(id)} is NOT whole: ${word(wrong)}`)
  io.say(`the last good one: ${lastGood === null ? 'none is known' : word(lastGood)}`)
  tellInstead(io, instead)
  return exits.broken
}

async function listAlone(parsed: Parsed, io: Io): Promise<number> {
  const { box } = await openHere(parsed, io)
  const found = await pointsAlone(box)
  const lines = found.map((point) =>
    'why' in point
      ? [word(point.id), 'BROKEN', word(point.why)]
      : [
          word(point.id),
          `${engineOf(point.engine, point.way)} ${word(point.source)}`,
          sayTime(point.takenAt),
          sayBytes(point.bytes),
          point.key === null ? "the machine's key" : `key ${point.key.slice(0, 8)}`,
          point.signed ? 'signed' : 'NOT SIGNED',
          schemaOf({ schema: point.schema ?? null }),
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
      ? [word(row['id']), 'BROKEN', word(row['why'])]
      : [
          word(row['id']),
          `${engineOf(row['engine'], row['way'])} ${word(row['source'])}`,
          sayTime(row['takenAt']),
          sayBytes(row['bytes']),
          word(row['grade']),
          row['verifiedAt'] === null ? 'not verified' : 'verified',
          drillOf(row),
          schemaOf(row),
        ],
  )
  for (const line of table(lines, 'there is no recovery point')) io.say(line)
  io.give(listed)
  return rows.some((row) => 'why' in row) ? exits.broken : exits.done
}

function engineOf(engine: Json | undefined, way: Json | undefined): string {
  return way === 'sql' ? `${word(engine)} over SQL` : word(engine)
}

function drillOf({ drill }: JsonObject): string {
  if (!isObject(drill ?? null)) return 'no drill yet'
  const { passed, at } = isObject(drill) ? drill : {}
  return `drill ${passed === true ? 'passed' : 'FAILED'} ${sayTime(at)}`
}
