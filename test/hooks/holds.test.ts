/** What a hook holds waits for a person, and once they have said yes it runs once: the daemon whole, and the hook as its host starts it. */
import { spawn } from 'node:child_process'
import { hash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { askDaemon } from '../../src/app/hook-ask.ts'
import { hookWorld } from '../../src/app/hook-world.ts'
import { isObject, textOf } from '../../src/base/json.ts'
import type { JsonObject } from '../../src/base/json.ts'
import { answer } from '../../src/gateways/hook/answer.ts'
import { claudeCode } from '../../src/gateways/hook/dialects.ts'
import { actions, planFile } from '../plan-file.ts'
import { everything, openRig } from '../rig.ts'
import type { Rig } from '../rig.ts'

const folder = mkdtempSync(join(tmpdir(), 'firebreak-holds-'))
let rig: Rig
let grant = ''
beforeAll(async () => {
  rig = await openRig('limits:\n  burst: { count: 1000, window: 1m }\n', {
    targets: '  laptop:\n    platform: shell',
  })
  grant = await rig.people.mint('agent:claude', everything)
})
afterAll(async () => {
  await rig.close()
  rmSync(folder, { recursive: true, force: true })
})

interface Asking {
  readonly cwd?: string
  readonly token?: string
  readonly url?: string
}

const payload = (command: string, cwd: string): string =>
  JSON.stringify({
    hook_event_name: 'PreToolUse',
    cwd,
    tool_name: 'Bash',
    tool_input: { command },
  })

/** What the agent reads; empty where it may go on. */
async function hook(
  command: string,
  { cwd = folder, token = grant, url = rig.running.url }: Asking = {},
): Promise<string> {
  const world = hookWorld(
    2000,
    async (question) => await askDaemon({ url, grant: token, mostMs: 4000 }, question),
  )
  const { stdout } = await answer(claudeCode, payload(command, cwd), world)
  if (stdout === '') return ''
  const { hookSpecificOutput: told }: { hookSpecificOutput: { permissionDecisionReason: string } } =
    JSON.parse(stdout)
  return told.permissionDecisionReason
}

const idIn = (text: string): string => /hold_\w+/.exec(text)?.[0] ?? ''

async function approve(id: string): Promise<JsonObject> {
  const shown = await rig.people.call('hold-show', { id, by: 'ada' })
  const approved = await rig.people.callAs('hold-approve', {
    id,
    shown: isObject(shown) ? textOf(shown['shown']) : '',
  })
  return isObject(approved) ? approved : {}
}

const shownOf = async (id: string): Promise<string> => {
  const shown = await rig.people.call('hold-show', { id, by: 'ada' })
  return isObject(shown) ? textOf(shown['text']) : ''
}

test('what is held names its hold; after a yes the very same runs once, and then waits anew', async () => {
  const command = 'kubectl delete secret shop-key'
  const first = await hook(command)
  const id = idIn(first)
  expect(first).toContain(`firebreak approve ${id}`)
  expect(await hook(command)).toContain(id)
  expect(await shownOf(id)).toContain(command)
  expect((await approve(id))['state']).toBe('executed')
  expect(await hook(command)).toBe('')
  const again = await hook(command)
  expect(idIn(again)).not.toBe(id)
  expect(again).toContain('firebreak approve hold_')
  await approve(idIn(again))
  expect(await hook(command)).toBe('')
})

test('another argument, another folder and another agent are other actions', async () => {
  const id = idIn(await hook('kubectl delete secret a'))
  await approve(id)
  const other = await rig.people.mint('agent:other', everything)
  for (const asked of [
    await hook('kubectl delete secret b'),
    await hook('kubectl delete  secret a --wait'),
    await hook('kubectl delete secret a', { cwd: tmpdir() }),
    await hook('kubectl delete secret a', { token: other }),
  ]) {
    expect(idIn(asked)).not.toBe(id)
    expect(asked).toContain('firebreak approve hold_')
  }
  expect(await hook('kubectl delete secret a')).toBe('')
})

test('changed bytes of a script are held anew', async () => {
  const file = join(folder, 'rotate.sh')
  writeFileSync(file, 'kubectl delete secret one\n')
  const id = idIn(await hook('bash rotate.sh'))
  expect(await shownOf(id)).toMatch(/sha256/)
  await approve(id)
  writeFileSync(file, 'kubectl delete secret two\n')
  const changed = await hook('bash rotate.sh')
  expect(idIn(changed)).not.toBe(id)
  writeFileSync(file, 'kubectl delete secret one\n')
  expect(await hook('bash rotate.sh')).toBe('')
})

test('a plan is held with what goes by name, and bound to its bytes', async () => {
  const file = join(folder, 'tfplan')
  const key = { address: 'aws_kms_key.shop', action: actions.delete }
  writeFileSync(file, planFile([{ address: 'aws_s3_bucket.a', action: actions.create }]))
  expect(await hook('terraform apply tfplan')).toBe('')
  writeFileSync(file, planFile([key]))
  const first = await hook('terraform apply tfplan')
  const id = idIn(first)
  expect(first).toContain('aws_kms_key.shop')
  const text = await shownOf(id)
  expect(text).toContain('would go   aws_kms_key aws_kms_key.shop')
  expect(text).toContain(hash('sha256', planFile([key]), 'hex'))
  await approve(id)
  writeFileSync(file, planFile([key, { address: 'aws_kms_key.other', action: actions.delete }]))
  const changed = await hook('terraform apply tfplan')
  expect(idIn(changed)).not.toBe(id)
  // What is in it is the same, its bytes are not.
  writeFileSync(file, planFile([key, { address: 'aws_vpc.a', action: actions.noop }]))
  expect(await hook('terraform apply tfplan')).toContain('firebreak approve')
  writeFileSync(file, planFile([key]))
  expect(await hook('terraform apply tfplan')).toBe('')
})

test('a plan that takes data away asks for its way back, thing by thing', async () => {
  writeFileSync(
    join(folder, 'gone.tfplan'),
    planFile([{ address: 'aws_db_instance.main', action: actions.delete }]),
  )
  const text = await hook('terraform apply gone.tfplan')
  expect(text).toContain('laptop/aws_db_instance/aws_db_instance.main')
  expect(text).not.toContain('firebreak approve')
})

test('a pass is good for a quarter of an hour', async () => {
  const command = 'kubectl delete secret late'
  const id = idIn(await hook(command))
  await approve(id)
  rig.pass(16 * 60_000)
  const late = await hook(command)
  expect(late).toContain('firebreak approve hold_')
  expect(idIn(late)).not.toBe(id)
})

test('undo makes a pass void that was not used', async () => {
  const command = 'kubectl delete secret undone'
  const id = idIn(await hook(command))
  await approve(id)
  await rig.people.call('hold-undo', { id, by: 'ada' })
  expect(idIn(await hook(command))).not.toBe(id)
})

test('what asks for a way back that nobody has is refused, and nobody is asked', async () => {
  const text = await hook('rm -rf /var/lib/postgresql')
  expect(text).toContain('vault.sources')
  expect(text).not.toContain('firebreak approve')
})

test('Firebreak’s own is never asked about', async () => {
  const text = await hook('rm -rf .firebreak')
  expect(text).toContain('This is final')
  expect(text).not.toContain('hold_')
})

test('secrets of a command are masked where it is shown', async () => {
  const id = idIn(
    await hook("API_KEY=sk-abcdefabcdef12345 kubectl delete secret x --token 'abcdef123'"),
  )
  const text = await shownOf(id)
  expect(text).toContain('[masked]')
  expect(text).not.toContain('abcdef')
})

test('without a grant that counts, a target in it or a daemon, nothing is opened and it stays refused', async () => {
  const none = await rig.people.mint('agent:narrow', { ...everything, targets: ['railway'] })
  for (const asked of [
    await hook('kubectl delete secret q', { token: none }),
    await hook('kubectl delete secret q', { url: 'http://127.0.0.1:9' }),
    await hook('kubectl delete secret q', { url: 'nowhere' }),
    await hook('kubectl delete secret q', { token: 'fbk_nothing' }),
  ]) {
    expect(asked).toContain('Firebreak holds this')
    expect(asked).not.toContain('firebreak approve')
  }
})

test('no other machine is asked, and no answer but a plain yes lets anything through', async () => {
  const question = { calls: [{ kind: 'shell', command: 'x', cwd: null } as const], files: [] }
  let heard = 0
  let body = ''
  const server = createServer((_, outgoing) => {
    heard += 1
    outgoing.end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const ask = async (url: string): Promise<unknown> =>
    await askDaemon({ url, grant, mostMs: 4000 }, question)
  for (const url of ['https://127.0.0.1', 'http://10.0.0.1', 'http://127.0.0.1.example.com', ''])
    expect(await ask(url)).toBeNull()
  expect(heard).toBe(0)
  for (body of ['', '{', '[]', '{"kind":"allow"}', '{"kind":"held"}', `"${'x'.repeat(100_000)}"`])
    expect(await ask(`http://127.0.0.1:${port}`)).toBeNull()
  expect(heard).toBe(6)
  server.close()
})

test('the process asks by its environment, and lets through once', async () => {
  const command = 'kubectl delete secret by-process'
  const first = await byProcess(command)
  expect(first).toContain('firebreak approve hold_')
  await approve(idIn(first))
  expect(await byProcess(command)).toBe('')
  expect(await byProcess(command)).toContain('firebreak approve hold_')
})

function byProcess(command: string): Promise<string> {
  const main = join(import.meta.dirname, '../../src/cli/hook-main.ts')
  const child = spawn(process.execPath, ['--no-warnings', main, 'claude-code'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { PATH: process.env['PATH'], FIREBREAK_GRANT: grant, FIREBREAK_URL: rig.running.url },
  })
  child.stdin.end(payload(command, folder))
  const parts: Buffer[] = []
  child.stdout.on('data', (part: Buffer) => parts.push(part))
  return new Promise((resolve) => {
    child.on('close', () => resolve(Buffer.concat(parts).toString()))
  })
}

test('a no closes the class: the same wish in another form is refused without a prompt', async () => {
  const id = idIn(await hook('kubectl delete secret denied'))
  await rig.people.call('hold-deny', { id, by: 'ada' })
  for (const command of ['kubectl delete secret denied', 'kubectl delete secret denied --now']) {
    const text = await hook(command)
    expect(text).toContain('This is final')
    expect(text).not.toContain('firebreak approve')
  }
})

test('by HTTP the daemon asks itself', async () => {
  const ask = async (command: string): Promise<string> => {
    const said = await fetch(`${rig.running.url}/.firebreak/hook/claude-code`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${grant}` },
      body: payload(command, folder),
    })
    return await said.text()
  }
  const command = "psql -c 'CREATE EXTENSION plpython3u'"
  const text = await ask(command)
  expect(text).toContain('firebreak approve hold_')
  await approve(idIn(text))
  expect(await ask(command)).toBe('')
})

test('a revoked grant and a halt refuse, also what was approved', async () => {
  const commands = ['gh secret delete A', 'gh secret delete B'] as const
  const other = await rig.people.mint('agent:revoked', everything)
  const fresh = await rig.people.mint('agent:halted', everything)
  await approve(idIn(await hook(commands[0], { token: fresh })))
  await approve(idIn(await hook(commands[1], { token: other })))
  const grants = await rig.people.call('grant-list')
  const all = Array.isArray(grants) ? grants.filter(isObject) : []
  const mine = all.find(({ principal }) => principal === 'agent:revoked')
  await rig.people.call('grant-revoke', { id: mine?.['id'] ?? '', by: 'ada' })
  expect(await hook(commands[1], { token: other })).toContain('revoked')
  await rig.people.call('halt', { who: 'all', reason: 'drill' })
  expect(await hook(commands[0], { token: fresh })).toContain('halt')
})
