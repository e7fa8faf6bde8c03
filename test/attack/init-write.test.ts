/** The files of a set-up, before whoever may write in the same folders: what is written is what was shown, and nobody else reads it. */
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openPlace } from '../../src/app/hosts/place.ts'
import { readConfig } from '../../src/app/config.ts'
import { textOf, writeAll } from '../../src/app/setup/write.ts'

let dir: string
const at = (name: string): string => join(dir, name)
beforeEach(() => {
  dir = realpathSync(mkdtempSync(join(tmpdir(), 'firebreak-write-')))
  writeFileSync(at('one'), 'was\n')
  mkdirSync(at('sub'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const one = (): Parameters<typeof writeAll>[0][number] => ({
  path: at('one'),
  before: 'was\n',
  after: 'is\n',
})
/** All that lies in the folder, with what it says. */
const all = (): Readonly<Record<string, string>> =>
  Object.fromEntries(
    readdirSync(dir)
      .filter((name) => statSync(at(name)).isFile())
      .map((name) => [name, readFileSync(at(name), 'utf8')]),
  )

test.each([0o600, 0o640, 0o400, 0o755])('a file keeps its mode: %o', (mode) => {
  chmodSync(at('one'), mode)
  writeAll([one()])
  expect([statSync(at('one')).mode & 0o777, all()]).toEqual([mode, { one: 'is\n' }])
})

test.runIf(process.getuid?.() === 0)('a file keeps its owner, also where root writes it', () => {
  chownSync(at('one'), 59_001, 59_002)
  writeAll([one()])
  const { uid, gid } = statSync(at('one'))
  expect([uid, gid]).toEqual([59_001, 59_002])
})

test.each<[string, () => void, RegExp]>([
  ['changed since', () => writeFileSync(at('one'), 'other\n'), /`.*one` was changed by somebody/],
  ['gone since', () => rmSync(at('one')), /changed by somebody else/],
  [
    'made a link since, to a file that says the same',
    () => {
      renameSync(at('one'), at('elsewhere'))
      symlinkSync(at('elsewhere'), at('one'))
    },
    /put behind a link by somebody else/,
  ],
  [
    'a second name of another file: under that the credential would stay',
    () => linkSync(at('one'), at('other')),
    /it has a second name/,
  ],
  [
    'a pipe since',
    () => {
      rmSync(at('one'))
      symlinkSync('/dev/zero', at('one'))
    },
    /put behind a link/,
  ],
])('a file that was %s: nothing is written, and no draft is left', (_, happens, why) => {
  happens()
  const before = all
  const was = JSON.stringify(before())
  expect(() => writeAll([one(), { path: at('two'), before: null, after: 'new\n' }])).toThrow(why)
  expect(JSON.stringify(before())).toBe(was)
})

test('a folder that was put behind a link meanwhile: nothing goes where it leads', () => {
  const trap = at('trap')
  mkdirSync(trap)
  rmSync(at('sub'), { recursive: true })
  symlinkSync(trap, at('sub'))
  const wanted = { path: at('sub/hooks.json'), before: null, after: '{}\n' }
  expect(() => writeAll([one(), wanted])).toThrow(/put behind a link/)
  expect([readdirSync(trap), all()['one']]).toEqual([[], 'was\n'])
})

test('where one cannot be written, none is, and what was made for them is gone', () => {
  const wanted = [
    one(),
    { path: at('.cursor/hooks.json'), before: null, after: '{}\n' },
    { path: at('one/under'), before: null, after: 'x' },
  ]
  expect(() => writeAll(wanted)).toThrow(/`.*under` cannot be written: .*/)
  expect([all(), existsSync(at('.cursor'))]).toEqual([{ one: 'was\n' }, false])
})

test('what is no text in UTF-8 is not taken for another text', () => {
  writeFileSync(at('one'), Buffer.from([0x77, 0xe9, 0x0a]))
  expect(() => textOf(at('one'))).toThrow(/is no text in UTF-8/)
})

test.each<[string, string]>([
  ['a device without an end', '/dev/zero'],
  ['a folder', '.'],
])('a checkout that has %s in the place of a file of a host, or of a config', (_, target) => {
  symlinkSync(target, at('.mcp.json'))
  const place = openPlace({ checkout: dir, home: dir, env: {} })
  expect(() => place.read(at('.mcp.json'))).toThrow(/is no regular file|cannot be read/)
  expect(() => readConfig(at('.mcp.json'))).toThrow(/no regular file|EISDIR/)
})
