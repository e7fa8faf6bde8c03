/** A point of files with nothing else left: the store and the key bring it back, and a damaged one names the last good one. */
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { openAlone, pointsAlone, restoreCluster } from '../../src/app/alone.ts'
import { realChance, realClock } from '../../src/app/world.ts'
import { openVault } from '../../src/vault/vault.ts'
import { drop, going } from './damage-engines.ts'

const root = mkdtempSync(join(tmpdir(), 'fb-alone-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))
const place = { store: join(root, 'store'), key: join(root, 'key'), identity: null, signer: null }
const until = { time: null, lsn: null, name: null }

test('recovery-first: a point of files comes back from store and key alone', async () => {
  for (const name of ['store', 'data']) mkdirSync(join(root, name))
  writeFileSync(place.key, `${'ab'.repeat(32)}\n`, { mode: 0o600 })
  const vault = openVault({
    box: (await openAlone(place)).box,
    sources: [
      { covers: { target: 'rail', type: 'volumeInstance', id: 'vi1' }, path: join(root, 'data') },
    ],
    links: [],
    storeOn: [],
    minimum: 'V0',
    state: null,
    note: async () => await Promise.resolve(),
    clock: realClock,
    chance: realChance,
    progress: () => undefined,
  })
  const ids: string[] = []
  for (const text of ['three cars', 'four cars']) {
    writeFileSync(join(root, 'data/bookings'), text)
    const covered = await vault.cover(drop, going)
    ids.push(covered.kind === 'covered' ? (covered.points[0]?.id ?? '') : '')
  }
  rmSync(join(root, 'data'), { recursive: true })
  const [older = '', newer = ''] = ids
  const folder = join(root, 'back')
  expect(await restoreCluster(await openAlone(place), { id: newer, folder, until })).toEqual([
    `1 files, 9 bytes of \`${newer}\` are in \`${folder}\``,
  ])
  expect(readFileSync(join(folder, 'bookings'), 'utf8')).toBe('four cars')

  const file = join(place.store, 'points', `${newer}.manifest`)
  chmodSync(file, 0o600)
  writeFileSync(file, readFileSync(file).subarray(0, 100))
  await expect(
    restoreCluster(await openAlone(place), { id: newer, folder: join(root, 'again'), until }),
  ).rejects.toMatchObject({
    code: 'broken_store',
    hint: `the last good one is \`${older}\`: restore that one`,
  })
  expect(await pointsAlone((await openAlone(place)).box)).toMatchObject([
    { id: older, engine: 'files' },
    { id: newer, why: expect.stringMatching(/in the vault/) },
  ])
})
