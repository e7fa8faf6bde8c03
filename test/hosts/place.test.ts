/** The real place: files, links, folders, programs. */
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { changed, openPlace } from '../../src/app/hosts/place.ts'
import { hosts } from '../../src/app/hosts/known.ts'
import { command, hostOf } from './rig.ts'

const root = realpathSync(mkdtempSync(join(tmpdir(), 'firebreak-hosts-')))
afterAll(() => rmSync(root, { recursive: true, force: true }))
const [checkout, home, bin] = ['shop', 'ada', 'bin'].map((name) => join(root, name))
for (const folder of [checkout, home, bin]) mkdirSync(folder ?? '')
const place = openPlace({ checkout: checkout ?? '', home: home ?? '', env: { PATH: bin } })

test('nothing there: no host is used, and nothing is installed or named', () => {
  for (const host of hosts)
    expect([host.isUsed(place), host.installed(place), host.servers(place)]).toEqual([
      false,
      [],
      [],
    ])
})

test('a folder, or a program on the PATH, is a host that is used', () => {
  mkdirSync(join(home ?? '', '.codex'))
  writeFileSync(join(bin ?? '', 'gemini'), '')
  chmodSync(join(bin ?? '', 'gemini'), 0o755)
  expect(hosts.filter((host) => host.isUsed(place)).map(({ name }) => name)).toEqual([
    'codex',
    'gemini',
  ])
})

test('settings behind a link are changed where they lie', () => {
  const kept = join(root, 'dotfiles')
  mkdirSync(kept)
  mkdirSync(join(home ?? '', '.gemini'))
  writeFileSync(join(kept, 'gemini.json'), '{\n  "theme": "dark"\n}\n')
  symlinkSync(join(kept, 'gemini.json'), join(home ?? '', '.gemini/settings.json'))
  const [change] = hostOf('gemini').hooks(place, command)
  expect(change?.path).toBe(join(kept, 'gemini.json'))
  const then = changed(place, change === undefined ? [] : [change])
  expect(hostOf('gemini').hooks(then, command)).toEqual([])
  expect(hostOf('gemini').installed(then)).toMatchObject([{ event: 'BeforeTool', waitsMs: 10_000 }])
})

test('a file that is made counts as there, in its folder too', () => {
  const path = join(checkout ?? '', '.kiro/agents/a.json')
  const then = changed(place, [{ path, before: null, after: '{}' }])
  expect([then.exists(path), then.list(join(checkout ?? '', '.kiro/agents'))]).toEqual([
    true,
    ['a.json'],
  ])
  expect(hostOf('kiro').hooks(then, command)).toHaveLength(2)
})

test('bytes that are no text, and a folder in the place of a file, are refused', () => {
  const path = join(checkout ?? '', '.mcp.json')
  writeFileSync(path, Buffer.from([0x7b, 0xff, 0x7d]))
  expect(() => hostOf('claude-code').servers(place)).toThrow(`\`${path}\` is no text in UTF-8`)
  rmSync(path)
  mkdirSync(path)
  expect(() => hostOf('claude-code').servers(place)).toThrow(`\`${path}\` is no regular file`)
})
