/** Every host's own file through the same hands: put in, again, taken out. */
import { expect, test, describe } from 'vitest'
import { changed } from '../../src/app/hosts/place.ts'
import type { Scope } from '../../src/app/hosts/host.ts'
import { hosts } from '../../src/app/hosts/known.ts'
import { dialects } from '../../src/gateways/hook/dialects.ts'
import { checkout, command, home, hostOf, placeOf } from './rig.ts'

/** Where each host keeps its hooks, and a file of somebody else's in which there is one already. */
const files: readonly (readonly [string, Scope, string, string])[] = [
  [
    'cursor',
    'checkout',
    `${checkout}/.cursor/hooks.json`,
    flat('beforeShellExecution', { version: 1 }),
  ],
  ['cursor', 'home', `${home}/.cursor/hooks.json`, flat('afterFileEdit', { version: 1 })],
  ['claude-code', 'checkout', `${checkout}/.claude/settings.local.json`, grouped('PreToolUse')],
  ['claude-code', 'home', `${home}/.claude/settings.json`, grouped('PostToolUse')],
  ['codex', 'checkout', `${checkout}/.codex/hooks.json`, grouped('PreToolUse')],
  ['codex', 'home', `${home}/.codex/hooks.json`, grouped('Stop')],
  ['gemini', 'checkout', `${checkout}/.gemini/settings.json`, grouped('BeforeTool')],
  ['gemini', 'home', `${home}/.gemini/settings.json`, grouped('AfterTool')],
  [
    'copilot',
    'checkout',
    `${checkout}/.github/hooks/firebreak.json`,
    flat('preToolUse', { version: 1 }),
  ],
  [
    'copilot',
    'home',
    `${home}/.copilot/hooks/firebreak.json`,
    flat('sessionStart', { version: 1 }),
  ],
  ['windsurf', 'checkout', `${checkout}/.windsurf/hooks.json`, flat('pre_run_command', {})],
  ['windsurf', 'home', `${home}/.codeium/windsurf/hooks.json`, flat('post_run_command', {})],
  ['kiro', 'checkout', `${checkout}/.kiro/agents/shop.json`, flat('preToolUse', { name: 'shop' })],
  ['kiro', 'home', `${home}/.kiro/agents/mine.json`, flat('stop', { name: 'mine' })],
]

function flat(event: string, more: object): string {
  return `${JSON.stringify({ ...more, hooks: { [event]: [{ command: './own.sh', type: 'command' }] } }, null, 2)}\n`
}

function grouped(event: string): string {
  const hook = { type: 'command', command: './own.sh' }
  const hooks = { [event]: [{ matcher: 'Bash', hooks: [hook] }] }
  return `${JSON.stringify({ theme: 'dark', hooks, permissions: { allow: ['Bash(ls)'] } }, null, 2)}\n`
}

test('every host of the hook is here, and under the same name', () => {
  expect(hosts.map(({ name }) => name).toSorted()).toEqual([...dialects.keys()].toSorted())
})

describe.each(files)('%s, %s', (name, scope, path, other) => {
  const host = hostOf(name)
  // Kiro's hook has a file of its own beside those of its agents.
  const isTried = (file: { readonly path: string }): boolean =>
    name !== 'kiro' || !file.path.endsWith('firebreak.json')
  const put = (before: string | null): string => {
    const place = placeOf(before === null ? {} : { [path]: before })
    const [change, ...more] = host.hooks(place, command, scope).filter(isTried)
    expect(more).toEqual([])
    expect(change).toMatchObject({ path, before })
    const then = changed(place, change === undefined ? [] : [change])
    expect(host.hooks(then, command, scope).filter(isTried)).toEqual([])
    expect(host.installed(then).map(({ file }) => file)).toContain(path)
    return change?.after ?? ''
  }
  const without = (text: string): string | null | undefined => {
    const [removal, ...more] = host.unhooked(placeOf({ [path]: text }))
    expect(more).toEqual([])
    return removal?.after
  }

  test('no file, or an empty one: it is made, and taken out nothing is left of it', () => {
    const made = [...(name === 'kiro' ? [] : [null]), '', ' \n'].map((before) => put(before))
    expect(new Set(made).size).toBe(1)
    expect(JSON.parse(made[0] ?? '')).toHaveProperty('hooks')
    expect(without(made[0] ?? '')).toBe(null)
  })

  const others: readonly (readonly [string, string])[] = [
    ['an object without anything', '{}'],
    ['hooks of others', other],
    ['one line', JSON.stringify(JSON.parse(other))],
    ['tabs', JSON.stringify(JSON.parse(other), null, '\t')],
    ['other line ends', other.replaceAll('\n', '\r\n')],
    ['four blanks, and a blank at the end', `${JSON.stringify(JSON.parse(other), null, 4)}  `],
    ['no hooks yet', '{\n    "theme": "dark"\n}\n'],
  ]
  test.each(others)('%s: everything else stays, and comes back byte for byte', (_, text) => {
    const before = name === 'cursor' ? text.replace('"theme": "dark"', '"version": 1') : text
    const after = put(before)
    if (before.includes('\r\n')) expect(after.replaceAll('\r\n', '')).not.toContain('\n')
    if (before.includes('\t')) expect(after).not.toMatch(/^ /m)
    if (before.includes('own.sh')) expect(after).toContain('own.sh')
    const base =
      before.includes('version') || !['cursor', 'copilot'].includes(name) ? before : after
    if (base === before) expect(without(after)).toBe(before)
  })

  test('an older one of ours is replaced, in its place', () => {
    const older = put(other)
    const newer = { argv: ['/opt/node', '/opt/firebreak/dist/hook.cjs'] }
    const place = placeOf({ [path]: older })
    const [change] = host.hooks(place, newer, scope).filter(isTried)
    const after = change?.after ?? ''
    expect(after).toContain('/opt/firebreak/dist/hook.cjs')
    expect(after).not.toMatch(/"firebreak|firebreak hook/)
    const then = changed(place, change === undefined ? [] : [change])
    expect(host.hooks(then, newer, scope).filter(isTried)).toEqual([])
    expect(host.installed(placeOf({ [path]: after }))).toHaveLength(
      host.installed(placeOf({ [path]: older })).length,
    )
  })

  test.each([
    ['broken JSON', '{"hooks": {', /is no JSON/],
    ['a list', '[1]', /is no JSON object/],
    ['a key twice', '{"hooks": {}, "hooks": {}}', /has `hooks` twice/],
    ['hooks that are a list', '{"hooks": []}', /has `hooks` in another form/],
    [
      'an event that is no list',
      '{"hooks": {"preToolUse": {}}}',
      /has `hooks.preToolUse` in another form/,
    ],
  ])('%s: refused, with the file named', (_, text, why) => {
    const ask = (): unknown => host.hooks(placeOf({ [path]: text }), command, scope)
    expect(ask).toThrow(why)
    expect(ask).toThrow(path)
  })

  test('a comment stays where the host takes one, and is refused where it does not', () => {
    const before = other.replace('{\n', '{\n  // mine\n')
    if (name !== 'gemini') expect(() => put(before)).toThrow(/comment|takes none/)
    else expect(without(put(before))).toBe(before)
  })

  test('behind a link: the file that it leads to; out of the checkout: refused', () => {
    const link = path.replace(/\/[^/]+$/, '')
    const target = scope === 'home' ? '/dotfiles/x' : `${checkout}/x`
    const real = path.replace(link, target)
    const place = placeOf({ [real]: other }, { links: { [link]: target } })
    expect(host.hooks(place, command, scope).filter(isTried)[0]).toMatchObject({
      path: real,
      before: other,
    })
    if (scope === 'home') return
    const away = placeOf({ [path.replace(link, '/etc/x')]: other }, { links: { [link]: '/etc/x' } })
    expect(() => host.hooks(away, command, scope)).toThrow('leads out of the checkout')
  })
})

test('claude code: a hook in words of its own is made one line, which other hosts read too', () => {
  const hook = { type: 'command', command: 'firebreak', args: ['hook', 'claude-code'], timeout: 10 }
  const text = JSON.stringify({ hooks: { PreToolUse: [{ matcher: '*', hooks: [hook] }] } })
  const path = `${checkout}/.claude/settings.local.json`
  const [change] = hostOf('claude-code').hooks(placeOf({ [path]: text }), command)
  expect(change?.after).toContain('"command": "firebreak hook claude-code"')
  expect(change?.after).not.toContain('args')
})
