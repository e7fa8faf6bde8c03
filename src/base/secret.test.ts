import { format, inspect } from 'node:util'
import { expect, test } from 'vitest'
import { Secret } from './secret.ts'

const secret = new Secret('hunter2')

test.each<[string, () => string]>([
  ['String', () => String(secret)],
  ['JSON', () => JSON.stringify({ secret })],
  ['inspect', () => inspect({ secret }, { showHidden: true, depth: 9 })],
  ['format', () => format('%s %o %j', secret, secret, secret)],
  ['keys', () => JSON.stringify(Object.entries(secret))],
])('secret-stays: %s does not show it', (_, show) => expect(show()).not.toContain('hunter2'))

test('it is there for the one who reveals it', () => expect(secret.reveal()).toBe('hunter2'))
