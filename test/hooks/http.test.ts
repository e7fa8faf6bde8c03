/** The hook that Claude Code asks by HTTP: whatever happens, a denial is a 200. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { domains, openRig } from '../rig.ts'
import type { Rig } from '../rig.ts'

let rig: Rig
let grant = ''
beforeAll(async () => {
  rig = await openRig()
  grant = await rig.people.mint('agent:claude', domains)
})
afterAll(() => rig.close())

async function ask(body: string, token = grant): Promise<{ status: number; text: string }> {
  const answer = await fetch(`${rig.running.url}/.firebreak/hook/claude-code`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body,
  })
  return { status: answer.status, text: await answer.text() }
}

const call = (command: string): string =>
  JSON.stringify({
    hook_event_name: 'PreToolUse',
    cwd: '/srv/shop',
    tool_name: 'Bash',
    tool_input: { command },
  })
const denied = (text: string): unknown => {
  const { hookSpecificOutput }: { hookSpecificOutput: { permissionDecision: unknown } } =
    JSON.parse(text)
  return hookSpecificOutput.permissionDecision
}

test('what is safe has no answer but yes', async () => {
  expect(await ask(call('git status && npm test'))).toEqual({ status: 200, text: '' })
})

test('what destroys is denied, SQL within it too', async () => {
  for (const command of ['rm -rf /var/lib/postgresql', "psql -c 'DROP TABLE users'"]) {
    const { status, text } = await ask(call(command))
    expect([status, denied(text)]).toEqual([200, 'deny'])
  }
})

test('many at once are each judged whole', async () => {
  const commands = Array.from({ length: 20 }, (_, nth) =>
    nth % 2 === 0 ? "psql -c 'DROP TABLE users'" : 'psql -c "SELECT 1"',
  )
  const answers = await Promise.all(commands.map((command) => ask(call(command))))
  expect(answers.map(({ text }) => text !== '')).toEqual(commands.map((_, nth) => nth % 2 === 0))
})

test('no grant, no JSON and too much of it are denials, and no faults', async () => {
  for (const answer of [
    await ask(call('ls'), 'fbk_nothing'),
    await ask('{'),
    await ask(''),
    await ask(JSON.stringify({ a: 'x'.repeat(20 * 1024 * 1024) })),
  ]) {
    expect(answer.status).toBe(200)
    expect(denied(answer.text)).toBe('deny')
  }
})

test('after a halt nothing is let through any more', async () => {
  await rig.people.call('halt', { who: 'all', reason: 'drill' })
  const { status, text } = await ask(call('ls'))
  expect([status, denied(text)]).toEqual([200, 'deny'])
  expect(text).toContain('halt')
})
