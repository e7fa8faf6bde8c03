import { expect, test } from 'vitest'
import { agentEnv } from './agent-env.ts'
import { namedIn, throughGateway } from './gateway-url.ts'

const way = { listen: '127.0.0.1:6432', target: 'shop', grant: 'fbk_g' }

test.each([
  ['postgres://app:pw@db.shop.io:5432/shop', 'postgres://agent:fbk_g@127.0.0.1:6432/shop'],
  [
    'postgresql+asyncpg://app:pw@db.shop.io/shop',
    'postgresql+asyncpg://agent:fbk_g@127.0.0.1:6432/shop',
  ],
  [
    'postgres://app:pw@db.shop.io/shop?sslmode=require&schema=public',
    'postgres://agent:fbk_g@127.0.0.1:6432/shop?schema=public',
  ],
  [
    'postgres://app:pw@db.shop.io/shop?sslrootcert=/ca.pem&connection_limit=5&channel_binding=require',
    'postgres://agent:fbk_g@127.0.0.1:6432/shop?connection_limit=5',
  ],
])('%s goes through the gateway', (url, led) => expect(throughGateway(url, way)).toBe(led))

test.each<[string, string | null]>([
  ['postgres://app:p%40w@db.shop.io/shop?pool=5', 'postgres://app@db.shop.io/shop'],
  ['postgresql+psycopg://app:pw@db.shop.io:6000/shop', 'postgresql://app@db.shop.io:6000/shop'],
  ['postgres://app:pw@localhost/shop', null],
  ['postgres://app:pw@db.shop.io/', null],
  ['postgres://app:pw@a.io,b.io/shop', null],
  ['nothing of the kind', null],
])('%s as a target', (url, target) => expect(namedIn(url)?.url ?? null).toBe(target))

const config = {
  listen: '127.0.0.1:7077',
  postgres: { listen: '127.0.0.1:6432' },
  targets: {
    shop: {
      platform: 'postgres' as const,
      url: 'postgres://app@db.shop.io/shop',
      tls: 'verify' as const,
      environments: {},
    },
  },
}

test('an agent is started with grants, with what its model takes, and with no other secret', () => {
  const given = agentEnv(
    {
      PATH: '/bin',
      DATABASE_URL: 'postgres://app:pw-of-shop@db.shop.io/shop',
      OTHER_URL: 'postgres://app:pw-of-other@db.other.io/other',
      RAILWAY_TOKEN: 'a6f1f6d8-3c52-4d3c-8f6d-000000000001',
      AWS_SECRET_ACCESS_KEY: 'x'.repeat(40),
      PGPASSWORD: 'pw',
      ANTHROPIC_API_KEY: 'of the model',
      FIREBREAK_GRANT: 'fbk_wider',
      EDITOR: 'vi',
    },
    config,
    'fbk_g',
  )
  expect(given).toEqual({
    env: {
      PATH: '/bin',
      DATABASE_URL: 'postgres://agent:fbk_g@127.0.0.1:6432/shop',
      ANTHROPIC_API_KEY: 'of the model',
      EDITOR: 'vi',
      FIREBREAK_GRANT: 'fbk_g',
      FIREBREAK_URL: 'http://127.0.0.1:7077',
    },
    led: ['DATABASE_URL'],
    removed: ['OTHER_URL', 'RAILWAY_TOKEN', 'AWS_SECRET_ACCESS_KEY', 'PGPASSWORD'],
  })
})
