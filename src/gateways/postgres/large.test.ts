import { expect, test } from 'vitest'
import { readCall } from '../../classify/sql/read.ts'
import { frame, int32 } from '../../wire/postgres/frame.ts'
import { Large } from './large.ts'
import { openNames } from './names.ts'
import type { Batch, Status } from './seam.ts'

const oids = { creat: 957, open: 952, close: 953, write: 955, unlink: 964, put: 3460 } as const

function call(name: keyof typeof oids, ...args: readonly number[]): Batch {
  const counted = (list: readonly Uint8Array[]): readonly Uint8Array[] => [
    Uint8Array.of(0, list.length),
    ...list,
  ]
  const bytes = frame(
    'F',
    int32(oids[name]),
    Uint8Array.of(0, 1, 0, 1),
    ...counted(args.map((value) => Uint8Array.of(...int32(4), ...int32(value)))),
    Uint8Array.of(0, 1),
  )
  return { kind: 'call', oid: oids[name], bytes }
}

const lost = readCall(oids.write, { catalog: null })

/** What is sent, with what the server gives; `quick`: the client did not wait for the answer before. */
type Move = readonly [Batch, number | null, ('quick' | 'failed')?]

/** The effect that the last of them is judged by. */
function effectOf(moves: readonly Move[]): string {
  const large = new Large()
  const names = openNames()
  let effect = ''
  let waiting: (() => void)[] = []
  for (const [batch, value, how] of moves) {
    if (how !== 'quick') for (const answer of waiting.splice(0)) answer()
    const status: Status | null = waiting.length > 0 ? null : 'T'
    effect =
      large.asOwn(
        batch,
        { statements: [lost], unrun: [], runs: [[lost]], seen: names.look(batch) },
        status,
      ).statements[0]?.operation.effect ?? ''
    large.goes(batch, status)
    waiting = [
      ...waiting,
      () => {
        if (how === 'failed') large.heard({ kind: 'error', code: '42704' })
        else if (batch.kind === 'call') large.heard({ kind: 'returned', value })
        large.heard({ kind: 'ready', status: how === 'failed' ? 'E' : 'T' })
      },
    ]
  }
  return effect
}

const select: Batch = { kind: 'query', text: 'SELECT 1', bytes: new Uint8Array(0) }
const made: readonly Move[] = [
  [call('creat', -1), 70001],
  [call('open', 70001, 0x60000), 0],
]

const cases: readonly (readonly [string, 'write' | 'unread', readonly Move[]])[] = [
  ['its own, by its descriptor', 'write', [...made, [call('write', 0), 4]]],
  ['its own, twice', 'write', [...made, [call('write', 0), 4], [call('write', 0), 4]]],
  ['its own is deleted', 'write', [...made, [call('unlink', 70001), 1]]],
  ['another object', 'unread', [...made, [call('unlink', 70002), 1]]],
  ['a descriptor that nobody saw', 'unread', [...made, [call('write', 1), 4]]],
  ['one that takes the object in another way', 'unread', [...made, [call('put', 70001), 4]]],
  [
    'the descriptor is taken by another object',
    'unread',
    [...made, [call('close', 0), 0], [call('open', 70002, 0x60000), 0], [call('write', 0), 4]],
  ],
  ['after a statement', 'unread', [...made, [select, null], [call('write', 0), 4]]],
  [
    'after a function that is not known',
    'unread',
    [...made, [call('put', 70001), null], [call('write', 0), 4]],
  ],
  [
    'answers that come in one go',
    'unread',
    [
      [call('creat', -1), 70001],
      [call('open', 70001, 0x60000), 5, 'quick'],
      [call('open', 70002, 0x60000), 0, 'quick'],
      [call('write', 0), 4],
    ],
  ],
  [
    'a statement that comes before the answer',
    'unread',
    [
      [call('creat', -1), 70001],
      [select, null, 'quick'],
      [call('unlink', 70001), 1],
    ],
  ],
  [
    'a transaction that failed',
    'unread',
    [...made, [call('close', 9), 0, 'failed'], [call('write', 0), 4]],
  ],
]
for (const [name, effect, moves] of cases)
  test(`destroy-needs-clearance: large objects: ${name}: ${effect}`, () => {
    expect(effectOf(moves)).toBe(effect)
  })
