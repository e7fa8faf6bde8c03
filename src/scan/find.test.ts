import { expect, test } from 'vitest'
import { alphanumeric, base32, drawn, hex, jwt, uuid } from '../../test/scan/planted.ts'
import { findIn } from './find.ts'

const token = uuid('railway')
const password = drawn('password', 18)
const aws = ['AK', 'IA', drawn('aws', 16, base32)].join('')
const pem = [
  '-----BEGIN PRIV',
  `ATE KEY-----\n${drawn('pem', 64)}\n${drawn('pem2', 64)}\n-----END PRIV`,
  'ATE KEY-----',
].join('')
const made = (start: readonly string[], length: number, alphabet = alphanumeric): string =>
  start.join('') + drawn(start.join(''), length, alphabet)

test.each<[string, string, string, string, string, string | null]>([
  [
    'a Railway token under its name',
    'a.env',
    `X=1\nRAILWAY_TOKEN=${token}\n`,
    'railway-token',
    token,
    'RAILWAY_TOKEN',
  ],
  [
    'in JSON',
    'a.json',
    `{"railwayApiToken": "${token}"}`,
    'railway-token',
    token,
    'railwayApiToken',
  ],
  [
    'in YAML',
    'a.yml',
    `env:\n  RAILWAY_API_TOKEN: ${token}\n`,
    'railway-token',
    token,
    'RAILWAY_API_TOKEN',
  ],
  [
    'with name and value apart',
    'a.yml',
    `- name: RAILWAY_TOKEN\n  value: "${token}"\n`,
    'railway-token',
    token,
    'RAILWAY_TOKEN',
  ],
  [
    'as a default in code',
    'a.ts',
    `const t = process.env.RAILWAY_TOKEN ?? '${token}'`,
    'railway-token',
    token,
    'process.env.RAILWAY_TOKEN',
  ],
  [
    'as a default in a shell',
    'a.sh',
    `T=\${RAILWAY_TOKEN:-${token}}`,
    'railway-token',
    token,
    'RAILWAY_TOKEN',
  ],
  [
    'near the platform’s address',
    'a.sh',
    `TOKEN="${token}"\n\ncurl https://backboard.railway.app/graphql/v2 -H "Authorization: Bearer $TOKEN"`,
    'railway-token',
    token,
    'TOKEN',
  ],
  [
    'in the header itself',
    'a.sh',
    `curl -H 'Authorization: Bearer ${token}' https://backboard.railway.com/graphql/v2`,
    'railway-token',
    token,
    'Authorization',
  ],
  ['GitHub', 'a', made(['gh', 'p_'], 36), 'github-token', made(['gh', 'p_'], 36), null],
  [
    'GitHub, in a remote’s URL',
    'config',
    `url = https://x:${made(['gh', 'o_'], 36)}@github.com/a/b`,
    'github-token',
    made(['gh', 'o_'], 36),
    'x',
  ],
  ['AWS', 'a', `aws_access_key_id = ${aws}`, 'aws-access-key', aws, 'aws_access_key_id'],
  [
    'AWS’s secret half',
    'a',
    `aws_secret_access_key = ${drawn('s', 40)}`,
    'aws-secret-key',
    drawn('s', 40),
    'aws_secret_access_key',
  ],
  [
    'Stripe',
    'a',
    `stripe("${made(['sk_', 'live_'], 24)}")`,
    'stripe-key',
    made(['sk_', 'live_'], 24),
    'stripe',
  ],
  [
    'Hetzner',
    'a',
    `HCLOUD_TOKEN=${drawn('h', 64)}`,
    'hetzner-token',
    drawn('h', 64),
    'HCLOUD_TOKEN',
  ],
  [
    'DigitalOcean',
    'a',
    made(['dop', '_v1_'], 64, hex),
    'digitalocean-token',
    made(['dop', '_v1_'], 64, hex),
    null,
  ],
  [
    'Supabase’s service key',
    'a',
    `K=${jwt({ iss: 'supabase', role: 'service_role' })}`,
    'supabase-service-key',
    jwt({ iss: 'supabase', role: 'service_role' }),
    'K',
  ],
  [
    'a database’s URL',
    '.env',
    `DATABASE_URL=postgresql://app:${password}@db.shop.io:5432/main`,
    'postgres-url',
    password,
    'DATABASE_URL',
  ],
  [
    'of SQLAlchemy',
    'a.py',
    `u = "postgresql+asyncpg://app:${password}@db.shop.io/main"`,
    'postgres-url',
    password,
    'u',
  ],
  [
    'of MongoDB',
    'a',
    `mongodb+srv://app:${password}@c0.abcde.mongodb.net`,
    'mongodb-url',
    password,
    null,
  ],
  [
    'of Redis, without a user',
    'a',
    `redis://:${password}@cache.shop.io:6379`,
    'redis-url',
    password,
    null,
  ],
  ['of AMQP', 'a', `AMQPS://u:${password}@mq.shop.io`, 'amqp-url', password, null],
  [
    'of this machine',
    '.env',
    `DATABASE_URL=postgres://app:${password}@localhost/main`,
    'local-database-url',
    password,
    'DATABASE_URL',
  ],
  [
    'of a container beside it',
    '.env',
    `DATABASE_URL=postgres://app:${password}@db:5432/main`,
    'local-database-url',
    password,
    'DATABASE_URL',
  ],
  ['a private key', 'id', pem, 'private-key', pem, null],
])('%s is found', (_, file, text, ...[rule, secret, name]) => {
  const found = findIn(text, file)
  expect(found.map((each) => [each.rule, each.secret.reveal(), each.name])).toEqual([
    [rule, secret, name],
  ])
  const [{ at, masked } = { at: null, masked: '' }] = found
  const lines = text.split('\n').slice((at?.line ?? 0) - 1)
  expect(
    lines
      .join('\n')
      .slice((at?.column ?? 0) - 1)
      .slice(0, at?.length),
  ).toBe(secret)
  expect(masked).not.toContain(secret.slice(0, 12))
  expect(JSON.stringify(found)).not.toContain(secret)
})

test.each<[string, string]>([
  ['a UUID alone', token],
  ['the id of a project', `RAILWAY_PROJECT_ID=${token}`],
  [
    'ids near the platform’s address',
    `https://backboard.railway.app projectId: "${token}" serviceId=${token}`,
  ],
  ['a placeholder', 'RAILWAY_TOKEN=00000000-0000-0000-0000-000000000000'],
  ['a password that all use', 'postgres://postgres:postgres@db.shop.io/x'],
  [
    'a reference',
    'postgres://app:${DB_PASSWORD}@db.shop.io/x mysql://a:$PASS@b.c.io/ redis://:<password>@x.io',
  ],
  [
    'a host that is none',
    `postgres://app:${password}@host:5432/x postgres://app:${password}@db.example.com/x`,
  ],
  ['Supabase’s public key', jwt({ iss: 'supabase', role: 'anon' })],
  ['AWS’s own example', `${['AK', 'IA'].join('')}IOSFODNN7EXAMPLE`],
  ['a start in the middle of a word', `x${['gh', 'p_'].join('')}${drawn('n', 36)}`],
  ['a token that goes on', `${['gh', 'p_'].join('')}${drawn('n', 300)}`],
])('%s is nothing', (_, text) => expect(findIn(text, 'a.env').map(({ rule }) => rule)).toEqual([]))

test('an id is of the secret and the rule, whatever the place, and of the salt', () => {
  const [one] = findIn(`A postgres://a:${password}@db.shop.io`, 'a')
  const [two] = findIn(`\n\nB=postgres://b:${password}@other.io`, 'b')
  const [other] = findIn(`postgres://a:${password}@db.shop.io`, 'a', { salt: 'other' })
  expect(one?.id).toBe(two?.id)
  expect(one?.id).not.toBe(other?.id)
})

test('lines and columns are counted as editors count them', () => {
  const text = `😀é\r\n\tö 😀 RAILWAY_TOKEN=${token} RAILWAY_TOKEN=${uuid('second')}\n`
  expect(findIn(text, 'a').map(({ at }) => [at.line, at.column, at.length])).toEqual([
    [2, 21, 36],
    [2, 72, 36],
  ])
})
