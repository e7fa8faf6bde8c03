import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  appendFileSync,
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, expect, test } from 'vitest'
import type { Action } from '../core/action.ts'
import { noRadius, widestRadius } from '../core/blast-radius.ts'
import type { BlastRadius } from '../core/blast-radius.ts'
import type { DestroyKind } from '../core/effect.ts'
import type { Resource } from '../core/resource.ts'
import type { Covered, State } from '../guard/ports.ts'
import { openSqlite } from '../store/sqlite.ts'
import { openBox } from './box.ts'
import { defaultLimits } from './budget.ts'
import type { Source } from './needs.ts'
import { openDiskStore } from './store-disk.ts'
import type { Store } from './store.ts'
import type { VaultParts } from './parts.ts'
import { openVault } from './vault.ts'
import type { OpenVault } from './vault.ts'

const folders: string[] = []
const states: State[] = []
afterEach(() => {
  for (const state of states.splice(0)) state.close()
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

const key = new Uint8Array(32).fill(1)
const vi1 = { target: 'rail', type: 'volumeInstance', id: 'vi1' }
const instance = (more: Partial<Resource> = {}): Resource => ({
  ...vi1,
  name: 'pgdata',
  environment: 'prod',
  bytes: null,
  protects: null,
  ...more,
})
const radiusOf = (...resources: readonly Resource[]): BlastRadius => ({
  ...noRadius,
  environments: ['prod'],
  resources,
})

const actionOf = (kind: DestroyKind): Action => ({
  principal: 'agent:a',
  root: 'g1',
  target: 'rail',
  key: null,
  operations: [
    {
      name: 'volumeDelete',
      effect: 'destroy',
      kinds: [kind],
      parameters: {},
      shown: {},
      selects: null,
      names: [],
      environments: [],
      findings: [],
      alternatives: [],
    },
  ],
})
const drop = actionOf('data')

interface Rig {
  readonly root: string
  /** The volume's folder. */
  readonly data: string
  readonly storeAt: string
  readonly state: State
  readonly vault: OpenVault
  readonly noted: readonly string[]
  /** Another vault over the same folders. */
  readonly open: (more: Partial<VaultParts>, around?: (store: Store) => Store) => Promise<OpenVault>
}

async function rig(place = 'vault'): Promise<Rig> {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'firebreak-vault-')))
  folders.push(root)
  const data = join(root, 'volumes/vi1')
  mkdirSync(join(data, 'base/1'), { recursive: true })
  writeFileSync(join(data, 'base/1/bookings'), 'three cars until Monday\n')
  writeFileSync(join(data, 'base/1/copy'), 'three cars until Monday\n')
  writeFileSync(join(data, 'empty'), '')
  writeFileSync(join(data, 'wal'), Buffer.alloc(150_000, 'x'), { mode: 0o600 })
  symlinkSync('base/1/bookings', join(data, 'current'))
  symlinkSync('/nowhere/else', join(data, 'dangling'))
  utimesSync(join(data, 'wal'), 1_600_000_000, 1_600_000_000.5)
  const storeAt = join(root, place)
  const state = openSqlite(':memory:')
  states.push(state)
  const noted: string[] = []
  let now = 1_700_000_000_000
  const open: Rig['open'] = async (more, around = (store) => store) => {
    const store = await openDiskStore(storeAt, randomBytes, now)
    return openVault({
      box: openBox(around(store), key, randomBytes),
      sources: [{ covers: vi1, path: data }],
      links: [],
      storeOn: [],
      minimum: 'V1',
      state,
      note: async (_, row) => void noted.push(row.id),
      clock: { now: () => (now += 1), steady: () => now },
      chance: randomBytes,
      progress: () => undefined,
      ...more,
    })
  }
  return { root, data, storeAt, state, noted, open, vault: await open({}) }
}

function points(covered: Covered): readonly string[] {
  expect(covered).toMatchObject({ kind: 'covered' })
  return covered.kind === 'covered' ? covered.points.map(({ id }) => id) : []
}

function why(covered: Covered): string {
  return covered.kind === 'missing' ? covered.why.join('; ') : 'covered'
}

/** The lock between writers and the pruner is empty, and nothing of the vault's content. */
const filesIn = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== 'prune.lock')
    .map((entry) => join(entry.parentPath, entry.name))

/** Everything that a folder holds, as text: two folders with the same text are the same. */
function told(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'latin1' })
    .map((name) => {
      const at = Buffer.concat([Buffer.from(`${folder}/`), Buffer.from(name, 'latin1')])
      const stat = lstatSync(at)
      const what = stat.isSymbolicLink()
        ? readlinkSync(at, 'latin1')
        : stat.isFile()
          ? readFileSync(at).toString('base64')
          : ''
      return `${name} ${stat.mode} ${Math.round(stat.mtimeMs)} ${what}`
    })
    .toSorted()
}

test('what is there already is told before anything is taken: the newest that was verified, outside of what goes', async () => {
  const { vault, data, state, storeAt } = await rig()
  const radius = radiusOf(instance())
  const foreseen = async (within = radius): Promise<readonly string[]> =>
    (await vault.foresee(drop, within)).points.map(({ id }) => id)
  expect(await foreseen()).toEqual([])
  const [first = ''] = points(await vault.cover(drop, radius))
  expect(await vault.foresee(drop, radius)).toMatchObject({
    missing: [],
    points: [{ id: first, grade: 'V1', place: storeAt, verifiedAt: expect.any(Number) }],
  })
  appendFileSync(join(data, 'wal'), 'more')
  const [second = ''] = points(await vault.cover(drop, radius))
  expect(await foreseen()).toEqual([second])
  const change = (more: {
    readonly verifiedAt?: null
    readonly detail?: { on: string[] }
  }): Promise<void> =>
    state.transact(async (tx) => {
      const row = await tx.get('point', second)
      if (row !== null) await tx.put('point', { ...row, ...more })
    })
  await change({ detail: { on: ['rail/volumeInstance/vi1'] } })
  expect(await foreseen()).toEqual([first])
  await change({ detail: { on: [] } })
  expect(await foreseen()).toEqual([second])
  await change({ verifiedAt: null })
  expect(await foreseen()).toEqual([first])
  const other = radiusOf(instance({ id: 'vi2' }))
  expect(await vault.foresee(drop, other)).toMatchObject({
    points: [],
    missing: [expect.stringContaining('vi2')],
  })
  expect(await foreseen(radiusOf(instance(), instance({ id: 'vi2' })))).toEqual([])
})

test('recovery-first: a volume that went comes back as it was: bytes, links, modes and times', async () => {
  const { vault, data, state, noted } = await rig()
  const before = told(data)
  const [id = ''] = points(await vault.cover(drop, radiusOf(instance())))
  expect(await state.transact((tx) => tx.get('point', id))).toMatchObject({
    covers: [vi1],
    grade: 'V1',
    bytes: 150_048,
    verifiedAt: expect.any(Number),
  })
  expect(noted).toEqual([id])
  rmSync(data, { recursive: true })
  expect(await vault.restore(id)).toBe(`4 files, 150048 bytes of \`${id}\` are in \`${data}\``)
  expect(told(data)).toEqual(before)
})

test('the store shows neither content nor names, and only to its user', async () => {
  const { vault, storeAt } = await rig()
  await vault.cover(drop, radiusOf(instance()))
  const stored = filesIn(storeAt)
  for (const file of stored) {
    const text = readFileSync(file).toString('latin1')
    expect(text).not.toMatch(/three cars|bookings|volumeInstance/)
    expect(lstatSync(file).mode & 0o777).toBe(0o400)
  }
  // Two files with the same bytes are stored once: three contents and one manifest.
  expect(stored).toHaveLength(4)
})

test('the same content is the same point, another is another, and shares what has not changed', async () => {
  const { vault, data, storeAt } = await rig()
  const first = points(await vault.cover(drop, radiusOf(instance())))
  expect(points(await vault.cover(drop, radiusOf(instance())))).toEqual(first)
  appendFileSync(join(data, 'base/1/bookings'), 'and a van\n')
  expect(points(await vault.cover(drop, radiusOf(instance())))).not.toEqual(first)
  expect(filesIn(join(storeAt, 'objects'))).toHaveLength(4)
})

test('one point for a volume, its instance and the database it holds', async () => {
  const { open } = await rig()
  const database = instance({ target: 'pg', type: 'database', id: 'shop' })
  const vault = await open({ links: [{ holder: vi1, held: database }] })
  const all = radiusOf(instance(), instance({ type: 'volume', id: 'v1' }), database)
  const covered = await vault.cover(drop, all)
  expect(covered).toMatchObject({
    kind: 'covered',
    points: [{ covers: [{ id: 'vi1' }, { id: 'v1' }, { id: 'shop' }] }],
  })
})

test.each<[string, Action, BlastRadius, RegExp]>([
  ['an unknown radius', drop, widestRadius('no answer'), /not known: no answer/],
  ['an empty radius of a destroy', drop, noRadius, /names nothing/],
  [
    'a thing without a source',
    drop,
    radiusOf(instance({ id: 'vi2' })),
    /declare `rail\/volumeInstance\/vi2`/,
  ],
  [
    'the same id on another target',
    drop,
    radiusOf(instance({ target: 'other' })),
    /other\/volumeInstance\/vi1/,
  ],
  [
    'a type nobody thought of',
    drop,
    radiusOf(instance(), instance({ type: 'bucket', id: 'b' })),
    /rail\/bucket\/b/,
  ],
  [
    'a source far smaller than the platform says',
    drop,
    radiusOf(instance({ bytes: 5e9 })),
    /does not look like/,
  ],
])('%s has no way back, and it is said why', async (_, action, radius, reason) => {
  const { vault, noted } = await rig()
  expect(why(await vault.cover(action, radius))).toMatch(reason)
  expect(noted).toEqual([])
})

test('an empty folder is no copy of a volume that is not known to be empty', async () => {
  const { vault, data } = await rig()
  rmSync(data, { recursive: true })
  mkdirSync(data)
  expect(why(await vault.cover(drop, radiusOf(instance())))).toMatch(/is it mounted/)
  expect(why(await vault.cover(drop, radiusOf(instance({ bytes: 4096 }))))).toMatch(/is it mounted/)
  expect(points(await vault.cover(drop, radiusOf(instance({ bytes: 0 }))))).toHaveLength(1)
})

test('a source that is gone is said to be gone', async () => {
  const { vault, data } = await rig()
  rmSync(data, { recursive: true })
  expect(why(await vault.cover(drop, radiusOf(instance())))).toMatch(
    /is it mounted, and is the path right/,
  )
})

test('backups need no backup, and what holds no bytes needs none either', async () => {
  const { vault } = await rig()
  const backup = instance({ type: 'backup', id: 'b1', protects: vi1 })
  const service = instance({ type: 'service', id: 's1' })
  expect(points(await vault.cover(actionOf('outage'), radiusOf(backup, service)))).toEqual([])
})

test.each<[string, (root: string) => string]>([
  ['in the volume', () => 'volumes/vi1/vault'],
  ['above the volume', () => 'volumes'],
  [
    'in the volume, by a link',
    (root) => {
      mkdirSync(join(root, 'volumes/vi1/hidden'), { recursive: true })
      symlinkSync(join(root, 'volumes/vi1/hidden'), join(root, 'elsewhere'))
      return 'elsewhere'
    },
  ],
])('a vault that lies %s is inside the blast radius', async (_, place) => {
  const made = await rig()
  const storeAt = join(made.root, place(made.root))
  const store = await openDiskStore(storeAt, randomBytes, 0)
  const vault = await made.open({ box: openBox(store, key, randomBytes) })
  expect(why(await vault.cover(drop, radiusOf(instance())))).toMatch(/inside the blast radius/)
  expect(made.noted).toEqual([])
})

test('a vault on another thing that goes in the same act is inside the blast radius', async () => {
  const { open } = await rig()
  const on = { target: 'rail', type: 'volume', id: 'v9' }
  const vault = await open({ storeOn: [on] })
  const both = radiusOf(instance(), instance({ ...on, bytes: 0 }))
  expect(why(await vault.cover(drop, both))).toMatch(/inside the blast radius/)
})

test('a folder never counts as more than V1', async () => {
  const { open } = await rig()
  const vault = await open({ minimum: 'V2' })
  const { missing } = await vault.foresee(drop, radiusOf(instance()))
  expect(missing.join()).toMatch(/grade V1, and V2 is asked for/)
  expect(why(await vault.cover(drop, radiusOf(instance())))).toMatch(
    /grade V1, and V2 is asked for/,
  )
})

test('pipes, sockets and devices are named, never opened, and said at the restore', async () => {
  const { vault, data, root } = await rig()
  run('mkfifo', join(data, 'pipe'))
  const [id = ''] = points(await vault.cover(drop, radiusOf(instance())))
  const into = join(root, 'back')
  expect(await vault.restoreTo(id, into)).toMatch(/1 pipes, sockets or devices were not made again/)
  expect(existsSync(join(into, 'pipe'))).toBe(false)
})

test('a name that is no text keeps its bytes', async () => {
  const { vault, data, root } = await rig()
  const name = Buffer.concat([Buffer.from(`${data}/`), Buffer.from([0x66, 0xfc, 0x72, 0x0a])])
  writeFileSync(name, 'latin')
  const before = told(data)
  const [id = ''] = points(await vault.cover(drop, radiusOf(instance())))
  await vault.restoreTo(id, join(root, 'back'))
  expect(told(join(root, 'back'))).toEqual(before)
})

test('nothing is restored over living files', async () => {
  const { vault, data, root } = await rig()
  const [id = ''] = points(await vault.cover(drop, radiusOf(instance())))
  writeFileSync(join(root, 'file'), 'mine')
  symlinkSync(join(root, 'nowhere'), join(root, 'link'))
  for (const place of [data, join(root, 'file'), join(root, 'link')])
    await expect(vault.restoreTo(id, place)).rejects.toMatchObject({ code: 'wrong_state' })
  await expect(vault.restore(id)).rejects.toMatchObject({ code: 'wrong_state' })
  expect(readFileSync(join(root, 'file'), 'utf8')).toBe('mine')
  rmSync(data, { recursive: true })
  mkdirSync(data)
  expect(await vault.restore(id)).toContain(data)
})

test('a point that nobody knows is not found', async () => {
  const { vault } = await rig()
  await expect(vault.restore('point_none')).rejects.toMatchObject({ code: 'not_found' })
  expect(await vault.verify('point_none')).toBe(false)
  expect(await vault.verify('../../etc/passwd')).toBe(false)
})

const damages: readonly (readonly [string, (file: string) => void])[] = [
  [
    'a flipped bit',
    (file) => {
      const bytes = readFileSync(file)
      bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1
      rmSync(file)
      writeFileSync(file, bytes)
    },
  ],
  [
    'a cut',
    (file) => {
      const bytes = readFileSync(file)
      rmSync(file)
      writeFileSync(file, bytes.subarray(0, bytes.length - 20))
    },
  ],
  ['a missing file', (file) => rmSync(file)],
  [
    'a link to another file',
    (file) => {
      rmSync(file)
      symlinkSync('/dev/zero', file)
    },
  ],
]
test.each(damages)(
  '%s in any stored file is noticed, and nothing is brought back of it',
  async (_, harm) => {
    const { vault, storeAt, state, root, data } = await rig()
    const [id = ''] = points(await vault.cover(drop, radiusOf(instance())))
    expect(await vault.verify(id)).toBe(true)
    for (const file of filesIn(storeAt)) {
      const kept = readFileSync(file)
      harm(file)
      expect(await vault.verify(id)).toBe(false)
      expect(await state.transact((tx) => tx.get('point', id))).toMatchObject({ verifiedAt: null })
      await expect(vault.restoreTo(id, join(root, 'back'))).rejects.toMatchObject({
        code: expect.stringMatching(/^(broken_store|not_found)$/),
      })
      expect(readdirSync(root).toSorted()).toEqual(['vault', 'volumes'])
      rmSync(file, { force: true })
      writeFileSync(file, kept)
    }
    expect(await vault.verify(id)).toBe(true)
    expect(existsSync(data)).toBe(true)
  },
)

test.each(damages)('after %s the next recovery point is whole again', async (_, harm) => {
  const { vault, storeAt } = await rig()
  await vault.cover(drop, radiusOf(instance()))
  for (const file of filesIn(storeAt)) harm(file)
  const [id = ''] = points(await vault.cover(drop, radiusOf(instance())))
  expect(await vault.verify(id)).toBe(true)
})

test('one stored file in the place of another is noticed', async () => {
  const { vault, storeAt } = await rig()
  const [id = ''] = points(await vault.cover(drop, radiusOf(instance())))
  const [one = '', two = ''] = filesIn(join(storeAt, 'objects'))
  const bytes = readFileSync(two)
  rmSync(one)
  writeFileSync(one, bytes)
  expect(await vault.verify(id)).toBe(false)
})

test('a manifest that the state does not know by its digest is no proof', async () => {
  const { vault, state } = await rig()
  const [id = ''] = points(await vault.cover(drop, radiusOf(instance())))
  await state.transact(async (tx) => {
    const row = await tx.get('point', id)
    if (row !== null) await tx.put('point', { ...row, manifest: `sha256:${'0'.repeat(64)}` })
  })
  expect(await vault.verify(id)).toBe(false)
})

test('with the state gone, points are listed, verified and restored from the disk alone', async () => {
  const { vault, open, data } = await rig()
  const [id = ''] = points(await vault.cover(drop, radiusOf(instance())))
  const alone = await open({ state: null })
  expect(await alone.list()).toMatchObject([
    { kind: 'point', source: data, point: { id, verifiedAt: null } },
  ])
  expect(await alone.verify(id)).toBe(true)
  rmSync(data, { recursive: true })
  expect(await alone.restore(id)).toContain(id)
})

test('a damaged manifest is listed as broken and hides no other', async () => {
  const { vault, data, storeAt } = await rig()
  const [id = ''] = points(await vault.cover(drop, radiusOf(instance())))
  writeFileSync(join(data, 'new'), 'x')
  const [other = ''] = points(await vault.cover(drop, radiusOf(instance())))
  const file = join(storeAt, 'points', `${id}.manifest`)
  rmSync(file)
  writeFileSync(file, 'junk')
  expect(await vault.list()).toMatchObject([
    { kind: 'broken', id },
    { kind: 'point', point: { id: other } },
  ])
})

test('what the physical engine keeps in the same store is not listed as a point of the others', async () => {
  const { vault, data, storeAt } = await rig()
  const [id = ''] = points(await vault.cover(drop, radiusOf(instance())))
  for (const name of ['base_1', 'wal_1_00000001_0000000000000000', 'point_other'])
    writeFileSync(join(storeAt, 'points', `${name}.manifest`), 'sealed')
  expect(await vault.list()).toMatchObject([
    { kind: 'point', source: data, point: { id } },
    { kind: 'broken', id: 'point_other' },
  ])
})

/** A store that does something of the world's while a thing is put into it. */
const disturbed =
  (then: (store: Store) => void | Promise<void>) =>
  (store: Store): Store => ({
    ...store,
    stage: async () => {
      const staging = await store.stage()
      return {
        ...staging,
        put: async (name, bytes, mend) => {
          await staging.put(name, bytes, mend)
          await then(store)
        },
      }
    },
  })

test.each<[string, (data: string, count: number) => void]>([
  ['a file that is written to', (data, count) => writeFileSync(join(data, 'wal'), `${count}`)],
  ['a new file', (data, count) => writeFileSync(join(data, `new${count}`), '')],
  [
    'a file that goes away',
    (data, count) => {
      if (count === 0) rmSync(join(data, 'wal'))
      else writeFileSync(join(data, 'wal'), `${count}`)
    },
  ],
  [
    'a file whose times are set back',
    (data, count) => {
      writeFileSync(join(data, 'empty'), 'x'.repeat(count % 2))
      utimesSync(join(data, 'empty'), 1, 1)
    },
  ],
  [
    'a folder that becomes a link',
    (data, count) => {
      rmSync(join(data, 'base'), { recursive: true })
      if (count % 2 === 0) symlinkSync('/etc', join(data, 'base'))
      else mkdirSync(join(data, 'base'))
    },
  ],
])('%s during both copies is no recovery point', async (_, disturb) => {
  const { open, data, noted, storeAt } = await rig()
  let count = 0
  const vault = await open(
    {},
    disturbed(() => disturb(data, count++)),
  )
  expect(why(await vault.cover(drop, radiusOf(instance())))).toMatch(
    /written to while it was copied/,
  )
  expect(noted).toEqual([])
  expect(filesIn(storeAt)).toEqual([])
})

test('a source that was written to once is copied once more', async () => {
  const { open, data, root } = await rig()
  let count = 0
  const vault = await open(
    {},
    disturbed(() => {
      if (count++ === 0) writeFileSync(join(data, 'late'), 'late')
    }),
  )
  const [id = ''] = points(await vault.cover(drop, radiusOf(instance())))
  await vault.restoreTo(id, join(root, 'back'))
  expect(told(join(root, 'back'))).toEqual(told(data))
})

test('a full disk is said, and nothing half stays', async () => {
  const { open, storeAt, noted } = await rig()
  const full = disturbed(() => {
    throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })
  })
  expect(why(await (await open({}, full)).cover(drop, radiusOf(instance())))).toMatch(
    /disk of the vault is full/,
  )
  expect(filesIn(storeAt)).toEqual([])
  expect(noted).toEqual([])
})

/** Runs a tool of the system; throws where it fails or is not there. */
function run(tool: string, ...args: readonly string[]): void {
  execFileSync(tool, args, { stdio: 'ignore' })
}

/** A disk of 120 kB, where this user may make one; else null. */
function smallDisk(at: string): (() => void) | null {
  mkdirSync(at, { recursive: true })
  try {
    run('mount', '-t', 'tmpfs', '-o', 'size=120k', 'tmpfs', at)
    return () => run('umount', at)
  } catch {
    // Not root, or a container that may not mount.
    return null
  }
}

test('a disk that really is full is said, and nothing half stays', async (context) => {
  const { open, root, data, noted } = await rig()
  const disk = join(root, 'disk')
  const unmount = smallDisk(disk)
  if (unmount === null) return context.skip('this user may not mount a small disk')
  try {
    const store = await openDiskStore(join(disk, 'vault'), randomBytes, 0)
    const vault = await open({ box: openBox(store, key, randomBytes) })
    expect(why(await vault.cover(drop, radiusOf(instance())))).toMatch(/disk of the vault is full/)
    expect(filesIn(disk)).toEqual([])
    expect(noted).toEqual([])
    rmSync(join(data, 'wal'))
    expect(points(await vault.cover(drop, radiusOf(instance())))).toHaveLength(1)
  } finally {
    unmount()
  }
})

test('a point comes back into an empty mount point, which no rename can replace', async (context) => {
  const { vault, root, data } = await rig()
  rmSync(join(data, 'wal'))
  const before = told(data)
  const disk = join(root, 'disk')
  const unmount = smallDisk(disk)
  if (unmount === null) return context.skip('this user may not mount a small disk')
  try {
    const [id = ''] = points(await vault.cover(drop, radiusOf(instance())))
    await vault.restoreTo(id, disk)
    expect(told(disk)).toEqual(before)
    await expect(vault.restoreTo(id, disk)).rejects.toMatchObject({ code: 'wrong_state' })
    expect(told(disk)).toEqual(before)
  } finally {
    unmount()
  }
})

test('a store that went away is said', async () => {
  const { vault, storeAt } = await rig()
  rmSync(storeAt, { recursive: true })
  expect(why(await vault.cover(drop, radiusOf(instance())))).toMatch(/vault .* cannot be used/)
})

test('a state that cannot be written leaves no way back', async () => {
  const { open, state } = await rig()
  const vault = await open({
    note: async () => {
      throw new Error('the ledger is broken')
    },
  })
  expect(why(await vault.cover(drop, radiusOf(instance())))).toMatch(/ledger is broken/)
  expect(await state.transact((tx) => tx.find('point', {}))).toEqual([])
})

test.each<[string, Partial<typeof defaultLimits>, RegExp]>([
  ['bytes', { maxBytes: 1000 }, /more than 1000 bytes/],
  ['files', { maxEntries: 3 }, /more than 3 files/],
  ['time', { maxMs: -1 }, /takes longer/],
])('too much in %s is refused', async (_, limits, reason) => {
  const { open, storeAt } = await rig()
  const vault = await open({ limits: { ...defaultLimits, ...limits } })
  expect(why(await vault.cover(drop, radiusOf(instance())))).toMatch(reason)
  expect(filesIn(storeAt)).toEqual([])
})

test('an act waits a quarter of an hour for its copy, and no longer; a verification and a restore take as long as they take', async () => {
  const { root, data, vault, open } = await rig()
  const [id = ''] = points(await vault.cover(drop, radiusOf(instance())))
  let minutes = 0
  const slow = await open({
    clock: { now: () => 1_700_000_000_000, steady: () => (minutes += 20) * 60_000 },
  })
  appendFileSync(join(data, 'wal'), 'more')
  expect(why(await slow.cover(drop, radiusOf(instance())))).toMatch(/takes longer than 900 seconds/)

  expect(await slow.inspect(id)).toMatchObject({ whole: true })
  await slow.restoreTo(id, join(root, 'back'))
})

test('a key that opens nothing takes new points and touches no old one', async () => {
  const { vault, open, storeAt } = await rig()
  const [id = ''] = points(await vault.cover(drop, radiusOf(instance())))
  const store = await openDiskStore(storeAt, randomBytes, 0)
  const other = await open({ box: openBox(store, new Uint8Array(32).fill(2), randomBytes) })
  expect(await other.verify(id)).toBe(false)
  const [second = ''] = points(await other.cover(drop, radiusOf(instance())))
  expect(second).not.toBe(id)
  expect(await vault.verify(id)).toBe(true)
})

test('what a writer left when it died is swept after a day, and no named thing is', async () => {
  const { vault, storeAt } = await rig()
  await vault.cover(drop, radiusOf(instance()))
  const named = filesIn(storeAt)
  const left = join(storeAt, 'staging/left')
  mkdirSync(left)
  writeFileSync(join(left, 'half'), 'x')
  await openDiskStore(storeAt, randomBytes, Date.now())
  expect(existsSync(left)).toBe(true)
  await openDiskStore(storeAt, randomBytes, Date.now() + 25 * 60 * 60_000)
  expect(filesIn(storeAt)).toEqual(named)
})

test('put-once: a point keeps its first manifest', async () => {
  const { storeAt } = await rig()
  const store = await openDiskStore(storeAt, randomBytes, 0)
  async function* text(words: string): AsyncGenerator<Uint8Array> {
    yield Buffer.from(words)
  }
  const [one, two] = [await store.stage(), await store.stage()]
  await one.name('point_a', text('first'))
  await expect(two.name('point_a', text('second'))).rejects.toMatchObject({ code: 'wrong_state' })
  expect(readFileSync(join(storeAt, 'points/point_a.manifest'), 'utf8')).toBe('first')
})

test('any tree of files comes back as it was', () =>
  fc.assert(
    fc.asyncProperty(
      fc.dictionary(
        fc.stringMatching(/^[a-c]{1,2}(\/[a-c]{1,2}){0,2}$/),
        fc.oneof(fc.uint8Array({ maxLength: 50 }), fc.constantFrom('link', 'folder')),
        { minKeys: 1, maxKeys: 8 },
      ),
      async (tree) => {
        const { vault, data, root } = await rig()
        for (const [path, what] of Object.entries(tree)) plant(join(data, path), what)
        const before = told(data)
        const [id = ''] = points(await vault.cover(drop, radiusOf(instance())))
        await vault.restoreTo(id, join(root, 'back'))
        expect(told(join(root, 'back'))).toEqual(before)
      },
    ),
    { numRuns: 25 },
  ))

/** Puts a thing where nothing stands in its way; a tree may ask for a file and for a folder of one name. */
function plant(at: string, what: Uint8Array | string): void {
  try {
    mkdirSync(join(at, '..'), { recursive: true })
    if (what === 'folder') mkdirSync(at)
    else if (typeof what === 'string') symlinkSync('../a', at)
    else writeFileSync(at, what, { flag: 'wx' })
    if (what === 'folder') chmodSync(at, 0o750)
  } catch {
    // That name was taken.
  }
}

test('a source is declared by target, type and id', async () => {
  const { data, open } = await rig()
  const sources: readonly Source[] = [{ covers: { ...vi1, type: 'volume', id: 'v1' }, path: data }]
  const vault = await open({ sources })
  const volume = instance({ type: 'volume', id: 'v1' })
  expect(points(await vault.cover(drop, radiusOf(volume, instance())))).toHaveLength(1)
  const two = radiusOf(volume, instance({ type: 'volume', id: 'v2' }), instance())
  expect(why(await vault.cover(drop, two))).toMatch(/declare/)
})

test.each<[string, readonly Partial<Resource>[], RegExp | null, RegExp]>([
  [
    'a table and what hangs on it',
    [{ type: 'table' }, { type: 'view' }, { type: 'index' }, { type: 'tableConstraint' }],
    null,
    /in the act itself/,
  ],
  ['nothing that is named, in a database', [], null, /in the act itself/],
  ['a whole database', [{ type: 'table' }, { type: 'database' }], /of database/, /of database/],
  ['a role', [{ type: 'role' }], /of role/, /of role/],
  ["another's table", [{ type: 'table', target: 'rail' }], /of table/, /of table/],
  ['a table and a volume', [{ type: 'table' }, instance()], null, /in the act itself/],
])('an image is to come for %s, or it is missing at once', async (_, things, foreseen, covered) => {
  const { open } = await rig()
  const none = async (): Promise<never> => await Promise.reject(new Error('nobody asked for one'))
  const vault = await open({ databases: { has: (target) => target === 'db', open: none } })
  const radius = radiusOf(...things.map((thing) => instance({ target: 'db', id: 'x', ...thing })))
  const act = { ...drop, target: 'db' }
  const { missing } = await vault.foresee(act, radius)
  if (foreseen === null) expect(missing).toEqual([])
  else expect(missing.join()).toMatch(foreseen)
  expect(why(await vault.cover(act, radius))).toMatch(covered)
})
