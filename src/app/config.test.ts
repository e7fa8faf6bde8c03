import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { environmentsOf } from './environments.ts'
import { readConfig } from './config.ts'

const folder = mkdtempSync(join(tmpdir(), 'firebreak-config-'))
const file = join(folder, 'firebreak.yaml')
afterAll(() => rmSync(folder, { recursive: true }))

const good = `version: 1
targets:
  railway:
    platform: railway
    url: https://backboard.railway.com
    environments:
      production: { id: env-p }
      staging: { id: [env-s, env-t], protected: false }
limits:
  hold: 4h
`
function read(text: string): ReturnType<typeof readConfig> {
  writeFileSync(file, text)
  return readConfig(file)
}

test('a short config is enough; the rest has safe defaults', () => {
  expect(read(good)).toMatchObject({
    mode: 'enforce',
    state: join(folder, '.firebreak'),
    limits: { hold: 14_400_000, openHolds: 20 },
  })
})

test('a key file is looked for beside the config, never in whatever folder the command is called from', () => {
  expect(read(`${good}key: { file: fb.key }\n`).key).toEqual({ file: join(folder, 'fb.key') })
})

test.each<[string, string, string, string]>([
  [
    'a misspelt key',
    'environments:',
    'enviroments:',
    ':6: `targets.railway.enviroments` is no key',
  ],
  ['an unknown key at the top', 'limits:', 'limit:', ':9: `limit` is no key'],
  [
    'a port beyond the last',
    'limits:',
    'listen: 127.0.0.1:65536\nlimits:',
    ':9: `listen` must be `host:port`',
  ],
  ['a bad duration', '4h', '4 hours', ':10: `limits.hold` is no duration'],
  ['plain http to the world', 'https:', 'http:', ':5: `targets.railway.url` must be https'],
  ['a password in the URL', 'https://', 'https://a:b@', ':5: `targets.railway.url` must be https'],
  [
    'an unknown platform',
    'platform: railway',
    'platform: heroku',
    ':4: `targets.railway.platform`',
  ],
  [
    'a header that no credential goes out in',
    'platform: railway',
    'platform: railway\n    header: x-api-key',
    ':5: `targets.railway.header` must be ("authorization" | "project-access-token"), and is "x-api-key"',
  ],
  [
    'a private key among the recipients',
    'limits:',
    'vault: { store: v, recipients: [AGE-SECRET-KEY-1QQ] }\nlimits:',
    ':9: `vault.recipients.0` is a private key',
  ],
  [
    'an SSH key among the recipients',
    'limits:',
    'vault: { store: v, recipients: [ssh-ed25519 AAAA] }\nlimits:',
    ':9: `vault.recipients.0` is an SSH key: make an age one',
  ],
  [
    'a recipient that is none',
    'limits:',
    'vault: { store: v, recipients: [ada@example.org] }\nlimits:',
    ':9: `vault.recipients.0` is no age recipient: it reads `age1…`',
  ],
  ['a duplicate key', 'version: 1', 'version: 1\nversion: 1', ':2: Map keys must be unique'],
  [
    'a missing id',
    'id: env-p',
    'protected: true',
    ':7: `targets.railway.environments.production.id` is missing',
  ],
  ['another version', 'version: 1', 'version: 2', ':1: `version`'],
  ['no YAML', 'version: 1', 'version: [1', ':'],
  ['nothing', good, '', ':1:'],
])('%s refuses to start and says where', (_, from, to, message) => {
  expect(() => read(good.replace(from, to))).toThrow(
    expect.objectContaining({ code: 'bad_config', message: expect.stringContaining(message) }),
  )
})

test('a file that is not there says so', () => {
  expect(() => readConfig(join(folder, 'none.yaml'))).toThrow(
    expect.objectContaining({ code: 'bad_config' }),
  )
})

test('I09: an environment is what its id says, never what the platform calls it', () => {
  const environments = environmentsOf(read(good), 'railway')
  expect(['env-p', 'env-s', 'env-t', 'unheard'].map(environments.name)).toEqual([
    'production',
    'staging',
    'staging',
    'unheard',
  ])
  expect(['env-p', 'env-s', 'unheard'].map(environments.isProtected)).toEqual([true, false, true])
})

test('a restic repository is a folder beside the config, or a service; its password is a name in custody', () => {
  const vault = (restic: string): string =>
    `${good}vault:\n  store: v\n  sources:\n    - { covers: a/b/c, path: d, restic: ${restic} }\n`
  expect(read(vault('{ repository: backup }')).vault?.sources).toEqual([
    {
      covers: 'a/b/c',
      path: join(folder, 'd'),
      restic: { repository: join(folder, 'backup'), password: 'restic' },
    },
  ])
  const rest = '{ repository: "rest:https://h/", password: shop-restic, credential: h }'
  expect(read(vault(rest)).vault?.sources[0]).toMatchObject({
    restic: { repository: 'rest:https://h/', password: 'shop-restic', credential: 'h' },
  })
  for (const wrong of [
    '{ repository: "--password-command=id" }',
    '{ repository: "sftp:-oProxyCommand=id:/x" }',
    '{ repository: "rest:https://u:p@h/" }',
    '{ repository: "rclone:x:y" }',
  ])
    expect(() => read(vault(wrong))).toThrow('is no repository that Firebreak leads restic to')
  expect(() => read(vault('{ repository: backup, credential: h }'))).toThrow(
    'which only `rest:` and `s3:` take',
  )
  expect(() => read(vault('{ repository: backup, passwrd: h }'))).toThrow(/firebreak\.yaml:\d+: /)
})
