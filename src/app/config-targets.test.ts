import { expect, test } from 'vitest'
import { databaseAt } from './config-targets.ts'

test.each([
  [
    'postgres://app@db.example/shop',
    { host: 'db.example', port: 5432, user: 'app', database: 'shop' },
  ],
  ['postgresql://app@[::1]:5433/shop', { host: '::1', port: 5433, user: 'app', database: 'shop' }],
  ['postgres://a%40b@db/my%20shop', { host: 'db', port: 5432, user: 'a@b', database: 'my shop' }],
  [
    'postgres://app@/shop?host=/var/run/postgresql',
    { host: '/var/run/postgresql', port: 5432, user: 'app', database: 'shop' },
  ],
])('%s leads somewhere', (text, at) => {
  expect(databaseAt(text)).toEqual(at)
})

test.each([
  ['no URL', 'db.example/shop'],
  ['another protocol', 'https://app@db/shop'],
  ['a password, which belongs into custody', 'postgres://app:secret@db/shop'],
  ['no user', 'postgres://db/shop'],
  ['no database', 'postgres://app@db'],
  ['no host', 'postgres://app@/shop'],
  ['a parameter that would be lost', 'postgres://app@db/shop?sslmode=disable'],
  ['a host twice', 'postgres://app@db/shop?host=/run'],
  ['two sockets', 'postgres://app@/shop?host=/run&host=/tmp'],
  ['a socket that is no path', 'postgres://app@/shop?host=run'],
  ['a lone per cent sign', 'postgres://app@db/50%'],
])('%s is none', (_, text) => {
  expect(databaseAt(text)).toBeNull()
})
