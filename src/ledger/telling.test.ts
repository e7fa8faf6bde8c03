/** Every kind of entry in a person's words: who did it, and to what. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { JsonObject } from '../base/json.ts'
import { lineOf, plain } from './telling.ts'

const told = (kind: string, body: JsonObject = {}, subject: string | null = 'x_1'): string =>
  lineOf({ kind, at: 0, subject, principal: 'agent:a', body, cut: false })

test.each<[string, JsonObject, string]>([
  ['minted', { by: 'ada' }, 'ada minted a grant for agent:a (x_1)'],
  ['revoked', { by: 'ada' }, 'ada revoked a grant (x_1)'],
  ['reopened', { by: 'otto', for: 'ada' }, 'otto, in the place of ada, reopened what a no had'],
  ['custody', { by: 'ada', what: 'added' }, 'ada put the credential of x_1 into custody'],
  ['custody', { by: 'ada', what: 'removed' }, 'ada took the credential of x_1 out of custody'],
  ['custody', { by: 'ada', what: 'logged in' }, 'ada logged in to x_1'],
  ['custody', { by: 'ada', what: 'given back' }, 'ada had the files from before the set-up'],
  ['custody', { by: 'ada', what: 'of a newer one' }, 'custody (x_1)'],
  ['accepted', { by: 'the first start' }, 'the first start accepted the config as it is'],
  ['request', { count: 1 }, '1 ordinary request was allowed, this action among them'],
  ['request', { count: 2 }, '2 ordinary requests were allowed, this action among them'],
  ['of a newer one', {}, 'of a newer one (x_1)'],
])('%s %j', (kind, body, line) => {
  expect(told(kind, body)).toContain(line)
})

test('each kind that there is has words of its own', () => {
  const source = readFileSync(join(import.meta.dirname, '../guard/ports.ts'), 'utf8')
  const union = /export type EntryKind =([^]*?)\n\n/.exec(source)?.[1] ?? ''
  const kinds = [...union.matchAll(/\| '([a-z-]+)'/g)].map(([, kind]) => kind ?? '')
  expect(kinds.length).toBeGreaterThan(25)
  expect(kinds.filter((kind) => kind !== 'custody' && told(kind) === `${kind} (x_1)`)).toEqual([])
})

test('a letter that passes for another is shown as its code', () => {
  expect(plain('sh\u043ep-data\u202e')).toBe('sh\\u{43e}p-data')
})
