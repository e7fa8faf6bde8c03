/** What the next commit would bring in, in real repositories; and a pre-commit hook that keeps it out. */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { findIn } from '../../src/scan/find.ts'
import { findStaged } from '../../src/scan/staged.ts'
import { drawn, uuid } from './planted.ts'
import { rows } from './rows.ts'

let root = ''
const program = join(import.meta.dirname, '../../bin/firebreak')
const as = ['-c', 'user.name=a', '-c', 'user.email=a@example.com']
const git = (...args: readonly string[]): string =>
  execFileSync('git', [...as, ...args], { cwd: root, encoding: 'utf8', stdio: 'pipe' })

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'firebreak-staged-'))
  git('init', '-q')
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

function write(file: string, text: string): void {
  mkdirSync(dirname(join(root, file)), { recursive: true })
  writeFileSync(join(root, file), text)
}
const token = (name: string): string => `RAILWAY_TOKEN=${uuid(name)}\n`

async function told(folder = root): Promise<readonly string[]> {
  const list: string[] = []
  for await (const each of findStaged(folder))
    list.push('unreadable' in each ? each.why : `${each.at.file}:${each.at.line} ${each.rule}`)
  return list
}

test('before the first commit, all that is staged', async () => {
  write('a.sh', `\n${token('a')}`)
  write('b.sh', token('b'))
  git('add', 'a.sh')
  expect(await told()).toEqual(['a.sh:2 railway-token'])
})

test('later, only what the commit would change, as the index has it', async () => {
  write('old.sh', token('old'))
  write('gone.sh', token('gone'))
  git('add', '-A')
  git('commit', '-qm', 'x', '--no-verify')
  write('deploy/é "x".sh', `x\n${token('new')}`)
  git('add', '-A')
  git('rm', '-q', 'gone.sh')
  // What was staged counts, whatever stands in the checkout by now.
  write('deploy/é "x".sh', 'nothing')
  write('loose.sh', token('loose'))
  expect(await told()).toEqual(['deploy/é "x".sh:2 railway-token'])
  expect(await told(join(root, 'deploy'))).toEqual(['é "x".sh:2 railway-token'])
  git('checkout', '-q', '--orphan', 'other')
  expect((await told()).toSorted()).toEqual([
    'deploy/é "x".sh:2 railway-token',
    'old.sh:1 railway-token',
  ])
})

test('a rule that goes by the name of the file finds in the index what it finds in the checkout', async () => {
  const wanted = rows.flatMap(([file, text], at) => {
    const path = `${at}/${file}`
    write(path, text)
    return findIn(text, path).map((found) => `${path}:${found.at.line} ${found.rule}`)
  })
  write('odd\nname/.env', `SESSION_SECRET=${drawn('odd', 32)}\n`)
  git('add', '-A', '-f')
  expect((await told()).toSorted()).toEqual([...wanted, 'odd\nname/.env:1 env-secret'].toSorted())
})

test('where git cannot tell, nothing is said to be clean', async () => {
  write('.git/index', 'not an index')
  await expect(told()).rejects.toThrow('git: ')
})

test('a pre-commit hook keeps it out until it is gone or accepted, and shows no secret', () => {
  write('.git/hooks/pre-commit', `#!/bin/sh\nexec ${program} scan --staged\n`)
  execFileSync('chmod', ['+x', join(root, '.git/hooks/pre-commit')])
  const commit = (): { readonly code: number | null; readonly said: string } => {
    const ran = spawnSync('git', [...as, 'commit', '-qm', 'x'], { cwd: root, encoding: 'utf8' })
    return { code: ran.status, said: ran.stdout + ran.stderr }
  }
  write('deploy.sh', token('one'))
  git('add', '-A')
  const refused = commit()
  expect(refused.code).not.toBe(0)
  expect(refused.said).toContain('deploy.sh:1, staged')
  expect(refused.said).not.toContain(uuid('one'))
  write('deploy.sh', 'RAILWAY_TOKEN=$RAILWAY_TOKEN\n')
  git('add', '-A')
  expect(commit()).toMatchObject({ code: 0 })
})
