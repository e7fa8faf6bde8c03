/** `firebreak scan --watch` as a process: a line for what turns up, comes back and is gone; no secret in any; a signal ends it. */
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { firebreak } from '../run.ts'
import { drawn, uuid } from './planted.ts'

const dir = mkdtempSync(join(tmpdir(), 'firebreak-watch-'))
const [checkout, home] = [join(dir, 'shop'), join(dir, 'home')]
const token = uuid('watched')
const password = drawn('watched', 24)
const bin = join(import.meta.dirname, '../../bin/firebreak')
const env = { PATH: process.env['PATH'] ?? '', HOME: home, NO_COLOR: '1' }

beforeAll(() => {
  mkdirSync(join(checkout, 'src'), { recursive: true })
  mkdirSync(home)
  writeFileSync(join(checkout, 'README.md'), '# shop\n')
  symlinkSync(checkout, join(checkout, 'src/self'))
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

interface Watching {
  /** The next line that it says, on either way. */
  readonly line: () => Promise<string>
  /** Ends it; gives the exit code. */
  readonly end: () => Promise<number | null>
}

function watching(...args: readonly string[]): Watching {
  const child = spawn(process.execPath, [bin, 'scan', checkout, '--watch', ...args], {
    env,
    cwd: dir,
  })
  const lines: string[] = []
  let heard: (() => void) | null = null
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on('line', (line) => {
      expect(line.includes(token) || line.includes(password)).toBe(false)
      lines.push(line)
      heard?.()
    })
  return {
    line: async () => {
      while (lines.length === 0) await new Promise<void>((resolve) => (heard = resolve))
      return lines.shift() ?? ''
    },
    end: async () =>
      await new Promise((resolve) => {
        child.on('exit', resolve)
        child.kill('SIGINT')
      }),
  }
}

test('a line for what turns up in the checkout or the home, is gone and comes back', async () => {
  const own = watching()
  expect(await own.line()).toMatch(/^watching .*: 1 files, 0 credentials there already/)
  const file = join(checkout, 'src/domains.sh')
  writeFileSync(file, `#!/bin/sh\nRAILWAY_TOKEN=${token}\n`)
  const came = await own.line()
  expect(came).toMatch(
    /^NEW {2}src\/domains\.sh:2 {2}railway {2}RAILWAY_TOKEN {2}\S+ {2}id railway-token-/,
  )
  writeFileSync(file, '#!/bin/sh\n')
  expect(await own.line()).toMatch(/^gone {2}src\/domains\.sh:2 /)
  // A folder that is made and filled at once; nobody watched it before.
  mkdirSync(join(checkout, 'deep/er'), { recursive: true })
  writeFileSync(join(checkout, 'deep/er/domains.sh'), `RAILWAY_TOKEN=${token}\n`)
  expect(await own.line()).toMatch(/^BACK {2}deep\/er\/domains\.sh:1 /)
  writeFileSync(join(home, '.pgpass'), `db.kestrel-rentals.io:5432:shop:app:${password}\n`)
  expect(await own.line()).toMatch(/^NEW {2}~\/\.pgpass:1 {2}postgres /)
  rmSync(join(checkout, 'deep'), { recursive: true })
  expect(await own.line()).toMatch(/^gone {2}deep\/er\/domains\.sh:1 /)
  expect(await own.end()).toBe(0)
  rmSync(join(home, '.pgpass'))
}, 60_000)

test('`--json`: a line of JSON for each; what is accepted is not told', async () => {
  const file = join(checkout, '.env')
  writeFileSync(file, `RAILWAY_TOKEN=${token}\n`)
  const only = ['--only', 'checkout']
  const id = /id (railway-token-\w+)/.exec(
    await firebreak(['scan', checkout, ...only], { env }),
  )?.[1]
  await firebreak(['scan', checkout, ...only, '--accept', id ?? '', '--reason', 'dead'], { env })
  writeFileSync(file, '')
  const own = watching('--json', '--quiet', ...only)
  expect(JSON.parse(await own.line())).toMatchObject({ event: 'watching', credentials: 0 })
  writeFileSync(
    file,
    `RAILWAY_TOKEN=${token}\nDATABASE_URL=postgres://app:${password}@db.kestrel-rentals.io/shop\n`,
  )
  expect(JSON.parse(await own.line())).toMatchObject({
    event: 'came',
    rule: 'postgres-url',
    provider: 'postgres',
    weight: 'infrastructure',
    places: [{ source: 'checkout', at: { file: '.env', line: 2 } }],
  })
  expect(await own.end()).toBe(0)
}, 60_000)

test.each([
  [['--live'], 'leave `--live` out'],
  [['--staged'], 'leave `--staged` out'],
  [['--only', 'history'], 'not at `history`'],
  [['another'], 'one folder at a time'],
])('%j with --watch is a slip', async (args, said) => {
  const out = await firebreak(['scan', checkout, '--watch', ...args], { env })
  expect(out).toContain(said)
  expect(out).toContain('exit 2')
})

test('a folder that is not there is a slip', async () => {
  const out = await firebreak(['scan', join(dir, 'nowhere'), '--watch'], { env })
  expect(out).toContain('is no folder')
  expect(out).toContain('exit 2')
})
