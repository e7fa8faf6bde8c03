/** The files in which command lines keep what they signed in with: each secret is found, with its provider. */
import { expect, test } from 'vitest'
import { findIn } from '../../src/scan/find.ts'
import { drawn } from './planted.ts'
import { rows } from './rows.ts'

test.each(rows)('%s', (file, text, provider, secrets) => {
  for (const where of [file, `/home/a/${file}`]) {
    const found = findIn(text, where)
    expect(found.map(({ secret }) => secret.reveal())).toEqual(secrets)
    expect(found[0]?.provider).toBe(provider)
  }
})

test('a key that a passphrase closes is nothing', () => {
  const closed = Buffer.concat([
    Buffer.from('openssh-key-v1\0\0\0\0\naes256-ctr'),
    Buffer.alloc(200, 7),
  ])
  const text = [
    '-----BEGIN OPENSSH PRIV',
    `ATE KEY-----\n${closed.toString('base64')}\n-----END OPENSSH PRIV`,
    'ATE KEY-----',
  ].join('')
  expect(findIn(text, '.ssh/id_ed25519')).toEqual([])
})

test.each<[string, string]>([
  ['.env.example', `SESSION_SECRET=${drawn('x', 32)}`],
  [
    '.env',
    'PASSWORD=correct-horse-battery\nTOKEN_URL=https://x.io/a1b2c3d4e5\nAPI_KEY=\nJWT_SECRET=your-secret-here\nMAX_TOKENS=100000000000',
  ],
  [
    'docker-compose.yml',
    'environment:\n  POSTGRES_PASSWORD: ${POSTGRES_PASSWORD}\n  SECRET: changeme',
  ],
  [
    'app.properties',
    'label.password=Passwort vergessen?\nsecret.arn=arn:aws:secretsmanager:eu-west-1:123:secret:x',
  ],
])('%s: nothing', (file, text) => expect(findIn(text, file)).toEqual([]))
