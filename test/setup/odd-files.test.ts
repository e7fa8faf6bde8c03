/** Files as people and editors leave them: what a set-up changes in them is what it shows, and taken away they are as they were. */
import { chmodSync, linkSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { parseJson } from '../../src/base/json.ts'
import { env, mcp, openShop, password } from './small-shop.ts'
import type { SmallShop } from './small-shop.ts'

let shop: SmallShop
afterEach(() => shop.close())

const url = `postgres://app:${password}@db.kestrel-rentals.io/shop`

test.each<[string, string, string]>([
  ['with CRLF', '.env', env.replaceAll('\n', '\r\n')],
  ['with a byte order mark', '.env', `\uFEFF${env}`],
  ['without a last line end', '.env', env.trimEnd()],
  ['in double quotes', '.env', env.replace(url, `"${url}"`)],
  ['in single quotes, exported, with a comment behind', '.env', `export DB_URL='${url}' # live\n`],
  ['with tabs', '.mcp.json', mcp.replaceAll('  ', '\t')],
  ['on one line', '.mcp.json', JSON.stringify(JSON.parse(mcp))],
  ['with signs that no terminal shows', '.env', `${env}NAME=\u202Eabc\u200B\u0007\n`],
])(
  'a file %s: only the credential changes, and it comes back byte for byte',
  async (_, name, text) => {
    shop = openShop({ [name]: text })
    expect(await shop.init()).toMatchObject({ code: 0 })
    const now = shop.read(name)
    expect(now).toMatch(/fbk_/)
    expect(now).not.toContain(password)
    const rest = (all: string): string =>
      all.replace(/postgres:\/\/[^\s'"]*/, '').replaceAll(/[ \t]/g, '')
    if (name === '.env') expect(rest(now)).toBe(rest(text))
    else expect(parseJson(now)).toHaveProperty('mcpServers')
    expect(await shop.uninstall()).toMatchObject({ code: 0 })
    expect(shop.read(name)).toBe(text)
  },
)

test.each<[string, (file: string) => void, RegExp]>([
  [
    'not in UTF-8',
    (file) => writeFileSync(file, Buffer.concat([Buffer.from(env), Buffer.from([0xe9, 0x0a])])),
    /is no text in UTF-8/,
  ],
  ['of ten megabytes', (file) => writeFileSync(file, env + '#\n'.repeat(5e6)), /is too long/],
  ['with a second name', (file) => linkSync(file, `${file}.hard`), /second name elsewhere/],
])('a file %s stays as it is, is named, and keeps nothing else back', async (_, make, why) => {
  shop = openShop()
  make(join(shop.checkout, '.env'))
  const before = readFileSync(join(shop.checkout, '.env'))
  const { said, code } = await shop.init()
  expect(code).toBe(1)
  expect(said).toMatch(/stays: \.env(\.hard)?:3: /)
  expect(said).toMatch(why)
  expect(said).not.toContain(password)
  expect(readFileSync(join(shop.checkout, '.env')).equals(before)).toBe(true)
  expect(shop.read('.mcp.json')).toMatch(/fbk_/)
})

test('a link that leads out of the checkout: what lies there is another project’s, and stays', async () => {
  shop = openShop()
  const other = join(shop.dir, 'other.env')
  writeFileSync(other, `PROD_URL=postgres://root:other-pass-77@db.other.io/prod\n`)
  symlinkSync(other, join(shop.checkout, 'settings.env'))
  const { said } = await shop.init()
  expect(said).toMatch(/stays: settings\.env:1: .*leads out of the checkout by a link/)
  expect(readFileSync(other, 'utf8')).toContain('other-pass-77')
})

test('who may read a file stays, also of one that nobody may write', async () => {
  shop = openShop()
  chmodSync(join(shop.checkout, '.env'), 0o400)
  await shop.init()
  expect(statSync(join(shop.checkout, '.env')).mode & 0o777).toBe(0o400)
  await shop.uninstall()
  expect(statSync(join(shop.checkout, '.env')).mode & 0o777).toBe(0o400)
})
