/** Killed before and after each commit of a rotation: whatever was cut off, after the next start agents get in again, and one password is dead. */
import { expect, test } from 'vitest'
import pg from 'pg'
import { isObject, textOf } from '../../src/base/json.ts'
import { openDaemon, openPeople } from '../faults/daemon.ts'
import type { Daemon } from '../faults/daemon.ts'
import { freePort } from '../free-port.ts'
import { startCluster } from '../postgres/cluster.ts'

const password = 'k3pt-from-agents-9'
const wide = { operations: ['*'], environments: ['*'], expiresMs: 90 * 86_400_000 } as const

const asks = async (url: string): Promise<string> => {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => undefined)
  try {
    await client.connect()
    const { rows } = await client.query<{ one: number }>('SELECT 1 AS one')
    await client.end()
    return String(rows[0]?.one)
  } catch (thrown) {
    return String(Reflect.get(Object(thrown), 'message'))
  }
}

/** How it stands, as `firebreak custody proof` says. */
async function oldOf(daemon: Daemon, target: string): Promise<string> {
  const all = await daemon.call('custody-proof')
  const row = (Array.isArray(all) ? all.filter(isObject) : []).find(
    (each) => each['target'] === target,
  )
  const old = row?.['old'] ?? null
  return isObject(old) ? textOf(old['kind']) : 'none'
}

test.each([
  // Begun, kept, two entries of the proof, dropped.
  ['shop', 'kill-before', 5],
  ['shop', 'kill-after', 5],
  ['railway', 'kill-before', 6],
  ['railway', 'kill-after', 6],
] as const)(
  'a credential that opens is kept whatever cuts a rotation off: %s, %s',
  async (target, kind, least) => {
    const cluster = await startCluster({
      users: [{ name: 'app', password, how: 'scram-sha-256' }],
    })
    cluster.sql('CREATE DATABASE shop OWNER app')
    const port = await freePort()
    const daemon = await openDaemon({
      targets: `  shop: { platform: postgres, url: 'postgres://app@127.0.0.1:${cluster.port}/shop', tls: off, environments: { production: { id: shop } } }`,
      more: `postgres: { listen: '127.0.0.1:${port}' }\n`,
    })
    try {
      await daemon.up()
      const people = await openPeople(daemon)
      await people.callAs('custody-add', { target: 'shop', secret: password })
      const grant = await people.mint('agent:cursor', wide)
      let deaths = 0
      for (let nth = 1; ; nth += 1) {
        await daemon.pass(31_000)
        await daemon.order({ kind, nth, lasts: false })
        const done = await people.callAs('custody-rotate', { target }).then(
          () => true,
          () => false,
        )
        const died = !done || daemon.isGone()
        if (died) {
          expect(await daemon.gone(), `${target} ${kind} ${nth}`).toBe('SIGKILL')
          await daemon.order(null)
          await daemon.up()
        } else await daemon.order(null)
        deaths += Number(died)
        const at = `${kind} ${nth}`
        expect(await asks(`postgres://agent:${grant}@127.0.0.1:${port}/shop`), at).toBe('1')
        expect((await daemon.ask(grant, 'query { me { id } }')).status, at).toBe(200)
        // What is old is taken away by the round that every start begins with; agents are let in meanwhile.
        await expect
          .poll(async () => await oldOf(daemon, target), { message: at, timeout: 20_000 })
          .toMatch(/^(none|dead)$/)
        // Of the account’s tokens there is one in each place, and none that nobody has.
        const { tokens } = daemon.platform.ground.world
        await expect
          .poll(() => tokens.all().filter(({ kind: is }) => is === 'account'), {
            message: at,
            timeout: 20_000,
          })
          .toHaveLength(2)
        if (!died) break
      }
      expect(deaths).toBeGreaterThanOrEqual(least)
    } finally {
      await daemon.close()
      await cluster.stop()
    }
  },
  280_000,
)
