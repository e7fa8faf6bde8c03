/** What an agent that `firebreak run` has started can get at, for real: its own environment, whoever started it, and what was left open. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { agentEnv } from '../../src/app/setup/agent-env.ts'
import { programFile } from '../../src/app/setup/start-agent.ts'
import { caveatsOf } from '../../src/app/narrow.ts'
import { readConfig } from '../../src/app/config.ts'
import { mintGrant } from '../../src/grants/grant.ts'

const bin = join(import.meta.dirname, '../../bin/firebreak')
const canary = 'c4nary-of-the-person'
const dir = mkdtempSync(join(tmpdir(), 'firebreak-run-'))
const all = { operations: ['*'], environments: ['*'], expiresMs: 3_600_000 }
const yaml = `version: 1
state: state
key: { env: HOUSE }
targets:
  shop:
    platform: postgres
    url: postgres://app@db.kestrel-rentals.io/shop
`
beforeAll(() => {
  mkdirSync(join(dir, 'state'), { mode: 0o700 })
  const grant = mintGrant(new Uint8Array(32).fill(7), 'grant_1', caveatsOf(all, Date.now()))
  writeFileSync(join(dir, 'state/agent.grant'), grant, { mode: 0o600 })
  writeFileSync(join(dir, 'firebreak.yaml'), yaml)
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

/** Runs a shell's text as the agent, with the person's variables. */
function asAgent(
  text: string,
  env: Readonly<Record<string, string>>,
  around = 'exec "$@"',
): string {
  const words = [process.execPath, bin, 'run', '--quiet', '--', 'sh', '-c', text]
  const ran = spawnSync('sh', ['-c', around, 'sh', ...words], {
    cwd: dir,
    encoding: 'utf8',
    env: { PATH: process.env['PATH'] ?? '', ...env },
  })
  return `${ran.stdout}${ran.stderr}${ran.status === 0 ? '' : `exit ${ran.status}`}`
}

test.runIf(process.platform === 'linux')(
  'nobody above the agent holds in /proc what was kept from it',
  () => {
    const said = asAgent(`cat /proc/$$/environ /proc/$PPID/environ | tr '\\0' '\\n'; echo end`, {
      RAILWAY_TOKEN: canary,
    })
    expect(said).toContain('FIREBREAK_GRANT=fbk_')
    expect([said.includes(canary), said.endsWith('end\n')]).toEqual([false, true])
  },
)

test('what the person’s shell has open is not open for the agent', () => {
  writeFileSync(join(dir, 'open'), canary)
  expect(asAgent('(cat <&9) 2>/dev/null || echo closed', {}, 'exec 9<open; exec "$@"')).toBe(
    'closed\n',
  )
})

test('it ends as the agent ends, and says nothing besides', () => {
  expect([asAgent('exit 7', {}), asAgent('kill -TERM $$', {})]).toEqual(['exit 7', 'exit null'])
})

test('a program that is not there is told', () => {
  const ran = spawnSync(process.execPath, [bin, 'run', '--', 'no-such-agent'], {
    cwd: dir,
    encoding: 'utf8',
  })
  expect([ran.status, ran.stderr]).toEqual([
    2,
    expect.stringMatching(/`no-such-agent` cannot be started/),
  ])
  expect(programFile('./firebreak.yaml', {})).toBeNull()
})

test.each<[string, string]>([
  ['RAILWAY_TOKEN', canary],
  ['GH_TOKEN', canary],
  ['AWS_SECRET_ACCESS_KEY', canary],
  ['AWS_SESSION_TOKEN', canary],
  ['PGPASSWORD', canary],
  ['MYSQL_PWD', canary],
  ['DB_PASS', canary],
  ['SSHPASS', canary],
  ['GPG_PASSPHRASE', canary],
  ['GITHUB_PAT', canary],
  ['STRIPE_KEY', canary],
  ['npm_config__authToken', canary],
  ['SENTRY_DSN', canary],
  ['HOUSE', canary],
  ['OTHER_URL', `mysql://root:${canary}@db.other.io/prod`],
  ['CURSOR_DATABASE_URL', `postgres://app:${canary}@db.other.io/prod`],
  ['OPENAI_DB', `mysql://root:${canary}@db.other.io/prod`],
])('the variable %s is kept from it', (name, value) => {
  const { env, removed } = agentEnv(
    { [name]: value, HOME: '/home/ada' },
    readConfig(join(dir, 'firebreak.yaml')),
    'fbk_x',
  )
  expect([JSON.stringify(env).includes(canary), removed, env['HOME']]).toEqual([
    false,
    [name],
    '/home/ada',
  ])
})

test('what it needs stays, and a known database leads through the gateway', () => {
  const from = {
    PWD: '/shop',
    OLDPWD: '/',
    ANTHROPIC_API_KEY: 'sk-of-its-model',
    KEYBOARD: 'us',
    DATABASE_URL: `postgres://app:${canary}@db.kestrel-rentals.io/shop`,
  }
  const { env, removed, led } = agentEnv(from, readConfig(join(dir, 'firebreak.yaml')), 'fbk_x')
  expect([removed, led, JSON.stringify(env).includes(canary)]).toEqual([
    [],
    ['DATABASE_URL'],
    false,
  ])
  expect(env).toMatchObject({
    PWD: '/shop',
    OLDPWD: '/',
    ANTHROPIC_API_KEY: 'sk-of-its-model',
    KEYBOARD: 'us',
  })
})
