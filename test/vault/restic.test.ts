/** Points whose content the owner's restic keeps: real repositories, damaged, forgotten, locked and led astray. */
import { spawn, execFileSync } from 'node:child_process'
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { restoreCluster } from '../../src/app/alone.ts'
import type { Covered } from '../../src/guard/ports.ts'
import { openManifest } from '../../src/vault/point.ts'
import {
  drop,
  listing,
  openGround,
  openedBy,
  ownersRestic,
  radius,
  secret,
  volume,
} from './restic-ground.ts'
import type { Ground } from './restic-ground.ts'

const grounds: Ground[] = []
afterEach(() => {
  for (const ground of grounds.splice(0)) ground.close()
})

async function ground(at?: string): Promise<Ground> {
  const opened = await openGround(at)
  grounds.push(opened)
  return opened
}

function idOf(covered: Covered): string {
  expect(covered).toMatchObject({ kind: 'covered' })
  return covered.kind === 'covered' ? (covered.points[0]?.id ?? '') : ''
}

function why(covered: Covered): string {
  return covered.kind === 'missing' ? covered.why.join('; ') : 'covered'
}

function snapshots({ repository }: Ground): number {
  const listed: unknown = JSON.parse(ownersRestic(repository, 'snapshots', '--json'))
  return Array.isArray(listed) ? listed.length : -1
}

/** Another byte in each pack of the repository that is larger than so much. */
function damage({ repository }: Ground, above: number): void {
  const files = readdirSync(join(repository, 'data'), { recursive: true, withFileTypes: true })
  for (const { parentPath, name } of files.filter((one) => one.isFile())) {
    const file = join(parentPath, name)
    const bytes = readFileSync(file)
    if (bytes.length < above) continue
    const at = bytes.length >> 1
    bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at)
    chmodSync(file, 0o600)
    writeFileSync(file, bytes)
  }
}

test('a point is taken, read back out of the repository, and comes back as it was; the same content is kept once', async () => {
  const it = await ground()
  const before = listing(it.data)
  const covered = await it.vault.cover(drop, radius)
  const id = idOf(covered)
  expect(covered).toMatchObject({ points: [{ engine: 'restic', grade: 'V1', covers: [volume] }] })
  expect(await it.vault.inspect(id)).toMatchObject({ whole: true })
  expect(await it.vault.verify(id)).toBe(true)
  expect(idOf(await it.vault.cover(drop, radius))).toBe(id)
  expect(snapshots(it)).toBe(1)
  renameSync(it.data, `${it.data}-gone`)
  expect(await it.vault.restore(id)).toMatch(/^\d+ files, .*1 pipes, sockets or devices were not/)
  expect(listing(it.data)).toEqual(before)
  // None of it lies in the vault's own store.
  expect(readdirSync(join(it.root, 'vault/objects'))).toEqual([])
  await expect(it.vault.restore(id)).rejects.toThrow('nothing is restored over living files')
})

test('only what is new goes to the repository, as a snapshot that its owner finds', async () => {
  const it = await ground()
  await it.vault.cover(drop, radius)
  writeFileSync(join(it.data, 'nothing'), 'a car more')
  const id = idOf(await it.vault.cover(drop, radius))
  expect(snapshots(it)).toBe(2)
  const found: unknown = JSON.parse(
    ownersRestic(it.repository, 'snapshots', '--json', '--tag', `firebreak,${id}`),
  )
  expect(found).toMatchObject([{ hostname: 'firebreak', paths: [it.data] }])
  expect(await it.vault.verify(id)).toBe(true)
})

test('a damaged pack is found, the path named, and nothing restored; a file that is cut off too', async () => {
  const it = await ground()
  const id = idOf(await it.vault.cover(drop, radius))
  damage(it, 1_000_000)
  expect(await it.vault.inspect(id)).toMatchObject({
    whole: false,
    wrong: '`large` is damaged or missing',
  })
  await expect(it.vault.restoreTo(id, join(it.root, 'back'))).rejects.toThrow(
    '`large` is damaged or missing in the repository',
  )
  expect(existsSync(join(it.root, 'back'))).toBe(false)
  // restic takes the damaged blob for the content: what counts is what comes back.
  expect(why(await it.vault.cover(drop, radius))).toContain('not what was copied, at `large`')
})

test('a damaged tree is no empty folder', async () => {
  const it = await ground()
  const id = idOf(await it.vault.cover(drop, radius))
  damage(it, 0)
  expect(await it.vault.inspect(id)).toMatchObject({ whole: false })
})

test('a snapshot that was forgotten behind our back is named, and a new one is taken', async () => {
  const it = await ground()
  const id = idOf(await it.vault.cover(drop, radius))
  ownersRestic(it.repository, 'forget', '--prune', snapshotOf(it))
  const inspected = await it.vault.inspect(id)
  expect(inspected).toMatchObject({ whole: false })
  expect(inspected.wrong).toMatch(/snapshot [0-9a-f]{8} of .*repository. is damaged or missing/)
  const next = idOf(await it.vault.cover(drop, radius))
  expect(next).not.toBe(id)
  expect(await it.vault.verify(next)).toBe(true)
})

function snapshotOf({ repository }: Ground): string {
  const listed: unknown = JSON.parse(ownersRestic(repository, 'snapshots', '--json'))
  return Array.isArray(listed) ? String(Reflect.get(Object(listed[0]), 'id')) : ''
}

test('a wrong password and a repository that is away say so, and say nothing about the point', async () => {
  const it = await ground()
  const id = idOf(await it.vault.cover(drop, radius))
  const wrong = it.open({ restic: openedBy('no such word') })
  await expect(wrong.inspect(id)).rejects.toThrow('does not open the restic repository')
  expect(why(await wrong.cover(drop, radius))).toMatch(
    /password does not open .*firebreak custody add/,
  )
  renameSync(it.repository, `${it.repository}-away`)
  await expect(it.vault.inspect(id)).rejects.toThrow('there is no restic repository at')
  expect(why(await it.vault.cover(drop, radius))).toMatch(/no restic repository .*`restic init`/)
  mkdirSync(it.repository)
  expect(why(await it.vault.cover(drop, radius))).toMatch(/no restic repository .*`restic init`/)
  expect(readdirSync(it.repository)).toEqual([])
  rmSync(it.repository, { recursive: true })
  renameSync(`${it.repository}-away`, it.repository)
  expect(await it.vault.inspect(id)).toMatchObject({ whole: true })
})

test('without restic it is refused, before anything is read', async () => {
  const it = await ground()
  const without = it.open({ restic: { ...openedBy(secret), folders: [join(it.root, 'vault')] } })
  expect((await without.foresee(drop, radius)).missing.join()).toContain('apt install restic')
  expect(why(await without.cover(drop, radius))).toContain('restic is not installed here')
})

test('a repository that somebody has locked is waited for, then told; it is read all the same, and unlocked by nobody', async () => {
  const it = await ground()
  const id = idOf(await it.vault.cover(drop, radius))
  await leaveLock(it)
  const locks = readdirSync(join(it.repository, 'locks'))
  expect(locks).toHaveLength(1)
  writeFileSync(join(it.data, 'nothing'), 'new')
  const hurried = it.open({ limits: { maxMs: 4000, maxBytes: 1e9, maxEntries: 1000 } })
  expect(why(await hurried.cover(drop, radius))).toMatch(
    /is locked by somebody else.*restic unlock/,
  )
  expect(await it.vault.verify(id)).toBe(true)
  expect(readdirSync(join(it.repository, 'locks'))).toEqual(locks)
}, 30_000)

/** A `restic check` that dies holds its lock for good. */
async function leaveLock({ repository }: Ground): Promise<void> {
  const child = spawn('restic', ['-r', repository, '--no-cache', 'check', '--read-data'], {
    env: { ...process.env, RESTIC_PASSWORD: secret },
    stdio: 'ignore',
  })
  const gone = new Promise((resolve) => child.once('exit', resolve))
  await expect
    .poll(() => readdirSync(join(repository, 'locks')), { interval: 1, timeout: 20_000 })
    .toEqual([expect.stringMatching(/^[0-9a-f]{64}$/)])
  child.kill('SIGKILL')
  await gone
}

test('a repository in the folder that it saves, also through a link, is no way back', async () => {
  const it = await ground('data/repository')
  expect(why(await it.vault.cover(drop, radius))).toMatch(
    /restic repository .* lies inside the blast radius/,
  )
  symlinkSync(it.repository, join(it.root, 'elsewhere'))
  const linked = it.open({
    sources: [{ covers: volume, path: it.data, repository: join(it.root, 'elsewhere') }],
  })
  expect(why(await linked.cover(drop, radius))).toContain('lies inside the blast radius')
})

test('a repository on a volume that goes with it is no way back, and a point there goes with that volume', async () => {
  const it = await ground()
  const backups = { ...volume, id: 'vi2' }
  const sources = [
    { covers: volume, path: it.data, repository: it.repository },
    { covers: backups, path: it.repository },
  ]
  const vault = it.open({ sources })
  const both = {
    ...radius,
    resources: [...radius.resources, ...radius.resources.map((one) => ({ ...one, ...backups }))],
  }
  expect(why(await vault.cover(drop, both))).toContain(
    'inside the blast radius, with `rail/volumeInstance/vi2`',
  )
  idOf(await vault.cover(drop, radius))
  expect((await vault.foresee(drop, radius)).points).toHaveLength(1)
  expect((await vault.foresee(drop, both)).points).toEqual([])
})

test('more than V1 is never claimed for it', async () => {
  const it = await ground()
  const high = it.open({ minimum: 'V3' })
  expect(why(await high.cover(drop, radius))).toMatch(/V3 is asked for/)
  const offsite = {
    place: 's3://b',
    grade: () => 'V5' as const,
    copy: async () => await Promise.resolve(Infinity),
    extend: async () => await Promise.resolve(Infinity),
    there: async () => await Promise.resolve(new Set<string>()),
    look: async () => await Promise.resolve(),
    tail: async () => await Promise.resolve(),
    manifest: async () => await Promise.resolve(null),
  }
  const beside = it.open({ minimum: 'V3', offsite })
  expect(why(await beside.cover(drop, radius))).toMatch(/grade V1, since its password can forget/)
  expect((await beside.foresee(drop, radius)).missing.join()).toContain('grade V1')
})

test('a folder that is written to while restic reads it is of no one moment', async () => {
  const it = await ground()
  const writer = setInterval(() => appendFileSync(join(it.data, 'nothing'), 'x'), 1)
  try {
    expect(why(await it.vault.cover(drop, radius))).toContain('was written to while it was copied')
  } finally {
    clearInterval(writer)
  }
})

test('with the store and its key alone it comes back by the password in the manifest', async () => {
  const it = await ground()
  const before = listing(it.data)
  const id = idOf(await it.vault.cover(drop, radius))
  const alone = { box: it.box, store: join(it.root, 'vault'), machine: null, said: [] }
  const folder = join(it.root, 'back')
  const until = { time: null, lsn: null, name: null }
  expect(await restoreCluster(alone, { id, folder, until })).toMatchObject([/\d+ files/])
  expect(listing(folder)).toEqual(before)
  expect(await openManifest(it.box, id)).toMatchObject({ engine: 'restic', password: secret })
  // What is told of it tells no password.
  expect(JSON.stringify(await it.vault.list())).not.toContain(secret)
})

test("restic gets the password by a pipe, nothing of the daemon's environment, and no option from a path", async () => {
  const it = await ground()
  const bin = join(it.root, 'bin')
  const log = join(it.root, 'log')
  mkdirSync(bin)
  const real = execFileSync('which', ['restic'], { encoding: 'utf8' }).trim()
  writeFileSync(
    join(bin, 'restic'),
    `#!/bin/sh\ntr '\\0' '\\n' < /proc/$$/environ >> ${log}\nprintf 'arg %s\\n' "$@" >> ${log}\nexec ${real} "$@"\n`,
    { mode: 0o755 },
  )
  const path = join(it.root, '--exclude=large')
  renameSync(it.data, path)
  process.env['RESTIC_PASSWORD_COMMAND'] = 'false'
  process.env['AWS_SECRET_ACCESS_KEY'] = 'of the daemon'
  try {
    const vault = it.open({
      sources: [{ covers: volume, path, repository: it.repository }],
      restic: { ...openedBy(secret), folders: [bin] },
    })
    const id = idOf(await vault.cover(drop, radius))
    expect(await vault.verify(id)).toBe(true)
  } finally {
    delete process.env['RESTIC_PASSWORD_COMMAND']
    delete process.env['AWS_SECRET_ACCESS_KEY']
  }
  const told = readFileSync(log, 'utf8')
  expect(told).not.toContain(secret)
  const names = told.split('\n').flatMap((line) => /^([A-Z_]+)=/.exec(line)?.[1] ?? [])
  expect(
    [...new Set(names)]
      .filter((name) => !['PWD', '_', 'SHLVL', 'OLDPWD'].includes(name))
      .toSorted(),
  ).toEqual(['LC_ALL', 'PATH', 'RESTIC_REPOSITORY'])
  const commands = [...told.matchAll(/^arg (version|backup|snapshots|dump)$/gm)].map(
    ([, one]) => one,
  )
  expect(new Set(commands)).toEqual(new Set(['backup', 'dump', 'snapshots', 'version']))
})
