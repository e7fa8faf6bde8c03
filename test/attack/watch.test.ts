/** Past Firebreak, and hidden: many events in one minute, events from before, a call in the shadow of what was sent; and nothing is kept for ever. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { kestrel } from '../../sim/tenant.ts'
import { lookOnce } from '../../src/app/bypass.ts'
import { isObject, textOf } from '../../src/base/json.ts'
import type { JsonObject } from '../../src/base/json.ts'
import { everything, openRig } from '../rig.ts'
import type { Rig } from '../rig.ts'

const day = 86_400_000
let rig: Rig
beforeEach(async () => {
  rig = await openRig()
}, 60_000)
afterEach(async () => await rig.close())

/** Straight to the platform, with the credential that Firebreak holds. */
async function past(query: string): Promise<void> {
  const authorization = `Bearer ${rig.platform.token(kestrel.tokens.domains)}`
  const headers = { 'content-type': 'application/json', authorization }
  await fetch(rig.platform.graphql, { method: 'POST', headers, body: JSON.stringify({ query }) })
}
const rename = (name: string): string =>
  `mutation { projectUpdate(id: "${kestrel.projectId}", input: { name: "${name}" }) { id } }`

/** A look at a platform that answers with these events, by workspace: their times, oldest first. */
async function lookAt(
  logs: Readonly<Record<string, readonly number[]>>,
): Promise<readonly string[]> {
  const { firebreak } = rig.running
  const open = firebreak.targets.get('railway')
  if (open === undefined) throw new Error('the rig has no target')
  const ask = async (_: string, variables: JsonObject): Promise<JsonObject> => {
    const { workspaceId, after, filter } = variables
    if (typeof workspaceId !== 'string')
      return { apiToken: { workspaces: Object.keys(logs).map((id) => ({ id })) } }
    const since = isObject(filter) ? Date.parse(textOf(filter['startDate'])) : 0
    const all = (logs[workspaceId] ?? []).filter((at) => at >= since)
    const from = Number(after)
    const edges = all.slice(from, from + 100).map((at) => ({
      node: { id: `${workspaceId}-${at}`, eventType: 'e', createdAt: new Date(at).toISOString() },
    }))
    const pageInfo = { hasNextPage: from + 100 < all.length, endCursor: String(from + 100) }
    return { auditLogs: { edges, pageInfo } }
  }
  const targets = new Map([['railway', { ...open, ask }]])
  return (await lookOnce({ ...firebreak, targets }, 'railway')).map(({ id }) => id)
}

test('more events in one hour than a round reads: the next round goes on behind them, and comes to the end', async () => {
  const begun = rig.running.firebreak.clock.now() + 1000
  const log = Array.from({ length: 2100 }, (_, each) => begun + each * 100)
  expect(await lookAt({ w: log })).toHaveLength(2000)
  expect(await lookAt({ w: log })).toHaveLength(100)
  // Another event may come in late, and one more behind all of them: both are found.
  const last = begun + 300_000
  const late = [begun, begun + 50, ...log.slice(1), last]
  expect(await lookAt({ w: late })).toEqual([`w-${begun + 50}`])
  expect(await lookAt({ w: late })).toEqual([`w-${last}`])
}, 60_000)

test('a workspace where nothing happens does not keep the watch from going on in another', async () => {
  const begun = rig.running.firebreak.clock.now() + 1000
  const busy = Array.from({ length: 2100 }, (_, each) => begun + each * 60_000)
  expect(await lookAt({ quiet: [begun], busy })).toHaveLength(2001)
  expect(await lookAt({ quiet: [begun], busy })).toHaveLength(100)
}, 60_000)

test('a destroy under three hundred harmless events of the same minute is found', async () => {
  await past(`mutation { volumeDelete(volumeId: "${kestrel.scratchVolumeId}") }`)
  for (let n = 0; n < 300; n++) await past(rename(`n${n}`))
  const found = await lookOnce(rig.running.firebreak, 'railway')
  expect(found).toHaveLength(301)
  expect(found[0]).toMatchObject({ event: 'volumeDelete' })
  expect(await lookOnce(rig.running.firebreak, 'railway')).toEqual([])
}, 30_000)

test('each event is told once, also after a restart, and the next one still is', async () => {
  await past(rename('one'))
  expect(await lookOnce(rig.running.firebreak, 'railway')).toHaveLength(1)
  await rig.restart()
  expect(await lookOnce(rig.running.firebreak, 'railway')).toEqual([])
  await past(rename('two'))
  expect(await lookOnce(rig.running.firebreak, 'railway')).toHaveLength(1)
})

test('what was sent and what was told is forgotten days after the watch has gone past it, and not before', async () => {
  const { state, sent } = rig.running.firebreak
  const known = async (): Promise<number> =>
    await state.transact(async (tx) => (await tx.find('call', {})).length)
  const now = (): number => rig.running.firebreak.clock.now()
  const prune = async (mark: number): Promise<number> => {
    await state.transact((tx) => sent.prune(tx, 'railway', mark))
    return await known()
  }
  expect(await prune(now())).toBe(0)
  const grant = await rig.people.mint('agent:a', { ...everything, expiresMs: 30 * day })
  expect((await rig.ask(grant, rename('through'))).status).toBe(200)
  await sent.flush()
  await past(rename('past'))
  const before = now()
  expect(await lookOnce(rig.running.firebreak, 'railway')).toHaveLength(1)
  expect(await known()).toBe(2)
  rig.pass(9 * day)
  // The newest event is from the same day still: it will be looked at again, and must not be told again.
  expect(await lookOnce(rig.running.firebreak, 'railway')).toEqual([])
  expect(await known()).toBe(2)
  expect(await prune(before + 2 * day)).toBe(2)
  expect(await prune(before + 4 * day)).toBe(0)
})
