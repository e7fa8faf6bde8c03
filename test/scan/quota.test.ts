/** A flood of harmless or repeated sightings hides nothing, and what was cut is told. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { findUnder } from '../../src/scan/find.ts'
import type { Found, Unreadable } from '../../src/scan/found.ts'
import { findInHistory } from '../../src/scan/history.ts'
import { findStaged } from '../../src/scan/staged.ts'
import { drawn } from './planted.ts'

let root = ''
const git = (...args: readonly string[]): string =>
  execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.com', ...args], {
    cwd: root,
    encoding: 'utf8',
    stdio: 'pipe',
  })
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'firebreak-quota-'))
  git('init', '-q')
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const low = (label: string): string => `${['sk', 'test'].join('_')}_${drawn(label, 24)}`
const worth = (label: string): string => ['ghp', drawn(label, 36)].join('_')
const many = (count: number, line: (at: number) => string): string =>
  Array.from({ length: count }, (_, at) => `${line(at)}\n`).join('')
/** Past the first block of a file. */
const far = `${'x'.repeat(100)}\n`.repeat(15_000)

test.each<[string, string, boolean]>([
  ['repeats of what reaches little', many(1500, () => low('one')), false],
  ['repeats of what reaches much', many(2500, () => worth('one')), false],
  ['repeats over many blocks', `${many(1500, () => worth('one'))}${far}`.repeat(2), false],
  ['many that reach little', many(1500, (at) => low(`low ${at}`)), true],
])('%s hide nothing that follows', async (_, flood, isCut) => {
  writeFileSync(join(root, 'flood.txt'), `${flood}${worth('last')}\n`)
  git('add', 'flood.txt')
  for (const look of [findUnder, findStaged, findInHistory]) {
    const { secrets, left } = await all(look(root))
    expect(secrets).toContain(worth('last'))
    expect(left.length > 0).toBe(isCut)
  }
})

test('what differs and is more than anybody keeps is cut, and that is told', async () => {
  writeFileSync(
    join(root, 'flood.txt'),
    many(1200, (at) => worth(`${at}`)),
  )
  git('add', 'flood.txt')
  for (const look of [findUnder, findStaged, findInHistory]) {
    const { secrets, left } = await all(look(root))
    expect(secrets.length).toBe(1000)
    expect(left).toEqual(['it has 1000 findings or more'])
  }
})

async function all(met: AsyncIterable<Found | Unreadable>): Promise<{
  readonly secrets: readonly string[]
  readonly left: readonly string[]
}> {
  const secrets: string[] = []
  const left: string[] = []
  for await (const each of met)
    if ('unreadable' in each) left.push(each.why)
    else secrets.push(each.secret.reveal())
  return { secrets, left }
}
