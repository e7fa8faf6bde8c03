/** `firebreak run -- AGENT`: an agent with only grants in its environment. */
import { existsSync, readFileSync } from 'node:fs'
import { parseDuration } from '../app/duration.ts'
import { variables } from '../app/environment.ts'
import { attenuateGrant } from '../app/narrow.ts'
import { agentEnv } from '../app/setup/agent-env.ts'
import { grantFile } from '../app/setup/names.ts'
import { startAgent } from '../app/setup/start-agent.ts'
import { FirebreakError } from '../base/error.ts'
import { parse, usage } from './command.ts'
import type { Command } from './command.ts'
import { configOf, daemonOptions } from './daemon.ts'

export const command: Command = {
  usage: [
    'firebreak run [--expires 12h] [--operation O] [--environment E] [--target T] [--name NAME] -- AGENT [ARGUMENTS]',
  ],
  run: async (args, io) => {
    const at = args.indexOf('--')
    const agent = at === -1 ? [] : args.slice(at + 1)
    if (agent.length === 0) throw usage('no agent is named: `firebreak run -- AGENT`')
    const parsed = parse(args.slice(0, at), {
      ...daemonOptions,
      expires: { type: 'string' },
      name: { type: 'string' },
      operation: { type: 'string', multiple: true },
      environment: { type: 'string', multiple: true },
      target: { type: 'string', multiple: true },
    })
    if (parsed.positionals.length > 0) throw usage('what is started stands behind `--`')
    const expires = parsed.text('expires') ?? '12h'
    const expiresMs = parseDuration(expires)
    if (expiresMs === null) throw usage(`\`${expires}\` is no duration; write \`8h\``)
    const config = configOf(parsed)
    const lists = (['operation', 'environment', 'target'] as const)
      .map((name) => [`${name}s`, parsed.list(name)] as const)
      .filter(([, list]) => list.length > 0)
    const grant = attenuateGrant(
      grantOf(grantFile(config.state)),
      {
        ...Object.fromEntries(lists),
        expiresMs,
        delegate: parsed.text('name') ?? nameOf(agent[0] ?? ''),
      },
      Date.now(),
    )
    const { env, removed, led } = agentEnv(variables(), config, grant)
    if (led.length > 0) io.note(`through Firebreak: ${led.join(', ')}`)
    if (removed.length > 0) io.note(`kept from it: ${removed.join(', ')}`)
    return await startAgent(agent, env)
  },
}

function grantOf(file: string): string {
  if (existsSync(file)) return readFileSync(file, 'utf8').trim()
  throw new FirebreakError(
    'not_found',
    'this checkout has no grant of its own yet',
    '`firebreak init` mints one; or start the agent with one of yours in FIREBREAK_GRANT',
  )
}

/** The program's name as a principal's. */
function nameOf(program: string): string {
  const base = program.split(/[/\\]/).at(-1) ?? ''
  const plain = base.toLowerCase().replaceAll(/[^a-z0-9._-]+/g, '-')
  return /^[a-z]/.test(plain) ? plain.slice(0, 40) : 'agent'
}
