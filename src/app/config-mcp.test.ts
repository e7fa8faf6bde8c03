import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { readConfig } from './config.ts'

const dir = mkdtempSync(join(tmpdir(), 'firebreak-config-mcp-'))
afterAll(() => rmSync(dir, { recursive: true }))

function read(entry: string): ReturnType<typeof readConfig> {
  const file = join(dir, 'firebreak.yaml')
  writeFileSync(file, `version: 1\ntargets:\n  shop: { platform: mcp, ${entry} }\n`)
  return readConfig(file)
}

test.each([
  ['neither a place nor a program', 'secret: X', 'needs `url` or `command`'],
  ['both', 'url: "https://a.example/mcp", command: [a]', 'needs `url` or `command`'],
  ['a place in the clear', 'url: "http://a.example/mcp"', 'must be https'],
  ['no program', 'command: []', 'targets.shop.command'],
  ['a tool that does what nobody knows', 'command: [a], tools: { x: fly }', 'targets.shop.tools.x'],
  [
    'a client without who knows it',
    'url: "https://a.example/mcp", oauth: { client: a }',
    'must name the `issuer`',
  ],
  [
    'a secret of no client',
    'url: "https://a.example/mcp", oauth: { issuer: "https://a.example", credential: a }',
    'and the `client`',
  ],
  ['a login for a program', 'command: [a], oauth: {}', 'has `oauth`, which is for'],
  [
    'a login whose token goes elsewhere',
    'url: "https://a.example/mcp", secret: x-key, oauth: {}',
    'has `oauth`, which is for',
  ],
  ['a pin that is no hash', 'command: [a], pins: { x: abc }', 'is no hash'],
])('%s is refused in one line', (_, entry, why) => expect(() => read(entry)).toThrow(why))

test('a program is looked for where it is said, from the config’s own folder', () => {
  expect(read('command: [a], cwd: servers').targets['shop']).toMatchObject({
    cwd: join(dir, 'servers'),
  })
})
