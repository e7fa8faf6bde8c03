/** `firebreak uninstall` where files, config or state are not as `init` left them: nothing of worth is lost, and nobody's folder goes. */
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { readConfig } from '../../src/app/config.ts'
import { env, mcp, openShop, password } from '../setup/small-shop.ts'
import { tracker } from '../setup/sample-shop.ts'
import type { SmallShop } from '../setup/small-shop.ts'

let shop: SmallShop
// A person has three codes at one moment; the next ones come later.
beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }))
afterEach(() => {
  vi.useRealTimers()
  shop.close()
})
const later = (): void => void vi.setSystemTime(Date.now() + 120_000)
const config = (): ReturnType<typeof readConfig> =>
  readConfig(join(shop.checkout, 'firebreak.yaml'))
const change = (name: string, by: (text: string) => string): void =>
  writeFileSync(join(shop.checkout, name), by(shop.read(name)))
const opensAll = (): boolean => existsSync(join(config().state, 'state.db'))

test('edits of a person around and between what was changed stay, and each credential is back', async () => {
  shop = openShop()
  await shop.init()
  change(
    '.env',
    (text) => `FIRST=1\n${text}REPLICA=postgres://app:another-9-pass@db2.kestrel-rentals.io/shop\n`,
  )
  change('.mcp.json', (text) =>
    text.replace(
      '"mcpServers": {',
      '"mcpServers": {\n    "files": { "command": "node", "args": ["files.mjs"] },',
    ),
  )
  await shop.init()
  later()
  change('.env', (text) => `${text}LAST=1\n`)
  expect(await shop.uninstall()).toMatchObject({ code: 0 })
  expect(shop.read('.env')).toBe(
    `FIRST=1\n${env}REPLICA=postgres://app:another-9-pass@db2.kestrel-rentals.io/shop\nLAST=1\n`,
  )
  expect(shop.read('.mcp.json')).toBe(
    mcp.replace(
      '"mcpServers": {',
      '"mcpServers": {\n    "files": { "command": "node", "args": ["files.mjs"] },',
    ),
  )
})

test.each<[string, () => void]>([
  ['was taken away', () => rmSync(join(shop.checkout, '.env'))],
  ['has lost the line', () => change('.env', (text) => text.replace(/DATABASE_URL.*\n/, ''))],
  ['has the line otherwise', () => change('.env', (text) => text.replace('agent:', 'me:'))],
  [
    'became a folder',
    () => {
      rmSync(join(shop.checkout, '.env'))
      mkdirSync(join(shop.checkout, '.env'))
    },
  ],
])(
  'a file that %s: its credential is nowhere else, so the state stays until a person has it',
  async (_, happens) => {
    shop = openShop()
    await shop.init()
    happens()
    const first = await shop.uninstall()
    expect([first.code, opensAll(), shop.read('.mcp.json')]).toEqual([1, true, mcp])
    expect(first.said).toMatch(/look at \.env: /)
    later()
    const originals = join(shop.dir, 'originals')
    const { code, said } = await shop.uninstall('--originals', originals)
    expect([code, said.includes('Firebreak is gone from here')]).toEqual([1, true])
    expect(readFileSync(join(originals, '.env'), 'utf8')).toBe(env)
    expect([
      statSync(originals).mode & 0o777,
      statSync(join(originals, '.env')).mode & 0o777,
    ]).toEqual([0o700, 0o600])
  },
)

test('a checkout that was moved: nothing is lost', async () => {
  shop = openShop()
  await shop.init()
  const { state } = config()
  renameSync(shop.checkout, join(shop.dir, 'moved'))
  mkdirSync(shop.checkout)
  writeFileSync(
    join(shop.checkout, 'firebreak.yaml'),
    readFileSync(join(shop.dir, 'moved/firebreak.yaml')),
  )
  expect((await shop.uninstall()).code).toBe(1)
  expect(existsSync(join(state, 'state.db'))).toBe(true)
})

test('a state that is gone: nothing is taken away, and the key stays', async () => {
  shop = openShop()
  await shop.init()
  const { state, key } = config()
  rmSync(state, { recursive: true })
  const before = shop.read('.env')
  const { code, said } = await shop.uninstall('--yes')
  expect([code, said]).toEqual(['not_found', expect.stringMatching(/there is no state at/)])
  expect([
    existsSync(state),
    key !== undefined && 'file' in key && existsSync(key.file),
    shop.read('.env'),
  ]).toEqual([false, true, before])
})

test('a config of an agent’s making: what it names is not taken away, and nobody need be asked for that', async () => {
  shop = openShop()
  await shop.init()
  const { key } = config()
  const file = key !== undefined && 'file' in key ? key.file : ''
  const photos = join(shop.home, 'photos')
  mkdirSync(photos, { mode: 0o700 })
  writeFileSync(join(photos, 'child.jpg'), 'x')
  const mine = join(shop.home, 'empty')
  shop.put('firebreak.yaml', `version: 1\nstate: ${photos}\nkey: { file: ${file} }\ntargets: {}\n`)
  expect((await shop.uninstall('--yes')).code).toBe('not_found')
  shop.put(
    'firebreak.yaml',
    `version: 1\nstate: ${mine}\nkey: { file: ${file} }\nvault: { store: ${photos} }\ntargets: {}\n`,
  )
  expect((await shop.uninstall('--yes')).code).toBe('not_found')
  expect([readdirSync(photos), existsSync(file)]).toEqual([['child.jpg'], true])
})

test('a vault in a folder that holds other things, and a config changed since: neither they nor the key go', async () => {
  shop = openShop()
  const disk = join(shop.dir, 'disk')
  mkdirSync(disk, { mode: 0o700 })
  writeFileSync(join(disk, 'holidays.jpg'), 'x')
  await shop.init('--store', disk)
  const { state } = config()
  writeFileSync(join(state, 'notes.txt'), 'mine')
  const { said } = await shop.uninstall()
  expect(said).toContain('Firebreak is gone from here')
  expect(readFileSync(join(disk, 'holidays.jpg'), 'utf8')).toBe('x')
  expect(readdirSync(state)).toEqual(['notes.txt'])
})

test('a vault that an agent took out of the config: the key of its points stays', async () => {
  shop = openShop()
  await shop.init()
  const { key } = config()
  change('firebreak.yaml', (text) => text.replace(/vault:\n.*\n/, ''))
  const { said } = await shop.uninstall()
  expect(said).toMatch(/the key .* stays: nobody has accepted this config/)
  expect(key !== undefined && 'file' in key && existsSync(key.file)).toBe(true)
})

test('what force pushes wrote over lies in the state alone: it is not taken away with it', async () => {
  shop = openShop()
  await shop.init()
  const { state } = config()
  mkdirSync(join(state, 'pushes'))
  writeFileSync(join(state, 'pushes/one'), 'sealed')
  expect(await shop.uninstall()).toMatchObject({ code: 'wrong_state' })
  expect(existsSync(join(state, 'pushes/one'))).toBe(true)
})

test('the wrong code puts nothing back', async () => {
  shop = openShop()
  await shop.init()
  const before = shop.read('.env')
  expect((await shop.uninstall('--yes', '--approver', 'ada', '--code', '000000')).code).toBe(
    'factor_refused',
  )
  expect([shop.read('.env'), opensAll()]).toEqual([before, true])
})

test('no raw credential lies anywhere in the clear after a set-up, and none was said', async () => {
  shop = openShop()
  const { said } = await shop.init()
  const all = readdirSync(shop.dir, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  )
  const holding = all.filter(({ parentPath, name }) => {
    const bytes = readFileSync(join(parentPath, name)).toString('latin1')
    return bytes.includes(password) || bytes.includes(tracker)
  })
  expect([
    holding.map(({ name }) => name),
    said.includes(password),
    said.includes(tracker),
  ]).toEqual([[], false, false])
})
