/** MCP servers in every host's files: found, and sent through Firebreak without their credentials. */
import { expect, test, describe } from 'vitest'
import { changed } from '../../src/app/hosts/place.ts'
import { hosts, serversOf } from '../../src/app/hosts/known.ts'
import { targetName } from '../../src/app/hosts/mcp-entry.ts'
import { checkout, command, home, hostOf, placeOf } from './rig.ts'

const secret = 'sk-very-secret'
const started = {
  command: 'npx',
  args: ['-y', 'shop-mcp', '--token', secret],
  env: { TOKEN: secret },
}
const remote = { url: 'https://mcp.example/x', headers: { Authorization: `Bearer ${secret}` } }

/** Where each host names servers, and how one that is started and one with a URL stand there. */
const files: readonly (readonly [string, string, readonly string[], object, object])[] = [
  ['cursor', `${checkout}/.cursor/mcp.json`, ['mcpServers'], started, remote],
  ['cursor', `${home}/.cursor/mcp.json`, ['mcpServers'], { ...started, envFile: '.env' }, remote],
  ['claude-code', `${checkout}/.mcp.json`, ['mcpServers'], started, { type: 'http', ...remote }],
  ['claude-code', `${home}/.claude.json`, ['mcpServers'], { type: 'stdio', ...started }, remote],
  ['claude-code', `${home}/.claude.json`, ['projects', checkout, 'mcpServers'], started, remote],
  [
    'gemini',
    `${checkout}/.gemini/settings.json`,
    ['mcpServers'],
    { ...started, trust: true },
    remote,
  ],
  [
    'gemini',
    `${home}/.gemini/settings.json`,
    ['mcpServers'],
    started,
    { httpUrl: remote.url, headers: remote.headers },
  ],
  [
    'copilot',
    `${home}/.copilot/mcp-config.json`,
    ['mcpServers'],
    { type: 'local', tools: ['*'], ...started },
    remote,
  ],
  ['copilot', `${checkout}/.github/mcp.json`, ['mcpServers'], started, remote],
  ['copilot', `${checkout}/.vscode/mcp.json`, ['servers'], started, { type: 'sse', ...remote }],
  [
    'opencode',
    `${checkout}/opencode.json`,
    ['mcp'],
    {
      type: 'local',
      command: [started.command, ...started.args],
      environment: started.env,
      enabled: true,
    },
    { type: 'remote', ...remote },
  ],
  [
    'windsurf',
    `${home}/.codeium/windsurf/mcp_config.json`,
    ['mcpServers'],
    started,
    { serverUrl: remote.url, headers: remote.headers },
  ],
  [
    'kiro',
    `${checkout}/.kiro/settings/mcp.json`,
    ['mcpServers'],
    { ...started, autoApprove: ['x'] },
    remote,
  ],
  ['kiro', `${home}/.kiro/agents/mine.json`, ['mcpServers'], started, remote],
]

function fileOf(at: readonly string[], servers: object): string {
  const own = at.toReversed().reduce((within: object, key) => ({ [key]: within }), servers)
  return `${JSON.stringify({ first: 1, ...own, last: [2] }, null, 2)}\n`
}

describe.each(files)('%s: %s, %j', (name, path, at, ...entries) => {
  const host = hostOf(name)
  const [process, url] = entries
  const place = placeOf({ [path]: fileOf(at, { 'Shop DB': process, tracker: url }) })

  test('what is named there is found', () => {
    expect(host.servers(place)).toEqual([
      {
        host: name,
        file: path,
        at: [...at, 'Shop DB'],
        name: 'Shop DB',
        kind: 'command',
        command: ['npx', '-y', 'shop-mcp', '--token', secret],
        url: null,
        env: { TOKEN: secret },
        headers: {},
        isOurs: false,
        isOff: false,
      },
      {
        host: name,
        file: path,
        at: [...at, 'tracker'],
        name: 'tracker',
        kind: 'url',
        command: [],
        url: remote.url,
        env: {},
        headers: remote.headers,
        isOurs: false,
        isOff: false,
      },
    ])
  })

  test('through Firebreak each is a process of ours, and no credential is left', () => {
    let now = place
    for (const server of host.servers(place)) {
      const change = host.throughFirebreak(now, server, { command })
      now = changed(now, [change])
    }
    const after = now.read(path) ?? ''
    expect(after).not.toContain(secret)
    expect(after).toMatch(/^\{\n {2}"first": 1,[^]*\n {2}"last": \[\n {4}2\n {2}\]\n\}\n$/)
    expect(
      host
        .servers(now)
        .map(({ kind, command, env, isOurs }) => [kind, command, Object.keys(env), isOurs]),
    ).toEqual([
      ['command', ['firebreak', 'mcp', 'shop-db'], ['FIREBREAK_GRANT'], true],
      ['command', ['firebreak', 'mcp', 'tracker'], ['FIREBREAK_GRANT'], true],
    ])
    for (const kept of ['autoApprove', 'tools', 'enabled', 'trust'])
      expect(after.includes(`"${kept}"`)).toBe(kept in process)
    for (const server of host.servers(now))
      expect(host.throughFirebreak(now, server, { command }).after).toBe(after)
  })
})

test('a file that two hosts read is named once', () => {
  const place = placeOf({ [`${checkout}/.mcp.json`]: fileOf(['mcpServers'], { shop: started }) })
  expect(serversOf(hosts, place).map(({ host }) => host)).toEqual(['claude-code'])
  expect(serversOf([hostOf('copilot')], place).map(({ host }) => host)).toEqual(['copilot'])
})

test.each<[string, object, boolean]>([
  ['by its name', { command: 'firebreak', args: ['mcp', 'shop'] }, true],
  ['by its path', { command: '/usr/local/bin/firebreak', args: ['mcp'] }, true],
  [
    'by a node',
    { command: '/usr/bin/node', args: ['/opt/firebreak/dist/src/cli/main.js', 'mcp', 'shop'] },
    true,
  ],
  ['by npx', { command: 'npx', args: ['-y', 'firebreak@1.2.3', 'mcp', 'shop'] }, true],
  [
    'by a URL with a grant',
    { url: 'http://127.0.0.1:7077/shop', headers: { Authorization: 'Bearer fbk_x' } },
    true,
  ],
  ['a URL here without one', { url: 'http://127.0.0.1:7077/shop' }, false],
  ['another command of ours', { command: 'firebreak', args: ['explain'] }, false],
  [
    'a server that only has such an argument',
    { command: 'npx', args: ['x', 'firebreak', 'mcp'] },
    false,
  ],
  ['a shell around it', { command: 'sh', args: ['-c', 'firebreak mcp shop'] }, false],
  ['another of a like name', { command: 'firebreak-mcp', args: ['mcp'] }, false],
])('is it ours: %s', (_, entry, isOurs) => {
  const place = placeOf({
    [`${checkout}/.cursor/mcp.json`]: fileOf(['mcpServers'], { shop: entry }),
  })
  expect(hostOf('cursor').servers(place)[0]?.isOurs).toBe(isOurs)
})

test.each([
  ['shop', 'shop'],
  ['Shop DB (prod)', 'shop-db-prod'],
  ['3rd_party', 'rd-party'],
  ['端', 'mcp'],
  ['x'.repeat(60), 'x'.repeat(40)],
  [`${'x'.repeat(39)}-y`, 'x'.repeat(39)],
])('the target of `%s` is `%s`', (server, target) => expect(targetName(server)).toBe(target))

test('a grant and a name that are given are used', () => {
  const place = placeOf({
    [`${checkout}/.cursor/mcp.json`]: fileOf(['mcpServers'], { shop: started }),
  })
  const [server] = hostOf('cursor').servers(place)
  if (server === undefined) throw new Error('none')
  const route = { command, target: 'shop-2', grant: 'fbk_1' }
  const { after } = hostOf('cursor').throughFirebreak(place, server, route)
  expect(JSON.parse(after)).toMatchObject({
    mcpServers: {
      shop: { command: 'firebreak', args: ['mcp', 'shop-2'], env: { FIREBREAK_GRANT: 'fbk_1' } },
    },
  })
})

const toml = `# mine
model = "o"   # the model

[mcp_servers.other]
command = "x"

[mcp_servers."Shop DB"]   # ours
# how it is started
command = "npx"
args = [
  "-y", # yes
  "shop]mcp",
]
startup_timeout_sec = 20
env.TOKEN = "${secret}"

[mcp_servers."Shop DB".http_headers]
Authorization = """
${secret} [x]
"""

# the next one
[mcp_servers.tracker]
url = 'https://mcp.example/x'
bearer_token_env_var = "TRACKER"

[[profiles]]
day = 2026-11-27
`
const config = `${home}/.codex/config.toml`

test.each([
  ['as it is', toml],
  ['with other line ends', toml.replaceAll('\n', '\r\n')],
])('codex, %s: one table changes, and no other byte', (_, text) => {
  const host = hostOf('codex')
  let now = placeOf({ [config]: text })
  expect(host.servers(now).map(({ name, kind }) => [name, kind])).toEqual([
    ['other', 'command'],
    ['Shop DB', 'command'],
    ['tracker', 'url'],
  ])
  for (const server of host.servers(now).slice(1))
    now = changed(now, [host.throughFirebreak(now, server, { command })])
  const eol = text.includes('\r\n') ? '\r\n' : '\n'
  expect(now.read(config)?.split(eol).join('\n')).toBe(`# mine
model = "o"   # the model

[mcp_servers.other]
command = "x"

[mcp_servers."Shop DB"]   # ours
command = "firebreak"
args = ["mcp", "shop-db"]
env_vars = ["FIREBREAK_GRANT"]
# how it is started
startup_timeout_sec = 20


# the next one
[mcp_servers.tracker]
command = "firebreak"
args = ["mcp", "tracker"]
env_vars = ["FIREBREAK_GRANT"]

[[profiles]]
day = 2026-11-27
`)
  expect(host.servers(now).map(({ isOurs }) => isOurs)).toEqual([false, true, true])
})

test.each([
  ['within one line', 'mcp_servers = { shop = { command = "x" } }', /another form than a table/],
  ['by dotted keys', 'mcp_servers.shop.command = "x"', /another form than a table/],
  ['as a list', '[[mcp_servers]]\nname = "x"', /another form than a table/],
  ['broken', '[mcp_servers.shop', /is no TOML, in line 1/],
])('codex, %s: refused', (_, text, why) => {
  const host = hostOf('codex')
  const place = placeOf({ [config]: text })
  const all = (): unknown =>
    host.servers(place).map((server) => host.throughFirebreak(place, server, { command }))
  expect(all).toThrow(why)
})
