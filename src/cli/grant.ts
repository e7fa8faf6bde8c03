/** `firebreak grant`: what agents hold instead of the real credential. */
import { isObject } from '../base/json.ts'
import type { JsonObject } from '../base/json.ts'
import { parseDuration } from '../app/duration.ts'
import { attenuateGrant } from '../app/narrow.ts'
import { exits, parse, usage } from './command.ts'
import type { Command, Parsed } from './command.ts'
import { call, factor, factorOptions, first } from './daemon.ts'
import type { Io } from './io.ts'
import { cell, sayTime, table } from './table.ts'

const caveatOptions = {
  operation: { type: 'string', multiple: true },
  environment: { type: 'string', multiple: true },
  target: { type: 'string', multiple: true },
  resource: { type: 'string', multiple: true },
  expires: { type: 'string' },
  rows: { type: 'string' },
  holder: { type: 'string' },
  delegate: { type: 'string' },
  note: { type: 'string' },
} as const

export const command: Command = {
  usage: [
    'firebreak grant mint AGENT --operation read --operation "customDomain*" --environment production --expires 8h [--target T] [--resource TYPE/ID] [--rows N] [--holder JWK-THUMBPRINT] [--note TEXT] --approver NAME --code CODE',
    'firebreak grant attenuate [--operation …] [--environment …] [--resource …] [--expires 10m] [--delegate NAME] < grant   (offline)',
    'firebreak grant list',
    'firebreak grant revoke GRANT-OR-HOP-ID        (or a whole grant on stdin: `firebreak grant revoke -`)',
  ],
  run: async (args, io) => {
    const [verb = 'list', ...rest] = args
    const parsed = parse(rest, { ...factorOptions, ...caveatOptions })
    if (verb === 'mint') return await mint(parsed, io)
    if (verb === 'attenuate') return await attenuate(parsed, io)
    if (verb === 'list') return await list(parsed, io)
    if (verb === 'revoke') return await revoke(parsed, io)
    throw usage(`\`${verb}\` is no verb of \`grant\``)
  },
}

async function mint(parsed: Parsed, io: Io): Promise<number> {
  const caveats = caveatsOf(parsed)
  const principal = first(parsed, 'AGENT')
  for (const needed of ['operations', 'environments', 'expiresMs'])
    if (caveats[needed] === undefined)
      throw usage(`a grant needs \`--${needed === 'expiresMs' ? 'expires' : needed.slice(0, -1)}\``)
  const note = parsed.text('note') ?? ''
  const minted = await call(parsed, 'grant-mint', {
    principal,
    note,
    caveats,
    ...(await factor(parsed, io)),
  })
  io.say(isObject(minted) ? cell(minted['grant']) : '')
  io.give(minted)
  return exits.done
}

async function attenuate(parsed: Parsed, io: Io): Promise<number> {
  const grant = (await io.readStdin()).trim()
  const narrowed = attenuateGrant(grant, caveatsOf(parsed), Date.now())
  io.say(narrowed)
  io.give({ grant: narrowed })
  return exits.done
}

async function list(parsed: Parsed, io: Io): Promise<number> {
  const grants = await call(parsed, 'grant-list', {})
  const rows = Array.isArray(grants) ? grants.filter(isObject) : []
  const lines = rows.map((row) => [
    cell(row['id']),
    cell(row['principal']),
    row['revokedAt'] === null ? `until ${sayTime(row['expiresAt'])}` : 'revoked',
    Array.isArray(row['caveats']) ? row['caveats'].map(cell).join('; ') : '',
  ])
  for (const line of table(lines, 'no grant was minted yet: `firebreak grant mint AGENT …`'))
    io.say(line)
  io.give(grants)
  return exits.done
}

async function revoke(parsed: Parsed, io: Io): Promise<number> {
  const named = first(parsed, 'GRANT-OR-HOP-ID')
  const id = named === '-' ? (await io.readStdin()).trim() : named
  const result = await call(parsed, 'grant-revoke', { id })
  io.say('revoked, with all that descends from it')
  io.give(result)
  return exits.done
}

function caveatsOf(parsed: Parsed): JsonObject {
  const expires = parsed.text('expires')
  const expiresMs = expires === null ? null : parseDuration(expires)
  if (expires !== null && expiresMs === null)
    throw usage(`\`${expires}\` is no duration; write \`8h\``)
  const rows = parsed.text('rows')
  if (rows !== null && !/^\d{1,9}$/.test(rows)) throw usage(`\`${rows}\` is no number of rows`)
  const lists = ['operation', 'environment', 'target', 'resource'] as const
  const named = lists
    .map((name) => [`${name}s`, parsed.list(name)] as const)
    .filter(([, values]) => values.length > 0)
  const holder = parsed.text('holder')
  const delegate = parsed.text('delegate')
  return {
    ...Object.fromEntries(named),
    ...(expiresMs === null ? {} : { expiresMs }),
    ...(rows === null ? {} : { rows: Number(rows) }),
    ...(holder === null ? {} : { holder }),
    ...(delegate === null ? {} : { delegate }),
  }
}
