/** What each host sends and what it gets back, byte for byte. */
import { expect, test } from 'vitest'
import { hookWorld } from '../../src/app/hook-world.ts'
import { answer } from '../../src/gateways/hook/answer.ts'
import { dialects } from '../../src/gateways/hook/dialects.ts'
import { vectors } from './vectors.ts'
import type { Reply } from './vectors.ts'

const person =
  'It needs a person: say what you wanted to do and why, or send it through Firebreak’s gateway, where they can approve it. Do not look for another way.'
const drop = {
  headline: 'Firebreak holds this: `DROP TABLE` drops the table with its rows',
  reason: `Firebreak holds this: \`DROP TABLE\` drops the table with its rows (it is not known what would go with this, so it counts as the most; data of a protected environment would go for good). Nothing was run. Instead: rename it first, and drop it when nothing has missed it. ${person}`,
}
const unread = 'what this does is not understood, so a person must look'

/** `null` is allowed; a text is why it is unread. */
function expected(host: string, name: string, reason: string): Reply {
  const { allow, deny } = vectors.replies[host] ?? { allow: nowhere, deny: nowhere }
  if (/^(allowed|a file|another)/.test(name)) return allow
  const headline = /^(.*?)( \(|\. Nothing)/.exec(reason)?.[1] ?? 'none'
  const inJson = (text: string): string => JSON.stringify(text).slice(1, -1)
  const { stdout, stderr, exit } = deny
  return {
    stdout: stdout.replace('%H', () => inJson(headline)).replace('%R', () => inJson(reason)),
    stderr: stderr.replace('%R', () => reason),
    exit,
  }
}
const nowhere: Reply = { stdout: 'none', stderr: 'none', exit: -1 }

function reasonOf(host: string, name: string): string {
  if (name.includes('held')) return drop.reason
  if (name.startsWith('denied')) {
    const path = /"([^" ]*firebreak\.yaml)\b|File: ([^ \\]*firebreak\.yaml)/.exec(
      JSON.stringify(vectors.calls[host]?.[name]),
    )
    return `Firebreak denies this: \`${path?.[1] ?? path?.[2]}\` (this is Firebreak's own vault, ledger, custody, policy, approvals or hooks: no grant reaches it, and nobody can approve it here). Nothing was run. This is final: do not look for another way.`
  }
  const why =
    name === 'odd' ? odd[host] : `the event \`${teleport[host]}\` of ${host} is not known here`
  return `Firebreak holds this: hook: ${why} (${unread}). Nothing was run. ${person}`
}

const odd: Readonly<Record<string, string>> = {
  cursor: '`Shell` names no command',
  'claude-code': '`Bash` names no command',
  codex: 'the input of `Bash` is no JSON object',
  gemini: 'the call names no tool',
  copilot: 'the input of `bash` is no JSON object',
  opencode: 'the call names no tool',
  windsurf: 'the call has no `tool_info`',
  kiro: 'the input of `execute_bash` is no JSON object',
}
const teleport: Readonly<Record<string, string>> = {
  cursor: 'beforeTeleport',
  'claude-code': 'PreTeleport',
  codex: 'PreTeleport',
  gemini: 'BeforeTeleport',
  windsurf: 'pre_teleport',
  kiro: 'preTeleport',
}

const cases = Object.entries(vectors.calls).flatMap(([host, calls]) =>
  Object.entries(calls).map(([name, payload]) => [host, name, JSON.stringify(payload)] as const),
)
const world = hookWorld(4000)

async function replyTo(host: string, text: string): Promise<Reply> {
  const dialect = dialects.get(host)
  if (dialect === undefined) throw new Error(`no ${host}`)
  return { ...(await answer(dialect, text, world)) }
}

test.each(cases)('%s: %s', async (host, name, payload) => {
  expect(await replyTo(host, payload)).toEqual(expected(host, name, reasonOf(host, name)))
})

const refused = (why: string): string => `Firebreak refuses this: ${why}. Nothing was run.`

test.each([...dialects.keys()])('%s: nothing, no JSON and no object are refused', async (host) => {
  for (const [text, why] of [
    ['', 'the host sent nothing'],
    [' \n', 'the host sent nothing'],
    ['{"a":', 'what the host sent is no JSON'],
    ['[1]', 'what the host sent is no JSON object'],
    ['null', 'what the host sent is no JSON object'],
  ] as const)
    expect(await replyTo(host, text)).toEqual(expected(host, 'refused', refused(why)))
})

test('a megabyte in a file that is written is no reason to refuse, as a command it is', async () => {
  const large = 'x'.repeat(1024 * 1024)
  const call = (tool: string, input: object): string =>
    JSON.stringify({
      hook_event_name: 'PreToolUse',
      cwd: '/srv',
      tool_name: tool,
      tool_input: input,
    })
  const file = call('Write', { file_path: '/srv/a', content: large })
  expect((await replyTo('claude-code', file)).stdout).toBe('')
  const { stdout } = await replyTo('claude-code', call('Bash', { command: `echo ${large}` }))
  expect(stdout).toContain('the shell’s text is too long to be read')
})

test('an ask is never answered: no host gets one', () => {
  expect(JSON.stringify(vectors.replies)).not.toContain('ask')
})

test('what is asked at a permission request is denied in that event’s own form', async () => {
  const payload = { hook_event_name: 'PermissionRequest', tool_name: 'Bash', tool_input: {} }
  const { stdout } = await replyTo('codex', JSON.stringify(payload))
  expect(JSON.parse(stdout)).toEqual({
    hookSpecificOutput: {
      hookEventName: 'PermissionRequest',
      decision: { behavior: 'deny', message: expect.stringContaining('`Bash` names no command') },
    },
  })
})
