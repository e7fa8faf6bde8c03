import fc from 'fast-check'
import { expect, test } from 'vitest'
import { toJson } from '../base/json.ts'
import { actionDigest } from './action.ts'
import type { Action } from './action.ts'
import type { Operation } from './operation.ts'

const operation: Operation = {
  name: 'volumeDelete',
  effect: 'destroy',
  kinds: ['data'],
  parameters: { volumeId: 'v1' },
  shown: { volumeId: 'v1' },
  selects: [],
  names: [],
  environments: [],
  findings: [{ rule: 'r', message: 'one way to say it' }],
  alternatives: [],
}
const action: Action = {
  principal: 'agent:a',
  root: 'g1',
  target: 't',
  key: null,
  operations: [operation],
}

test.each<[string, Action, boolean]>([
  ['the same', action, true],
  [
    'R17: a reworded reason',
    { ...action, operations: [{ ...operation, findings: [], alternatives: ['x'] }] },
    true,
  ],
  [
    'what the platform answered',
    { ...action, operations: [{ ...operation, environments: ['e'] }] },
    true,
  ],
  [
    'R17: another parameter',
    { ...action, operations: [{ ...operation, parameters: { volumeId: 'v2' } }] },
    false,
  ],
  [
    'one more parameter',
    { ...action, operations: [{ ...operation, parameters: { volumeId: 'v1', x: null } }] },
    false,
  ],
  [
    'another operation',
    { ...action, operations: [{ ...operation, name: 'projectDelete' }] },
    false,
  ],
  ['the operation twice', { ...action, operations: [operation, operation] }, false],
  ['another grant', { ...action, root: 'g2' }, false],
  ['another target', { ...action, target: 'u' }, false],
  ['a new idempotency key', { ...action, key: 'again' }, false],
])('approval-binds: %s', (_, other, same) => {
  expect(actionDigest(other) === actionDigest(action)).toBe(same)
})

test('approval-binds: different parameters never share a digest', () =>
  fc.assert(
    fc.property(
      fc.dictionary(fc.string(), fc.jsonValue()),
      fc.dictionary(fc.string(), fc.jsonValue()),
      (a, b) => {
        const digestOf = (parameters: object): string =>
          actionDigest({
            ...action,
            operations: [
              {
                ...operation,
                parameters: Object.fromEntries(
                  Object.entries(parameters).map(([key, value]) => [key, toJson(value)]),
                ),
              },
            ],
          })
        const equal = digestOf(a) === digestOf(b)
        expect(equal).toBe(JSON.stringify(sorted(a)) === JSON.stringify(sorted(b)))
      },
    ),
  ))

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return Object.is(value, -0) ? 0 : value
  return Object.entries(value)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => [key, sorted(member)])
}
