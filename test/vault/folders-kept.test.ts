/** Folders are kept as often as the config says, whatever agents do, and their points are restored for trial. */
import { appendFileSync, globSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { kestrel } from '../../sim/tenant.ts'
import { startPhysical } from '../../src/app/physical.ts'
import { keptOf } from '../../src/app/vault-status.ts'
import { keptBy, lookAfter, ofFolder } from '../../src/app/schedule.ts'
import { openRig } from '../rig.ts'
import type { Rig } from '../rig.ts'
import { firebreak as run } from '../run.ts'

const day = 24 * 3_600_000
const thing = `railway/volumeInstance/${kestrel.productionInstanceId}`
let rig: Rig
beforeEach(async () => {
  rig = await openRig()
})
afterEach(() => rig.close())

const firebreak = async (...args: readonly string[]): Promise<string> =>
  await run([...args, '--config', rig.config.file])
const look = async (drill?: number): Promise<void> => {
  const { firebreak: running } = rig.running
  await lookAfter(running, startPhysical(running), { ...ofFolder(thing), every: day, drill })
}
const points = async (): Promise<readonly string[]> =>
  (await firebreak('vault')).match(/^point_\w+/gm) ?? []
const data = (): string => rig.platform.volumePath(kestrel.productionInstanceId)

test('a folder is kept when it is due and no sooner; one in which nothing has changed is read back again, and is not old', async () => {
  expect(await firebreak('vault', 'status')).toMatch(new RegExp(`${thing}.*no copy`))
  await look()
  await look()
  const first = await points()
  expect(first).toHaveLength(1)
  rig.pass(1.5 * day)
  await look()
  expect(await points()).toEqual(first)
  rig.pass(day / 2)
  await look()
  expect(await firebreak('alarms')).not.toContain('stale')
  writeFileSync(join(data(), 'later.txt'), 'later')
  rig.pass(2 * day)
  await look()
  expect(await points()).toHaveLength(2)
  expect(await firebreak('alarms')).toMatch(
    /stale.*the newest recovery point that was verified is \d d/,
  )
}, 60_000)

test('drill-proves: a folder is restored for trial and compared; damage fails it, and the last good one is named', async () => {
  await look(day)
  const [good = ''] = await points()
  expect(await firebreak('vault')).toMatch(/drill passed/)
  expect(await firebreak('drill', good)).toMatch(/^passed: \d+ files, the same as they were\n/)
  expect(await firebreak('vault', 'status')).not.toMatch(new RegExp(`${thing}.*no drill`))
  writeFileSync(join(data(), 'later.txt'), 'later'.repeat(5000))
  const bad = /point_\w+/.exec(await firebreak('backup', thing))?.[0] ?? ''
  expect(bad).not.toBe(good)
  const newest = globSync(join(rig.dir, 'vault/objects/*/*')).toSorted(
    (a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs,
  )[0]
  rmSync(newest ?? '')
  const said = await firebreak('drill', bad)
  expect(said).toContain(`FAILED: ${bad} does not bring back what was taken`)
  expect(said).toContain(`the last good one: ${good}\n`)
  const drills = (await firebreak('vault', 'drills')).split('\n')
  expect(drills[0]).toMatch(new RegExp(`${bad} +${thing} +FAILED .*`))
  expect(drills.filter((line) => line.includes(good) && line.includes('passed'))).toHaveLength(2)
}, 60_000)

test('what is written to while it is read is no copy; what no source covers is none either', async () => {
  const writer = setInterval(() => appendFileSync(join(data(), 'busy'), 'x'.repeat(1000)), 1)
  try {
    await expect(look()).rejects.toThrow(/was written to while it was copied/)
  } finally {
    clearInterval(writer)
  }
  expect(await points()).toEqual([])
  expect(await firebreak('backup', 'railway/volumeInstance/none')).toContain(
    'no folder in `vault.sources` covers `railway/volumeInstance/none`',
  )
})

test('a config says how often by source; where it says nothing, a point is taken before an act alone', () => {
  expect(keptBy(rig.config)).toEqual([])
  const vault = rig.config.vault
  if (vault === undefined) throw new Error('the rig has a vault')
  const sources = vault.sources.map((one) => ({ ...one, every: day }))
  const kept = keptBy({ ...rig.config, vault: { ...vault, sources } })
  expect(kept.map(({ name, every }) => [name, every])).toContainEqual([thing, day])
})

test('a thing is stale when its newest point is twice as old as it may be, and no sooner', async () => {
  await look()
  const { firebreak: running } = rig.running
  const vault = rig.config.vault
  if (vault === undefined) throw new Error('the rig has a vault')
  const sources = vault.sources.map((one) => ({ ...one, every: day }))
  const config = { ...rig.config, vault: { ...vault, sources } }
  const problems = async (): Promise<string> =>
    JSON.stringify((await keptOf({ ...running, config }))[0])
  rig.pass(1.9 * day)
  expect(await problems()).toMatch(/"isStale":false/)
  rig.pass(0.2 * day)
  expect(await problems()).toMatch(/"isStale":true.*"stale: one is due every 24 h"/)
})
