/** A console with every kind of gateway behind it, and an agent that asks for something harmless at each. */
import pg from 'pg'
import { startMcpServer } from '../../sim/mcp/http.ts'
import { openStore } from '../../sim/mcp/store.ts'
import { freePort } from '../free-port.ts'
import { connect, resultIn } from '../mcp/rig.ts'
import { startCluster } from '../postgres/cluster.ts'
import { everything } from '../rig.ts'
import { openStage } from './browser.ts'
import type { Stage } from './browser.ts'

export interface WaysIn {
  readonly stage: Stage
  /** By the gateway's name; whether what was asked there was let through. */
  readonly ways: Readonly<Record<string, () => Promise<boolean>>>
  readonly close: () => Promise<void>
}

const user = 'keeper'
const password = 'the real one'

export async function openWaysIn(): Promise<WaysIn> {
  const mcp = await startMcpServer(openStore())
  const cluster = await startCluster({ users: [{ name: user, password, how: 'scram-sha-256' }] })
  cluster.sql(`CREATE DATABASE base OWNER ${user}`)
  const port = await freePort()
  const targets = `  shop:
    platform: mcp
    url: ${mcp.url}
    secret: authorization
    environments: { production: { id: prod-1 } }
  base:
    platform: postgres
    url: postgres://${user}@127.0.0.1:${cluster.port}/base
    tls: off
    environments: { production: { id: base } }`
  const stage = await openStage(`postgres: { listen: '127.0.0.1:${port}' }\n`, { targets })
  const { people, running, ask } = stage.site
  await people.callAs('custody-add', { target: 'shop', secret: 'real-token-of-the-shop' })
  await people.callAs('custody-add', { target: 'base', secret: password })
  const grant = await people.mint('agent:everywhere', everything)
  const client = await connect(`${running.url}/shop`, grant)
  const login = { host: '127.0.0.1', port, user: 'agent', password: grant, database: 'base' }
  const session = new pg.Client(login)
  session.on('error', () => undefined)
  await session.connect()
  const hook = { hook_event_name: 'PreToolUse', cwd: '/srv/shop', tool_name: 'Bash' }
  const hooked = JSON.stringify({ ...hook, tool_input: { command: 'git status' } })
  return {
    stage,
    ways: {
      http: async () => (await ask(grant, 'query { me { id } }')).status === 200,
      mcp: async () => {
        const answer = await client.call('list_volumes')
        return answer['error'] === undefined && resultIn(answer)['isError'] === undefined
      },
      hook: async () => {
        const headers = { 'content-type': 'application/json', authorization: `Bearer ${grant}` }
        const url = `${running.url}/.firebreak/hook/claude-code`
        return (await (await fetch(url, { method: 'POST', headers, body: hooked })).text()) === ''
      },
      'postgres, a session that is open': async () => await says(session),
      'postgres, a new session': async () => {
        const fresh = new pg.Client(login)
        fresh.on('error', () => undefined)
        try {
          await fresh.connect()
          return await says(fresh)
        } catch {
          return false
        } finally {
          await fresh.end().catch(() => undefined)
        }
      },
    },
    close: async () => {
      await session.end().catch(() => undefined)
      await stage.close()
      await cluster.stop()
      await mcp.close()
    },
  }
}

async function says(client: pg.Client): Promise<boolean> {
  try {
    return (await client.query('SELECT 1')).rowCount === 1
  } catch {
    // What is refused, or was cut off.
    return false
  }
}
