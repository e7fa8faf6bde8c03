/** A folder, a real restic repository, and a vault between them. */
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  chmodSync,
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
import type { Action } from '../../src/core/action.ts'
import { noRadius } from '../../src/core/blast-radius.ts'
import type { BlastRadius } from '../../src/core/blast-radius.ts'
import { Secret } from '../../src/base/secret.ts'
import { openSqlite } from '../../src/store/sqlite.ts'
import { openBox } from '../../src/vault/box.ts'
import type { Box } from '../../src/vault/box.ts'
import type { VaultParts } from '../../src/vault/parts.ts'
import { openDiskStore } from '../../src/vault/store-disk.ts'
import { openVault } from '../../src/vault/vault.ts'
import { initCheaply } from './restic-key.ts'
import type { OpenVault } from '../../src/vault/vault.ts'

export const volume = { target: 'rail', type: 'volumeInstance', id: 'vi1' }
export const secret = 'correct horse battery staple'
export const vaultKey = new Uint8Array(32).fill(1)

export interface Ground {
  readonly root: string
  readonly data: string
  readonly repository: string
  readonly box: Box
  readonly vault: OpenVault
  /** Another vault over the same folders. */
  readonly open: (more: Partial<VaultParts>) => OpenVault
  readonly close: () => void
}

/** The owner's own restic, with the owner's password. */
export function ownersRestic(repository: string, ...args: readonly string[]): string {
  return execFileSync('restic', ['-r', repository, '--no-cache', ...args], {
    encoding: 'utf8',
    env: { ...process.env, RESTIC_PASSWORD: secret },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

export async function openGround(at = 'repository'): Promise<Ground> {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'firebreak-restic-')))
  const data = join(root, 'data')
  fillOddly(data)
  const repository = join(root, at)
  initCheaply(repository, secret)
  const state = openSqlite(':memory:')
  const store = await openDiskStore(join(root, 'vault'), randomBytes, 1_700_000_000_000)
  const box = openBox(store, vaultKey, randomBytes)
  let now = 1_700_000_000_000
  const open: Ground['open'] = (more) =>
    openVault({
      box,
      sources: [{ covers: volume, path: data, repository }],
      links: [],
      storeOn: [],
      minimum: 'V1',
      state,
      note: async () => await Promise.resolve(),
      clock: { now: () => (now += 1), steady: () => now },
      chance: randomBytes,
      progress: () => undefined,
      restic: openedBy(secret),
      ...more,
    })
  const close = (): void => {
    state.close()
    rmSync(root, { recursive: true, force: true })
  }
  return { root, data, repository, box, open, vault: open({}), close }
}

/** What custody would give for every repository. */
export function openedBy(password: string): NonNullable<VaultParts['restic']> {
  return {
    access: async ({ repository }) =>
      await Promise.resolve({ repository, password: new Secret(password), credential: null }),
  }
}

/** Names, kinds and modes that a copy gets wrong. */
function fillOddly(data: string): void {
  mkdirSync(join(data, 'deep/er'), { recursive: true })
  mkdirSync(join(data, 'empty'))
  mkdirSync(join(data, 'd'.repeat(120), 'e'.repeat(120), 'f'.repeat(120)), { recursive: true })
  const long = join(data, 'd'.repeat(120), 'e'.repeat(120), 'f'.repeat(120), 'g'.repeat(200))
  writeFileSync(long, 'a long name')
  writeFileSync(join(data, 'deep/er/bookings'), 'three cars until Monday\n', { mode: 0o640 })
  writeFileSync(join(data, 'deep/same'), 'three cars until Monday\n')
  writeFileSync(join(data, 'nothing'), '')
  writeFileSync(join(data, '-o'), 'no option')
  writeFileSync(join(data, 'two\nlines'), 'x')
  writeFileSync(join(data, 'ü "quoted" *'), 'y')
  writeFileSync(Buffer.concat([Buffer.from(`${data}/no-utf8-`), Buffer.from([0xff])]), 'z')
  writeFileSync(join(data, 'large'), randomBytes(3_000_000), { mode: 0o600 })
  writeFileSync(join(data, 'of-whom'), 'set')
  chmodSync(join(data, 'of-whom'), 0o4755)
  symlinkSync('deep/er/bookings', join(data, 'current'))
  symlinkSync('t'.repeat(300), join(data, 'dangling'))
  symlinkSync(Buffer.from([0x74, 0xff]), join(data, 'bytes'))
  execFileSync('mkfifo', [join(data, 'pipe')])
  utimesSync(join(data, 'large'), 1_600_000_000, 1_600_000_000.5)
  chmodSync(join(data, 'empty'), 0o511)
}

/** All that a restore must bring back, pipes aside. */
export function listing(folder: string): readonly string[] {
  return below(Buffer.from(folder)).map((line) => line.slice(folder.length))
}

function below(folder: Buffer): readonly string[] {
  return readdirSync(folder, { encoding: 'buffer' })
    .map((name) => Buffer.concat([folder, Buffer.from('/'), name]))
    .toSorted((a, b) => Buffer.compare(a, b))
    .flatMap((at) => {
      const is = lstatSync(at)
      if (is.isFIFO()) return []
      const to = is.isSymbolicLink() ? readlinkSync(at, { encoding: 'buffer' }) : null
      const content = is.isFile() ? readFileSync(at) : to
      const told = [is.mode, is.uid, is.gid, Math.round(is.mtimeMs), content?.toString('base64')]
      const line = `${at.toString('latin1')} ${told.join(' ')}`
      return is.isDirectory() ? [line, ...below(at)] : [line]
    })
}

export const drop: Action = {
  principal: 'agent:a',
  root: 'g1',
  target: 'rail',
  key: null,
  operations: [
    {
      name: 'volumeDelete',
      effect: 'destroy',
      kinds: ['data'],
      parameters: {},
      shown: {},
      selects: null,
      names: [],
      environments: [],
      findings: [],
      alternatives: [],
    },
  ],
}

export const radius: BlastRadius = {
  ...noRadius,
  environments: ['prod'],
  resources: [{ ...volume, name: 'pgdata', environment: 'prod', bytes: null, protects: null }],
}
