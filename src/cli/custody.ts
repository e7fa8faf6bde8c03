/** `firebreak custody`: the real credentials. One comes in by stdin and never comes out again. */
import { goesOut } from '../app/header.ts'
import { goesTo } from '../app/vault-credentials.ts'
import { isObject } from '../base/json.ts'
import type { JsonObject } from '../base/json.ts'
import { exits, parse, usage } from './command.ts'
import type { Command, Parsed } from './command.ts'
import { login } from './custody-login.ts'
import { prove, rotate } from './custody-rotate.ts'
import { call, configOf, factor, factorOptions, first } from './daemon.ts'
import type { Io } from './io.ts'
import { cell, sayTime, table } from './table.ts'

export const command: Command = {
  usage: [
    'firebreak custody add TARGET --approver NAME --code CODE < file-with-the-credential',
    'firebreak custody login TARGET [--port N] [--approver NAME --code CODE]   an MCP server that wants OAuth',
    'firebreak custody rotate TARGET [--yes] [--approver NAME --code CODE]   makes it new at its platform, and proves the old one dead',
    'firebreak custody proof   whether each credential that was replaced is dead: one read with it',
    'firebreak custody list',
    'firebreak custody remove TARGET --approver NAME --code CODE',
  ],
  run: async (args, io) => {
    const [verb = 'list', ...rest] = args
    const parsed = parse(rest, {
      ...factorOptions,
      port: { type: 'string' },
      yes: { type: 'boolean' },
    })
    if (verb === 'add') return await add(parsed, io)
    if (verb === 'login') return await login(parsed, io)
    if (verb === 'rotate') return await rotate(parsed, io)
    if (verb === 'proof') return await prove(parsed, io)
    if (verb === 'list') return await list(parsed, io)
    if (verb !== 'remove') throw usage(`\`${verb}\` is no verb of \`custody\``)
    const result = await call(parsed, 'custody-remove', {
      target: first(parsed, 'TARGET'),
      ...(await factor(parsed, io)),
    })
    io.say('removed')
    io.give(result)
    return exits.done
  },
}

async function add(parsed: Parsed, io: Io): Promise<number> {
  const target = first(parsed, 'TARGET')
  const by = await factor(parsed, io)
  if (io.interactive) io.note('paste the credential, then Ctrl-D:')
  const config = configOf(parsed)
  const entry = config.targets[target]
  const where = entry === undefined ? goesTo(config, target) : goesOut(entry)
  const secret = (await io.readStdin()).trim()
  if (secret === '') throw usage('no credential came by stdin')
  const result = await call(parsed, 'custody-add', { target, secret, ...by })
  io.say(
    `kept for \`${target}\` and sent to ${where}; now remove it from where it lay, and rotate it if an agent may have seen it`,
  )
  io.give(result)
  return exits.done
}

async function list(parsed: Parsed, io: Io): Promise<number> {
  const kept = await call(parsed, 'custody-list', {})
  const rows = Array.isArray(kept) ? kept.filter(isObject) : []
  const lines = rows.map((row) => [
    cell(row['target']),
    sayTime(row['addedAt']),
    cell(row['addedBy']),
    loginIn(row),
  ])
  const wanted = await call(parsed, 'custody-wanted', {})
  const bare = (Array.isArray(wanted) ? wanted.filter(isObject) : []).filter(
    ({ name }) => !rows.some(({ target }) => target === name),
  )
  for (const line of table(lines, 'no credential is kept: `firebreak custody add TARGET`'))
    io.say(line)
  for (const { name, goes } of bare)
    io.say(`NOT KEPT: \`${cell(name)}\`, which would be sent to ${cell(goes)}`)
  io.give(kept)
  return exits.done
}

/** Whether somebody has logged in for it, and what becomes of that. */
function loginIn({ login: kept }: JsonObject): string {
  if (!isObject(kept)) return ''
  if (kept['deadSince'] !== null) return 'NOT RENEWED any more: log in again'
  return kept['endsAt'] === null ? 'logged in' : `logged in, until ${sayTime(kept['endsAt'])}`
}
