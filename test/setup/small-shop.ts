/** A checkout to set up without anything running: a database elsewhere, an MCP server with a credential, and a home. */
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { command as init } from '../../src/cli/init.ts'
import { command as uninstall } from '../../src/cli/uninstall.ts'
import { openPerson } from './person.ts'
import type { Person, Said } from './person.ts'
import { git, tracker } from './sample-shop.ts'

export interface SmallShop {
  readonly dir: string
  readonly checkout: string
  readonly home: string
  readonly person: Person
  readonly read: (name: string) => string
  readonly put: (name: string, text: string) => void
  readonly init: (...args: readonly string[]) => Promise<Said>
  readonly uninstall: (...args: readonly string[]) => Promise<Said>
  readonly close: () => void
}

export const password = 'k3pt-from-agents-9'
export const env = `# the shop
PORT=3000
DATABASE_URL=postgres://app:${password}@db.kestrel-rentals.io/shop
COLOR=blue
`
export const mcp = `{
  "mcpServers": {
    "tracker": { "command": "node", "args": ["tools/tracker.mjs"], "env": { "TRACKER_TOKEN": "${tracker}" } }
  }
}
`

/** `files`: further ones, or others in the place of these; `answers` as a person’s. HOME leads into it until it is closed. */
export function openShop(
  files: Readonly<Record<string, string>> = {},
  answers: Readonly<Record<string, string>> = {},
): SmallShop {
  const homeBefore = process.env['HOME']
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'firebreak-small-')))
  const [checkout, home] = [join(dir, 'shop'), join(dir, 'home')]
  mkdirSync(home)
  process.env['HOME'] = home
  const put = (name: string, text: string): void => {
    mkdirSync(dirname(join(checkout, name)), { recursive: true })
    writeFileSync(join(checkout, name), text)
  }
  const all = {
    '.gitignore': '.env\n',
    '.env': env,
    '.mcp.json': mcp,
    '.claude/settings.json': '{}\n',
  }
  for (const [name, text] of Object.entries({ ...all, ...files })) put(name, text)
  git(checkout, 'init', '-q')
  const person = openPerson('ada', { 'write this': 'y', 'put it back': 'y', ...answers })
  const config = ['--config', join(checkout, 'firebreak.yaml')]
  return {
    dir,
    checkout,
    home,
    person,
    read: (name) => readFileSync(join(checkout, name), 'utf8'),
    put,
    init: async (...args) => await person.types(init, [...args, ...config]),
    uninstall: async (...args) => await person.types(uninstall, [...args, ...config]),
    close: () => {
      process.env['HOME'] = homeBefore
      rmSync(dir, { recursive: true, force: true })
    },
  }
}
