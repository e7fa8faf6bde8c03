/** The shop of a founder, as a git checkout: credentials where people put them, agents' folders, one MCP server. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

export interface ShopFacts {
  /** The production database, with its password. */
  readonly database: string
  /** Railway's address (a rehearsal), and a token for domains that can do everything. */
  readonly railway: string
  readonly token: string
}

/** An address of this machine that is written as none: what `localhost` leads to is left alone. */
export const databaseUrl = (password: string, port: number): string =>
  `postgres://app:${password}@[::ffff:127.0.0.1]:${port}/shop?sslmode=disable`

/** The credential of an MCP server, in its entry. */
export const tracker = `tr_${'x7Kp'.repeat(8)}`

/** Written and committed, as a checkout that people have worked in for a while. */
export function writeShop(folder: string, { database, railway, token }: ShopFacts): void {
  const files: Readonly<Record<string, string>> = {
    '.gitignore': '.env\n',
    '.env': `# the shop\nPORT=3000\nDATABASE_URL=${database}\nCOLOR=blue\n`,
    'package.json': '{ "name": "shop", "private": true }\n',
    'scripts/domains.sh': `#!/bin/sh
# books a custom domain
RAILWAY_TOKEN="${token}"
curl -s ${railway}/graphql/v2 -H "Authorization: Bearer $RAILWAY_TOKEN" -H 'content-type: application/json' \\
  -d '{"query":"query { me { id } }"}'
`,
    '.mcp.json': `{
  "mcpServers": {
    "tracker": { "command": "node", "args": ["tools/tracker.mjs"], "env": { "TRACKER_TOKEN": "${tracker}" } },
    "files": { "command": "node", "args": ["tools/files.mjs"] }
  }
}
`,
    '.cursor/rules/shop.mdc': 'Be careful.\n',
    '.claude/settings.json': '{\n  "permissions": { "allow": ["Bash(ls:*)"] }\n}\n',
    'src/index.js': "console.log('shop')\n",
  }
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  git(folder, 'init', '-q')
  git(folder, 'add', '-A')
  git(folder, '-c', 'user.name=ada', '-c', 'user.email=ada@shop.test', 'commit', '-qm', 'shop')
}

export function git(folder: string, ...args: readonly string[]): string {
  return execFileSync('git', [...args], { cwd: folder, encoding: 'utf8' })
}
