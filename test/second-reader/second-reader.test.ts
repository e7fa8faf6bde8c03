/** A second reader in another language, sharing no code, comes to the same end about exports, receipts and vectors. */
import { spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { exportLedger } from '../../src/ledger/export.ts'
import { leafOf } from '../../src/ledger/leaf.ts'
import { receiptOf } from '../../src/ledger/receipt.ts'
import { bundleOf, readBundle } from '../../src/ledger/tiles.ts'
import { adopt, witness } from '../../src/ledger/witness.ts'
import {
  entry,
  ledgerOfSize,
  signer,
  verifier,
  witnessKey,
  witnessSigner,
} from '../ledger/memory-rows.ts'
import { vectors } from '../ledger/vectors.ts'
import type { Vector } from '../ledger/vectors.ts'

const gopath = '/usr/share/gocode'
const packages = 'install the Debian packages `golang-go` and `golang-golang-x-mod-dev`'
const folder = mkdtempSync(join(tmpdir(), 'firebreak-second-reader-'))
const binary = join(folder, 'second-reader')

// Without Go this fails and does not skip: the promise that others can check is not kept by a test that did not run.
beforeAll(() => {
  if (!existsSync(join(gopath, 'src/golang.org/x/mod/sumdb/tlog')))
    throw new Error(`the second reader cannot be built: no golang.org/x/mod; ${packages}`)
  const built = spawnSync('go', ['build', '-o', binary, join(import.meta.dirname, 'main.go')], {
    env: {
      ...process.env,
      GO111MODULE: 'off',
      GOPATH: gopath,
      GOFLAGS: '',
      CGO_ENABLED: '0',
      GOCACHE: join(tmpdir(), 'firebreak-go-cache'),
    },
    encoding: 'utf8',
  })
  if (built.error !== undefined)
    throw new Error(`the second reader cannot be built: no \`go\`; ${packages}`)
  if (built.status !== 0)
    throw new Error(`the second reader cannot be built: ${built.stderr}; ${packages}`)
}, 300_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const run = (
  ...args: readonly string[]
): { readonly status: number | null; readonly said: string } => {
  const { status, stdout, stderr } = spawnSync(binary, args, { encoding: 'utf8' })
  return { status, said: `${stdout}${stderr}`.trim() }
}

let made = 0
const place = (): string => join(folder, String((made += 1)))

async function exported(size: number): Promise<string> {
  const dir = place()
  await exportLedger(await ledgerOfSize(size), async (path, bytes) => {
    mkdirSync(dirname(join(dir, path)), { recursive: true })
    writeFileSync(join(dir, path), bytes)
  })
  return dir
}

function written(text: string): string {
  const file = place()
  writeFileSync(file, text)
  return file
}

describe('exports', () => {
  test.each([1, 2, 255, 256, 257, 600])('an export of %i entries is as signed', async (size) => {
    const { status, said } = run('export', await exported(size), signer.verifier)
    expect(said).toContain(`${size} entries`)
    expect(status).toBe(0)
  })

  const edit =
    (change: (leaves: readonly Uint8Array[]) => readonly Uint8Array[]) => (dir: string) => {
      const file = join(dir, 'tile/entries/000.p/23')
      writeFileSync(file, bundleOf(change(readBundle(readFileSync(file)) ?? [])))
    }
  const flip = (path: string, at: number) => (dir: string) => {
    const bytes = readFileSync(join(dir, path))
    bytes.writeUInt8((bytes.at(at) ?? 0) ^ 1, at < 0 ? bytes.length + at : at)
    writeFileSync(join(dir, path), bytes)
  }
  test.each<[string, (dir: string) => void]>([
    ['a changed entry', edit((all) => all.with(7, leafOf(entry(70))))],
    ['a dropped entry', edit((all) => all.toSpliced(7, 1))],
    ['an entry put in', edit((all) => all.toSpliced(7, 0, leafOf(entry(70))))],
    [
      'two entries swapped',
      edit((all) => [all[1], all[0], ...all.slice(2)].filter((leaf) => leaf !== undefined)),
    ],
    ['a flipped bit in an entry', flip('tile/entries/000.p/23', -3)],
    ['a flipped bit in a tile', flip('tile/0/000.p/23', 100)],
    ['a flipped bit in the checkpoint', flip('checkpoint', 30)],
    ['no tile', (dir) => rmSync(join(dir, 'tile/0'), { recursive: true })],
    ['no entries', (dir) => rmSync(join(dir, 'tile/entries'), { recursive: true })],
    ['no checkpoint', (dir) => rmSync(join(dir, 'checkpoint'))],
  ])('an export with %s is not', async (_, tamper) => {
    const dir = await exported(23)
    const copy = place()
    cpSync(dir, copy, { recursive: true })
    tamper(copy)
    expect(run('export', dir, signer.verifier).status).toBe(0)
    expect(run('export', copy, signer.verifier).status).toBe(4)
  })

  test('an export is not that of another key', async () => {
    const [, , vector] = vectors[0] ?? []
    expect(run('export', await exported(3), vector?.verifierKey ?? '').status).toBe(4)
  })
})

describe('receipts', () => {
  test('every receipt is proved, also with the cosignature of a witness', async () => {
    const log = await ledgerOfSize(23)
    const clock = { now: () => 1_790_000_000_000, steady: () => 0 }
    const seen = await witness({ log, verifier, signer: witnessSigner, seen: null, clock })
    await adopt(log, seen.kind === 'cosigned' ? seen.note : '', verifier, [witnessKey])
    for (const index of [0, 7, 15, 16, 22]) {
      const file = written(await receiptOf(log, index))
      expect(run('proof', file, signer.verifier)).toEqual({
        status: 0,
        said: `entry ${index} of 23 is proved`,
      })
      expect(run('proof', file, signer.verifier, witnessSigner.verifier).status).toBe(0)
    }
  })

  test.each<[string, (receipt: string) => string]>([
    ['another index', (text) => text.replace('index 7', 'index 6')],
    [
      'another entry',
      (text) =>
        text.replace(/extra .*/, `extra ${Buffer.from(leafOf(entry(8))).toString('base64')}`),
    ],
    ['another size', (text) => text.replace('\n23\n', '\n24\n')],
    ['a hash less', (text) => text.split('\n').toSpliced(4, 1).join('\n')],
    ['no witness where one is asked for', (text) => text],
  ])('a receipt with %s is not', async (_, tamper) => {
    const file = written(tamper(await receiptOf(await ledgerOfSize(23), 7)))
    expect(run('proof', file, signer.verifier, witnessSigner.verifier).status).toBe(4)
  })
})

describe('golden vectors', () => {
  test.each(vectors)('%s holds', (_, file) => {
    expect(run('vector', file)).toMatchObject({ status: 0, said: expect.stringMatching(/ hold$/) })
  })

  const letter = (text: string): string => `${text.startsWith('A') ? 'B' : 'A'}${text.slice(1)}`
  const changes: readonly (readonly [string, (vector: Vector) => Partial<Vector>])[] = [
    ['a leaf', ({ leaves }) => ({ leaves: leaves.map((leaf) => leaf.replace('"v":1', '"v":1 ')) })],
    ['a leaf less', ({ leaves }) => ({ leaves: leaves.slice(0, -1) })],
    ['the root', ({ root }) => ({ root: letter(root) })],
    [
      'the checkpoint',
      ({ checkpoint }) => ({ checkpoint: checkpoint.replace('firebreak', 'firebreaK') }),
    ],
    [
      'a receipt',
      ({ receipts }) => ({
        receipts: { ...receipts, 0: (receipts[0] ?? '').replace('index 0', 'index 1') },
      }),
    ],
    [
      'a consistency proof',
      ({ consistency }) => ({
        consistency: consistency.map((one) => ({ ...one, root: letter(one.root) })),
      }),
    ],
    [
      'the cosignature',
      ({ witness: one, checkpoint }) => ({ witness: { ...one, cosigned: checkpoint } }),
    ],
    ['the commitment', ({ commitment }) => ({ commitment: { ...commitment, value: 'eve' } })],
  ]
  test.each(changes)('with %s changed, no vector holds', (_, change) => {
    for (const [, , vector] of vectors) {
      const text = JSON.stringify({ ...vector, ...change(vector) })
      expect(run('vector', written(text)).status).toBe(4)
    }
  })
})

test('arguments that make no sense are told from broken ledgers', () => {
  expect(run('what').status).toBe(2)
  expect(run().status).toBe(2)
})
