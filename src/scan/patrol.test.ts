/** A patrol of a folder: what came, went and came back, and that only what has changed is read. */
import { usualBounds } from './file.ts'
import {
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openPatrol } from './patrol.ts'
import type { Round } from './patrol.ts'
import { walk } from './walk.ts'

let dir: string
let look: () => Promise<Round>

const token = (letter: string): string => ['ghp', letter.repeat(4).padEnd(36, 'aB3dE5')].join('_')
const put = (name: string, text: string): void => writeFileSync(join(dir, name), text)
const kinds = ({ changes }: Round): readonly string[] =>
  changes.map(({ kind, found }) => `${kind} ${found.at.file}`)

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'firebreak-patrol-'))
  mkdirSync(join(dir, 'src'))
  put('src/a.ts', 'export const a = 1\n')
  look = openPatrol([{ source: 'checkout', steps: () => walk(dir, () => false) }], {
    salt: 's'.repeat(16),
    bounds: { ...usualBounds, maxFileBytes: 1024 * 1024 },
    passes: () => true,
    // Every file is old enough to be read once.
    now: () => Date.now() + 10_000,
  })
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

test('what came, went and came back, by its id', async () => {
  put('.env', `TOKEN=${token('q')}\n`)
  expect(kinds(await look())).toEqual(['came .env'])
  expect(kinds(await look())).toEqual([])
  put('.env', 'TOKEN=\n')
  expect(kinds(await look())).toEqual(['gone .env'])
  put('src/b.ts', `\n\nconst t = '${token('q')}'\n`)
  expect(kinds(await look())).toEqual(['back src/b.ts'])
  put('src/b.ts', `\n\nconst t = '${token('w')}'\n`)
  expect(kinds(await look())).toEqual(['gone src/b.ts', 'came src/b.ts'])
})

test('a secret that moves, or stands in a second place, is the same one', async () => {
  put('.env', `TOKEN=${token('q')}\n`)
  await look()
  renameSync(join(dir, '.env'), join(dir, 'src/.env'))
  expect(kinds(await look())).toEqual([])
  put('copy', `TOKEN=${token('q')}\n`)
  expect(kinds(await look())).toEqual([])
  unlinkSync(join(dir, 'src/.env'))
  expect(kinds(await look())).toEqual([])
})

test('only what has changed is read, and a folder that is moved in is read whole', async () => {
  for (let at = 0; at < 50; at++) put(`src/${at}.ts`, `export const n = ${at}\n`)
  const other = mkdtempSync(join(tmpdir(), 'firebreak-patrol-other-'))
  writeFileSync(join(other, 'old.env'), `TOKEN=${token('q')}\n`)
  expect(await look()).toMatchObject({ files: 51, read: 51 })
  expect(await look()).toMatchObject({ files: 51, read: 0 })
  put('src/7.ts', 'export const n = 70\n')
  expect(await look()).toMatchObject({ files: 51, read: 1 })
  renameSync(other, join(dir, 'in'))
  expect(await look()).toMatchObject({ files: 52, read: 1, changes: [{ kind: 'came' }] })
})

test('a file that was written a moment ago is read once more', async () => {
  const now = openPatrol([{ source: 'checkout', steps: () => walk(dir, () => false) }], {
    salt: '',
    bounds: { ...usualBounds, maxFileBytes: 1024 },
    passes: () => true,
    now: () => 0,
  })
  await now()
  expect(await now()).toMatchObject({ files: 1, read: 1 })
})

test('links in a circle, a folder that is gone and a flood keep nobody', async () => {
  symlinkSync(dir, join(dir, 'src/up'))
  symlinkSync('nowhere', join(dir, 'src/nothing'))
  put('src/c.env', `TOKEN=${token('q')}\n`)
  expect(kinds(await look())).toEqual(['came src/c.env'])
  for (let round = 0; round < 5; round++)
    for (let at = 0; at < 200; at++) put(`src/${at}`, `${round} ${at}\n`)
  expect(await look()).toMatchObject({ changes: [], read: 200 })
  rmSync(dir, { recursive: true })
  const gone = await look()
  expect(kinds(gone)).toEqual(['gone src/c.env'])
  expect(gone.lost.join()).toContain('ENOENT')
  mkdirSync(join(dir, 'src'), { recursive: true })
  put('src/c.env', `TOKEN=${token('q')}\n`)
  expect(kinds(await look())).toEqual(['back src/c.env'])
})

test('what reaches little or stands in many files hides nothing that comes, and what is too much is told', async () => {
  const patrol = openPatrol([{ source: 'checkout', steps: () => walk(dir, () => false) }], {
    salt: '',
    bounds: usualBounds,
    passes: () => true,
    now: () => Date.now() + 10_000,
    most: 3,
  })
  const low = ['sk', 'test', 'aB3dE5fG7hJ9kL2mN4pQ6rS8'].join('_')
  for (let at = 0; at < 5; at++) put(`a${at}`, `${low}\n`)
  const first = await patrol()
  expect(first.lost[0]).toContain('more findings than 3')
  for (const letter of ['q', 'w', 'x', 'y']) {
    put(`z${letter}`, `${token(letter)}\n`)
    const { changes, lost } = await patrol()
    expect(changes.map(({ found }) => found.at.file)).toEqual(letter === 'y' ? [] : [`z${letter}`])
    expect(lost).toHaveLength(1)
  }
})
