/** Force pushes against a real bare remote (INCIDENTS R15): saved before they run, put back by one command, and never over somebody's later work. */
import { execFile, execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { askDaemon } from '../../src/app/hook-ask.ts'
import { hookWorld } from '../../src/app/hook-world.ts'
import { putBack } from '../../src/app/push-back.ts'
import type { PutBack } from '../../src/app/push-back.ts'
import { isObject, textOf } from '../../src/base/json.ts'
import { answer } from '../../src/gateways/hook/answer.ts'
import { claudeCode } from '../../src/gateways/hook/dialects.ts'
import { pushIn } from '../../src/gateways/hook/push.ts'
import { everything, openRig } from '../rig.ts'
import type { Rig } from '../rig.ts'

let rig: Rig
let grant = ''
let dir = ''
let [remote, work, other] = ['', '', '']

const git = (cwd: string, ...args: readonly string[]): string =>
  execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.com', ...args], {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  }).trim()

function commit(cwd: string, text: string): string {
  writeFileSync(join(cwd, 'file'), text)
  git(cwd, 'add', '.')
  git(cwd, 'commit', '-qm', text)
  return git(cwd, 'rev-parse', 'HEAD')
}

const at = (ref: string): string => {
  try {
    return git(remote, 'rev-parse', '--verify', ref)
  } catch {
    // It is not there.
    return ''
  }
}

beforeEach(async () => {
  rig = await openRig('limits:\n  burst: { count: 1000, window: 1m }\n', {
    targets: '  laptop:\n    platform: shell',
  })
  grant = await rig.people.mint('agent:claude', everything)
  dir = mkdtempSync(join(tmpdir(), 'firebreak-push-test-'))
  remote = join(dir, 'remote.git')
  work = join(dir, 'work')
  other = join(dir, 'other')
  git(dir, 'init', '-q', '--bare', '-b', 'main', remote)
  git(dir, 'clone', '-q', remote, work)
  git(work, 'checkout', '-qb', 'main')
  commit(work, 'one')
  commit(work, 'two')
  git(work, 'push', '-q', 'origin', 'main')
  git(dir, 'clone', '-q', remote, other)
})
afterEach(async () => {
  await rig.close()
  rmSync(dir, { recursive: true, force: true })
})

/** What the agent reads; empty where it may go on. */
async function hook(command: string, cwd = work): Promise<string> {
  const daemon = { url: rig.running.url, grant, mostMs: 20_000 }
  const world = hookWorld(2000, async (question, held) => await askDaemon(daemon, question, held))
  const payload = {
    hook_event_name: 'PreToolUse',
    cwd,
    tool_name: 'Bash',
    tool_input: { command },
  }
  const { stdout } = await answer(claudeCode, JSON.stringify(payload), world)
  if (stdout === '') return ''
  const { hookSpecificOutput: told }: { hookSpecificOutput: { permissionDecisionReason: string } } =
    JSON.parse(stdout)
  return told.permissionDecisionReason
}

const idIn = (text: string): string => /hold_\w+/.exec(text)?.[0] ?? ''

async function shown(id: string): Promise<{ text: string; saved: string; shown: string }> {
  const found = await rig.people.call('hold-show', { id, by: 'ada' })
  const one = isObject(found) ? found : {}
  return { text: textOf(one['text']), saved: textOf(one['saved']), shown: textOf(one['shown']) }
}

async function approved(command: string, cwd = work): Promise<string> {
  const id = idIn(await hook(command, cwd))
  expect(id).not.toBe('')
  await rig.people.callAs('hold-approve', { id, shown: (await shown(id)).shown })
  return id
}

async function undo(id: string, folder = work): Promise<PutBack> {
  const saved = await rig.people.call('push-saved', { id, by: 'ada' })
  const push = isObject(saved) ? pushIn(saved['push']) : null
  if (push === null || !isObject(saved)) throw new Error('nothing was saved')
  return await putBack(push, textOf(saved['file']), folder)
}

/** The history of the checkout written anew, so that `two` is on the remote alone. */
function rewrite(): void {
  git(work, 'reset', '-q', '--hard', 'HEAD~1')
  commit(work, 'another two')
}

test.each([
  ['git push --force origin main', ''],
  ['git push -f', ''],
  ['git push origin +main', ''],
  ['git push --force-with-lease origin main', ''],
  ['git push --force origin HEAD:refs/heads/main', ''],
  ['git push --mirror origin', ''],
  ['git -C work push --force origin main', '..'],
  ['cd work && git push --force origin main', '..'],
])('`%s` is held, saved, let through once and put back', async (command, from) => {
  git(work, 'branch', '-q', '--set-upstream-to', 'origin/main')
  const old = at('main')
  rewrite()
  const cwd = join(work, from)
  const id = await approved(command, cwd)
  const { text } = await shown(id)
  expect(text).toContain(`refs/heads/main: ${old} → ${git(work, 'rev-parse', 'HEAD')}`)
  expect(await hook(command, cwd)).toBe('')
  expect((await shown(id)).saved).toContain(`refs/heads/main at ${old.slice(0, 12)}`)
  execFileSync('sh', ['-c', command], { cwd, stdio: 'ignore' })
  expect(at('main')).toBe(git(work, 'rev-parse', 'HEAD'))
  const { ok, lines } = await undo(id)
  expect([ok, lines]).toEqual([true, [expect.stringContaining(`refs/heads/main is ${old} again`)]])
  expect(at('main')).toBe(old)
})

test('what only others had is fetched first, and comes back in a clone that never had it', async () => {
  const theirs = commit(other, 'theirs')
  git(other, 'push', '-q', 'origin', 'main')
  rewrite()
  const id = await approved('git push --force origin main')
  expect(await hook('git push --force origin main')).toBe('')
  git(work, 'push', '-qf', 'origin', 'main')
  git(remote, 'reflog', 'expire', '--expire=now', '--all')
  git(remote, 'gc', '-q', '--prune=now')
  const fresh = join(dir, 'fresh')
  git(dir, 'clone', '-q', remote, fresh)
  expect(() => git(fresh, 'cat-file', '-e', theirs)).toThrow('cat-file')
  expect((await undo(id, fresh)).ok).toBe(true)
  expect(at('main')).toBe(theirs)
})

test('branches and tags that are deleted come back, an annotated tag as it was', async () => {
  git(work, 'checkout', '-qb', 'side')
  const side = commit(work, 'side')
  git(work, 'tag', '-a', 'v1', '-m', 'one')
  git(work, 'push', '-q', 'origin', 'side', 'v1')
  const tag = at('refs/tags/v1')
  expect(tag).not.toBe(at('refs/tags/v1^{}'))
  git(work, 'checkout', '-q', 'main')
  const command = 'git push origin --delete side refs/tags/v1'
  const id = await approved(command)
  expect(await hook(command)).toBe('')
  git(work, 'push', '-q', 'origin', '--delete', 'side', 'refs/tags/v1')
  git(work, 'branch', '-qD', 'side')
  expect([at('side'), at('refs/tags/v1')]).toEqual(['', ''])
  expect((await undo(id)).ok).toBe(true)
  expect([at('side'), at('refs/tags/v1')]).toEqual([side, tag])
})

test('a branch that is merged elsewhere comes back too, and little is kept for it', async () => {
  git(work, 'push', '-q', 'origin', 'main:refs/heads/old', 'main~1:refs/heads/older')
  const [old, older] = [at('old'), at('older')]
  const command = 'git push -d origin old older'
  const id = await approved(command)
  expect(await hook(command)).toBe('')
  git(work, 'push', '-q', '-d', 'origin', 'old', 'older')
  expect((await undo(id)).ok).toBe(true)
  expect([at('old'), at('older')]).toEqual([old, older])
})

test('`--prune` takes what the checkout does not have, and it is saved', async () => {
  git(other, 'checkout', '-qb', 'theirs')
  const theirs = commit(other, 'theirs')
  git(other, 'push', '-q', 'origin', 'theirs')
  const command = "git push --prune origin 'refs/heads/*:refs/heads/*'"
  const id = await approved(command)
  expect(await hook(command)).toBe('')
  execFileSync('sh', ['-c', command], { cwd: work, stdio: 'ignore' })
  expect(at('theirs')).toBe('')
  expect((await undo(id)).ok).toBe(true)
  expect(at('theirs')).toBe(theirs)
})

test('later work of others is not written over by undo, and what was is told', async () => {
  const old = at('main')
  rewrite()
  const id = await approved('git push -f origin main')
  expect(await hook('git push -f origin main')).toBe('')
  git(work, 'push', '-qf', 'origin', 'main')
  git(other, 'fetch', '-q')
  git(other, 'reset', '-q', '--hard', 'origin/main')
  const later = commit(other, 'later')
  git(other, 'push', '-q', 'origin', 'main')
  const { ok, lines } = await undo(id)
  expect(ok).toBe(false)
  expect(lines.join()).toContain(`it has moved on since, to ${later}`)
  expect(lines.join()).toContain(`git branch saved ${old}`)
  expect(at('main')).toBe(later)
  git(work, 'branch', 'saved', old)
})

test('`firebreak undo` does it at a terminal, and leaves no open bundle behind', async () => {
  const old = at('main')
  rewrite()
  const id = await approved('git push -f origin main')
  expect(await hook('git push -f origin main')).toBe('')
  git(work, 'push', '-qf', 'origin', 'main')
  const main = join(import.meta.dirname, '../../src/cli/main.ts')
  const file = join(rig.dir, 'home/firebreak.yaml')
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--no-warnings',
    main,
    'undo',
    id,
    '--config',
    file,
  ])
  expect(stdout).toContain(`refs/heads/main is ${old} again`)
  expect(at('main')).toBe(old)
  expect(readdirSync(join(rig.config.state, 'pushes'))).toEqual([`${id}.sealed`])
})

test('undo before the push takes its pass back, and nothing is saved', async () => {
  rewrite()
  const id = await approved('git push -f origin main')
  expect(await rig.people.call('push-saved', { id, by: 'ada' })).toBeNull()
  await rig.people.call('hold-undo', { id, by: 'ada' })
  expect(idIn(await hook('git push -f origin main'))).not.toBe(id)
})

test('a remote that has moved since the approval is another action', async () => {
  rewrite()
  const id = await approved('git push -f origin main')
  commit(other, 'meanwhile')
  git(other, 'push', '-q', 'origin', 'main')
  const text = await hook('git push -f origin main')
  expect(text).toContain('firebreak approve')
  expect(idIn(text)).not.toBe(id)
})

test('a retry in another form stays denied', async () => {
  rewrite()
  const id = idIn(await hook('git push --force origin main'))
  await rig.people.call('hold-deny', { id, by: 'ada' })
  for (const command of [
    'git push --force origin main',
    'git push origin +main',
    'git push --force-with-lease origin main',
    'git push --mirror',
    'git push origin :main',
    'cd . && git push -f origin main',
  ]) {
    const text = await hook(command)
    expect(text).toContain('This is final')
    expect(text).not.toContain('firebreak approve')
  }
})

test('what cannot be saved is not pushed: no hold for it, or no pass', async () => {
  rewrite()
  for (const command of [
    'git commit --amend -qm x && git push -f origin main',
    'git -c core.sshCommand=evil push -f origin main',
    'git push -f --receive-pack=evil origin main',
    "git push -f 'ext::sh -c evil' main",
    'git push -f origin main && git push -f origin main:other',
    'GIT_DIR=x git push -f origin main',
    "bash -c 'git push -f origin main'",
    'git push -f "$REMOTE" main',
    'git push -f nowhere main',
    'git push -f origin nothing',
  ]) {
    const text = await hook(command)
    expect(text).toContain('It cannot wait for a person')
    expect(text).not.toContain('firebreak approve')
  }
  const id = await approved('git push -f origin main')
  const objects = join(work, '.git/objects')
  const old = at('main')
  // The remote has lost what it should have: it cannot be saved.
  for (const place of [objects, join(remote, 'objects')])
    rmSync(join(place, old.slice(0, 2), old.slice(2)), { force: true })
  const text = await hook('git push -f origin main')
  expect(text).toContain('could not be saved')
  expect((await shown(id)).saved).toBe('')
})

test('the daemon takes nothing that does not hold the old commits, from nobody else and for no other hold', async () => {
  rewrite()
  const id = await approved('git push -f origin main')
  const send = async (body: string, hold = id, token = grant): Promise<string> => {
    const said = await fetch(`${rig.running.url}/.firebreak/hook/save?hold=${hold}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body,
    })
    return await said.text()
  }
  const stranger = await rig.people.mint('agent:other', everything)
  const old = at('main')
  for (const [said, why] of [
    [await send('nothing'), 'does not hold'],
    [await send(`# v2 git bundle\n${'0'.repeat(40)} refs/a\n\nPACK`), 'does not hold'],
    [await send(`# v2 git bundle\n${old} refs/a\n\nPACK${'x'.repeat(40)}`), 'damaged'],
    [await send('nothing', 'hold_none'), 'there is no hold'],
    [await send('nothing', id, stranger), 'there is no hold'],
  ] as const)
    expect(said).toContain(why)
  expect(existsSync(join(rig.config.state, 'pushes', `${id}.sealed`))).toBe(false)
})

test('what is saved lies sealed, and a changed byte of it is found', async () => {
  rewrite()
  const id = await approved('git push -f origin main')
  expect(await hook('git push -f origin main')).toBe('')
  const folder = join(rig.config.state, 'pushes')
  expect(readdirSync(folder)).toEqual([`${id}.sealed`])
  const file = join(folder, `${id}.sealed`)
  const bytes = readFileSync(file)
  expect(bytes.includes('git bundle')).toBe(false)
  bytes[100] = (bytes[100] ?? 0) ^ 1
  writeFileSync(file, bytes)
  await expect(undo(id)).rejects.toThrow('does not open')
})

test('the checkout keeps no trace of it', async () => {
  rewrite()
  const before = git(work, 'for-each-ref')
  await approved('git push -f origin main')
  expect(await hook('git push -f origin main')).toBe('')
  expect(git(work, 'for-each-ref')).toBe(before)
  expect(existsSync(join(work, '.git/FETCH_HEAD'))).toBe(false)
  expect(git(work, 'status', '--short')).toBe('')
})

test('a push that would write over nothing as it is now is said to, and saves nothing', async () => {
  const id = await approved('git push --force origin main')
  expect((await shown(id)).text).toContain('"refs":[]')
  expect(await hook('git push --force origin main')).toBe('')
})

test('by HTTP no push can wait: the daemon has no repository', async () => {
  rewrite()
  const said = await fetch(`${rig.running.url}/.firebreak/hook/claude-code`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${grant}` },
    body: JSON.stringify({
      hook_event_name: 'PreToolUse',
      cwd: work,
      tool_name: 'Bash',
      tool_input: { command: 'git push -f origin main' },
    }),
  })
  expect(await said.text()).toContain('where the hook is a process')
})
