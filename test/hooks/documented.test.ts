/** What docs/hooks.md tells people to put into files: it parses, keeps to each host's rules, and leaves our deadline its time. */
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bundleHook } from '../../scripts/hook-bundle.ts'
import { dialects } from '../../src/gateways/hook/dialects.ts'

const root = join(import.meta.dirname, '../..')
const docs = readFileSync(join(root, 'docs/hooks.md'), 'utf8')
const blocks = [...docs.matchAll(/```json ([\w-]+)\n([\s\S]*?)```/g)].map(
  ([, host = '', text = '']) => [host, text] as const,
)

test('every host has its files, OpenCode its plugins', () => {
  const hosts = new Set(blocks.map(([host]) => host))
  expect([...hosts, 'opencode'].toSorted()).toEqual([...dialects.keys()].toSorted())
})

test.each(blocks)(
  '%s: is JSON, asks the right hook, and waits longer than it takes',
  (host, text) => {
    const file: unknown = JSON.parse(text)
    expect(JSON.stringify(file).replaceAll('","', ' ')).toMatch(new RegExp(`hook[ /]${host}`))
    for (const [, name, amount] of text.matchAll(/"(timeout|timeoutSec|timeout_ms)": (\d+)/g)) {
      const isMs = name === 'timeout_ms' || host === 'gemini'
      expect(Number(amount)).toBe(isMs ? 10_000 : 10)
    }
  },
)

test('cursor: nothing in the file makes it drop all of it', () => {
  const [, text = ''] = blocks.find(([host]) => host === 'cursor') ?? []
  expect(text).not.toMatch(/\/\/|\/\*/)
  const { version, hooks }: { version: unknown; hooks: Record<string, Record<string, unknown>[]> } =
    JSON.parse(text)
  expect(version).toBe(1)
  for (const [event, entries] of Object.entries(hooks))
    for (const entry of entries) {
      expect(dialects.get('cursor')?.calls({ hook_event_name: event })).not.toEqual([
        { kind: 'unread', why: expect.stringContaining('not known here') },
      ])
      expect(entry).toMatchObject({ failClosed: true, timeout: 10 })
    }
})

const folder = mkdtempSync(join(tmpdir(), 'firebreak-plugin-'))
const path = process.env['PATH']
beforeAll(async () => {
  const hook = await bundleHook(root, folder)
  const program = join(folder, 'firebreak')
  writeFileSync(program, `#!/bin/sh\nshift\nexec '${process.execPath}' '${hook}' "$@"\n`)
  chmodSync(program, 0o755)
})
afterAll(() => {
  process.env['PATH'] = path
  rmSync(folder, { recursive: true, force: true })
})

type Before = (tool: string, args: object) => Promise<unknown>

/** As each of the two would load and call it. */
const plugins: readonly (readonly [string, () => Promise<Before>])[] = [
  [
    'opencode.js',
    async () => {
      const { Firebreak } = await loaded('opencode.js')
      const hooks = await Firebreak({ directory: '/srv/shop' })
      return async (tool, args) => await hooks['tool.execute.before']({ tool }, { args })
    },
  ],
  [
    'opencode-2.js',
    async () => {
      let before: (event: object) => unknown = () => null
      const { default: plugin } = await loaded('opencode-2.js')
      await plugin.setup({
        tool: {
          hook: (name: string, run: typeof before) => {
            expect(name).toBe('execute.before')
            before = run
          },
        },
      })
      return async (tool, args) => await Promise.resolve().then(() => before({ tool, input: args }))
    },
  ],
]

// oxlint-disable-next-line typescript/no-explicit-any -- it is loaded as the host would: what is in it is tried, not typed
async function loaded(name: string): Promise<any> {
  return await import(pathToFileURL(join(root, 'docs/hooks', name)).href)
}

test.each(plugins)(
  '%s: lets pass, throws, and throws where there is no Firebreak',
  async (_, open) => {
    const before = await open()
    process.env['PATH'] = `${folder}:${path}`
    await before('bash', { command: 'git status' })
    await expect(before('bash', { command: 'rm -rf /var/lib/postgresql' })).rejects.toThrow(
      /^Firebreak holds this: /,
    )
    await expect(before('write', { filePath: 'firebreak.yaml' })).rejects.toThrow(/denies this/)
    process.env['PATH'] = join(folder, 'nothing')
    await expect(before('bash', { command: 'git status' })).rejects.toThrow(/did not answer/)
  },
)
