import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { readConfig } from './config.ts'

const folder = mkdtempSync(join(tmpdir(), 'firebreak-notify-'))
const file = join(folder, 'firebreak.yaml')
afterAll(() => rmSync(folder, { recursive: true }))

function read(channel: string, more = ''): ReturnType<typeof readConfig> {
  const targets = '  railway:\n    platform: railway\n    url: https://backboard.railway.com\n'
  const text = `version: 1\ntargets:\n${targets}${more}notify:\n  channels:\n${channel}`
  writeFileSync(file, text)
  return readConfig(file)
}

const url = 'url: "https://ops.example.com/hook"'
const vault = `vault:
  store: v
  bucket: { name: abc, attackers: [thief] }
  sources:
    - { covers: a/b/c, path: /p, restic: { repository: "rest:https://r.example/", credential: service } }
console: { oidc: { issuer: "https://id.example", client: c, credential: client, people: {} } }
`

test.each<readonly [string, string, string]>([
  ['a target’s, by its own name', 'railway', `{ kind: webhook, ${url} }`],
  ['a target’s, as its credential', 'ops', `{ kind: webhook, ${url}, credential: railway }`],
  [
    'a target’s, as a token',
    'ops',
    '{ kind: ntfy, url: "https://n.example/t", credential: railway }',
  ],
  ['a target’s, as an address', 'ops', '{ kind: slack, credential: railway }'],
  [
    'a target’s, as a password',
    'railway',
    '{ kind: mail, host: m.example, from: f@m.example, to: [t@m.example], user: f }',
  ],
  ['the bucket’s', 'bucket', `{ kind: webhook, ${url} }`],
  ['one that the bucket is attacked with', 'thief', `{ kind: webhook, ${url} }`],
  ['restic’s password', 'restic', `{ kind: webhook, ${url} }`],
  ['restic’s service', 'ops', `{ kind: webhook, ${url}, credential: service }`],
  ['the sign-in’s', 'client', `{ kind: webhook, ${url} }`],
])('a channel is not sent a credential that is kept for something else: %s', (_, name, entry) => {
  expect(() => read(`    ${name}: ${entry}\n`, vault)).toThrow(
    new RegExp(`firebreak.yaml:14: .notify.channels.${name}. would be sent the credential`),
  )
})

test.each<readonly [string, string]>([
  ['of its own', `    ops: { kind: webhook, ${url} }\n`],
  [
    'shared by two channels',
    `    ops: { kind: webhook, ${url} }\n    b: { kind: webhook, ${url}, credential: ops }\n`,
  ],
  [
    'of none, though it has the name of a target',
    '    railway: { kind: mail, host: m.example, from: f@m.example, to: [t@m.example] }\n',
  ],
])('a credential %s is a channel’s', (_, channels) => {
  expect(Object.keys(read(channels, vault).notify?.channels ?? {})).not.toEqual([])
})

test.each<readonly [string, string]>([
  ['a webhook without TLS', 'ops: { kind: webhook, url: "http://ops.example.com/" }'],
  [
    'a webhook with a password in it',
    'ops: { kind: webhook, url: "https://a:b@ops.example.com/" }',
  ],
  [
    'mail without TLS to elsewhere',
    'm: { kind: mail, host: m.example, tls: off, from: a@b.c, to: [a@b.c] }',
  ],
  [
    'a sender with a header in it',
    'm: { kind: mail, host: m.example, from: "a@b.c\\r\\nBcc: x@y.z", to: [a@b.c] }',
  ],
  ['a topic with a path in it', 'p: { kind: ntfy, url: "https://n.example/../t?x" }'],
])('%s is refused', (_, channel) => {
  expect(() => read(`    ${channel}\n`)).toThrow(/firebreak.yaml:8: /)
})
