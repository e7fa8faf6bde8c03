/** A Fly token is read, not asked about: what its caveats leave. */
import { expect, test } from 'vitest'
import { readToken } from './fly.ts'

/** MessagePack as these tokens need it. */
function pack(value: unknown): Buffer {
  if (Array.isArray(value))
    return Buffer.concat([Buffer.from([0x90 + value.length]), ...value.map(pack)])
  if (typeof value === 'string')
    return Buffer.concat([Buffer.from([0xd9, value.length]), Buffer.from(value)])
  if (typeof value === 'boolean') return Buffer.from([value ? 0xc3 : 0xc2])
  const number = Buffer.alloc(5, 0xce)
  number.writeUInt32BE(Number(value), 1)
  return number
}
const token = (caveats: readonly unknown[], location = 'https://api.fly.io/v1'): string =>
  `fm2_${pack([['kid', 'rnd', false], location, caveats, 'tail']).toString('base64')}`
const now = new Date('2026-11-27T00:00:00Z')
const seconds = now.getTime() / 1000

test.each<[string, readonly unknown[], object]>([
  ['all of an organization', [0, [42, 31]], { who: 'organization 42', isBlanket: true }],
  [
    'some apps of it',
    [0, [42, 31], 3, [[]]],
    { who: 'some apps of organization 42', isBlanket: false },
  ],
  [
    'narrowed to reads afterwards',
    [0, [42, 31], 0, [42, 1]],
    { isBlanket: false, powers: [{ operation: 'read', does: 'reads', on: 'all' }] },
  ],
  ['in its time', [0, [42, 31], 4, [0, seconds + 60]], { kind: 'told' }],
  ['past its time', [0, [42, 31], 4, [0, seconds - 60]], { kind: 'dead' }],
  ['with a caveat that nobody knows', [99, 'x', 0, [42, 31]], { isBlanket: true }],
  ['without any', [], { who: 'every organization', isBlanket: true }],
])('%s', (_, caveats, said) => expect(readToken(token(caveats), now)).toMatchObject(said))

test('what only proves who shows it is passed over', () => {
  const proof = token([0, [1, 1]], 'https://api.fly.io/aaa/v1')
  expect(readToken(`${proof},${token([0, [42, 31]])}`, now)).toMatchObject({
    who: 'organization 42',
  })
  expect(readToken(proof, now)).toMatchObject({ kind: 'silent' })
})

test.each([
  'fm2_AAAA',
  'fm2_',
  `fm2_${Buffer.from([0xdd, 255, 255, 255, 255]).toString('base64')}`,
  `fm2_${Buffer.alloc(200, 0x91).toString('base64')}`,
])('%s is refused, not guessed', (text) => expect(() => readToken(text, now)).toThrow(/./))
