/** `firebreak scan --live --config FILE`: recovery points that Firebreak keeps outside count as copies, and what they cure is found no more. */
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { kestrel } from '../../sim/tenant.ts'
import { writeCheckout } from '../../sim/workspace.ts'
import { keptCopies } from '../../src/app/reach-kept.ts'
import type { KeptPoints } from '../../src/app/reach-kept.ts'
import type { RecoveryPointRow } from '../../src/guard/rows.ts'
import type { Held } from '../../src/scan/radius.ts'
import { objectOf, textOf } from '../../src/base/json.ts'
import { openRig } from '../rig.ts'
import type { Rig } from '../rig.ts'
import { firebreak } from '../run.ts'

const dir = mkdtempSync(join(tmpdir(), 'firebreak-scan-kept-'))
const checkout = join(dir, 'kestrel-web')
const thing = `railway/volumeInstance/${kestrel.productionInstanceId}`
let rig: Rig
let token = ''

beforeAll(async () => {
  mkdirSync(join(dir, 'home'), { recursive: true })
  rig = await openRig()
  token = rig.platform.token(kestrel.tokens.domains)
  writeCheckout({ dir: checkout, baseUrl: 'https://backboard.railway.app', token })
}, 60_000)
afterAll(async () => {
  await rig.close()
  rmSync(dir, { recursive: true, force: true })
})

const scan = async (...args: readonly string[]): Promise<string> => {
  const instead = `railway=${new URL(rig.platform.graphql).origin}`
  const out = await firebreak(
    ['scan', checkout, '--only', 'checkout', '--live', '--instead', instead, ...args],
    { env: { PATH: process.env['PATH'] ?? '', HOME: join(dir, 'home'), NO_COLOR: '1' }, cwd: dir },
  )
  expect(out).not.toContain(token)
  return out
}
const config = (): readonly string[] => ['--config', rig.config.file]
const rulesIn = (out: string): readonly string[] =>
  [...out.matchAll(/id ((?:backup|no|three)-[a-z-]+)-[0-9a-f]{12}/g)].map(([, rule = '']) => rule)

test('with no point nothing is cured; with one it lies apart, and with a drill it was tried; with the daemon down too', async () => {
  const bare = [
    'backup-inside',
    'no-copy',
    'no-immutable-copy',
    'no-tested-restore',
    'three-two-one',
  ]
  expect(rulesIn(await scan(...config())).toSorted()).toEqual(rulesIn(await scan()).toSorted())
  const before = rulesIn(await scan())
  expect(before).toEqual(expect.arrayContaining(bare.filter((rule) => rule !== 'no-copy')))

  const point = objectOf(await rig.people.call('vault-backup', { target: thing }))
  const kept = await scan(...config())
  expect(kept).toContain('1 recovery point of')
  expect(kept).toContain('nobody has tried to restore one of its 4 backups')
  // Of the bucket there is none: what the token can do stays the worst.
  expect(kept).toContain('production: no copy is known of vehicle-photos')
  expect(kept).toContain('A  this token can delete production and its 3 backups')
  expect(rulesIn(kept)).not.toContain('backup-inside')
  expect(rulesIn(kept)).not.toContain('three-two-one')
  expect(rulesIn(kept)).toEqual(expect.arrayContaining(['no-immutable-copy', 'no-tested-restore']))

  await rig.people.call('vault-drill', { id: textOf(point['id'] ?? null) })
  await rig.running.stop()
  const drilled = await scan(...config())
  await rig.start()
  expect(rulesIn(drilled)).not.toContain('no-tested-restore')
  expect(rulesIn(drilled)).toContain('no-immutable-copy')
  // Whoever does not name the config sees what the platform says.
  expect(rulesIn(await scan())).toEqual(before)
}, 240_000)

test('a vault whose folder is gone brings nothing back, and it is said', async () => {
  const store = rig.config.vault?.store ?? ''
  renameSync(store, `${store}-away`)
  const out = await scan(...config())
  renameSync(`${store}-away`, store)
  expect(out).toContain('there is no vault at')
  expect(rulesIn(out)).toContain('backup-inside')
}, 60_000)

test('a config that has not run here, and one with nobody asked, are slips', async () => {
  const other = join(dir, 'other.yaml')
  writeFileSync(other, 'version: 1\ntargets: {}\n')
  expect(await scan('--config', other)).toMatch(/has no state on this machine[\s\S]*exit 2/)
  expect(await firebreak(['scan', checkout, '--config', other])).toContain('goes with `--live`')
}, 60_000)

const row = (more: Partial<RecoveryPointRow>): RecoveryPointRow => ({
  id: 'point_1',
  covers: [{ target: 'shop', type: 'database', id: 'shop' }],
  engine: 'logical',
  place: '/vault',
  takenAt: 1,
  verifiedAt: 2,
  grade: 'V1',
  bytes: 1,
  manifest: 'sha256:0',
  detail: {},
  ...more,
})
const held = (account: string | null, id = 'shop', provider = 'postgres'): Held => ({
  finding: 'postgres-url-0123456789ab',
  provider,
  label: 'postgres password',
  place: '.env:1',
  reach: {
    kind: 'told',
    account,
    who: 'role app',
    isBlanket: false,
    powers: [],
    things: [{ id, type: 'database', name: id, environments: [], shared: null, holds: 'data' }],
    copies: [],
    unknown: [],
  },
})
const pointsAt = (host: string, offsite: KeptPoints['points'][number]['offsite']): KeptPoints => ({
  config: {
    ...rig.config,
    targets: {
      shop: {
        platform: 'postgres',
        url: `postgres://app@${host}:5432/shop`,
        tls: 'verify',
        environments: {},
      },
    },
  },
  points: [{ row: row({}), offsite }],
  lost: null,
})

interface Case {
  readonly one: Held
  readonly host?: string
  readonly offsite?: KeptPoints['points'][number]['offsite']
  readonly lies: readonly string[]
}
const own = held('postgres db.a:5432')
const locked = (grade: string, until = 20): { readonly until: number; readonly grade: string } => ({
  until,
  grade,
})

test.each<[string, Case]>([
  ['its own', { one: own, lies: ['apart'] }],
  ['another server', { one: held('postgres db.b:5432'), lies: [] }],
  ['another port', { one: held('postgres db.a:5433'), lies: [] }],
  ['another database', { one: held('postgres db.a:5432', 'other'), lies: [] }],
  ['another platform', { one: held('postgres db.a:5432', 'shop', 'neon'), lies: [] }],
  ['nobody said whose it is', { one: held(null), lies: [] }],
  [
    'a server of this machine, as the vault',
    { one: held('postgres localhost:5432'), host: 'localhost', lies: ['account'] },
  ],
  ['locked, an attack survived', { one: own, offsite: locked('V3'), lies: ['apart', 'apart!'] }],
  ['in the account itself', { one: own, offsite: locked('V2'), lies: ['apart', 'account!'] }],
  ['an attack not survived', { one: own, offsite: locked('V1'), lies: ['apart', 'account'] }],
  ['the lock is over', { one: own, offsite: locked('V5', 5), lies: ['apart', 'apart'] }],
])(
  'a point counts for the very thing alone: %s',
  (_, { one, host = 'db.a', offsite = null, lies }) => {
    const all = keptCopies(pointsAt(host, offsite), [one], 10)
    expect(all.map((each) => `${each.lies}${each.isImmutable ? '!' : ''}`)).toEqual(lies)
  },
)

test('a thing whose id is the platform’s own has its copies, though nobody said whose account it is in', () => {
  const [target = ''] = Object.entries(rig.config.targets).flatMap(([name, { platform }]) =>
    platform === 'railway' ? [name] : [],
  )
  const covers = [{ target, type: 'volumeInstance', id: 'v' }]
  const points = {
    config: rig.config,
    points: [{ row: row({ covers }), offsite: null }],
    lost: null,
  }
  const seen = (isGlobal: boolean): Held => {
    const thing = { id: 'v', type: 'volumeInstance', name: 'v', environments: [], shared: null }
    const one = held(null, 'v', 'railway')
    return one.reach.kind === 'told'
      ? { ...one, reach: { ...one.reach, things: [{ ...thing, holds: 'data', isGlobal }] } }
      : one
  }
  expect(keptCopies(points, [seen(true)], 10)).toMatchObject([{ account: 'railway', of: 'v' }])
  expect(keptCopies(points, [seen(false)], 10)).toEqual([])
})
