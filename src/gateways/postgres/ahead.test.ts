import { expect, test } from 'vitest'
import { Ahead } from './ahead.ts'
import type { Heard } from './seam.ts'

/** What is left spent of 5 rows set aside for one write, after what the server told. */
function spent(...told: readonly (readonly [Heard['kind'], string])[]): number {
  const ahead = new Ahead()
  let rows = 5
  const free = (some = rows): void => void (rows -= Math.min(rows, some))
  ahead.goes({ free }, 5, 1)
  for (const [kind, text] of told) ahead.heard(heard(kind, text))
  return rows
}

function heard(kind: Heard['kind'], text: string): Heard {
  if (kind === 'complete') return { kind, tag: text }
  if (kind === 'error') return { kind, code: text }
  if (kind === 'ready') return { kind, status: text === 'I' ? 'I' : text === 'E' ? 'E' : 'T' }
  return { kind: 'setting', name: text, value: '' }
}

test.each([
  [
    'it changed three rows and was kept',
    3,
    [
      ['complete', 'UPDATE 3'],
      ['ready', 'I'],
    ],
  ],
  [
    'a delete of one',
    1,
    [
      ['complete', 'DELETE 1'],
      ['ready', 'I'],
    ],
  ],
  [
    'it failed by itself',
    0,
    [
      ['error', '23505'],
      ['ready', 'I'],
    ],
  ],
  [
    'it was rolled back',
    0,
    [
      ['complete', 'UPDATE 3'],
      ['ready', 'T'],
      ['complete', 'ROLLBACK'],
      ['ready', 'I'],
    ],
  ],
  [
    'its transaction failed, and its COMMIT was none',
    0,
    [
      ['complete', 'UPDATE 3'],
      ['ready', 'T'],
      ['error', '22012'],
      ['ready', 'E'],
      ['complete', 'ROLLBACK'],
      ['ready', 'I'],
    ],
  ],
  [
    'a deferred constraint refused the commit',
    0,
    [
      ['complete', 'UPDATE 3'],
      ['ready', 'T'],
      ['error', '23503'],
      ['ready', 'I'],
    ],
  ],
  [
    'it was committed',
    3,
    [
      ['complete', 'UPDATE 3'],
      ['ready', 'T'],
      ['complete', 'COMMIT'],
      ['ready', 'I'],
    ],
  ],
  [
    'it was committed, and what came behind failed',
    3,
    [
      ['complete', 'UPDATE 3'],
      ['complete', 'COMMIT'],
      ['error', '22012'],
      ['ready', 'I'],
    ],
  ],
  [
    'it was committed by what commits by itself, and what came behind failed',
    3,
    [
      ['complete', 'UPDATE 3'],
      ['complete', 'VACUUM'],
      ['error', '22012'],
      ['ready', 'I'],
    ],
  ],
  [
    'a procedure may have committed it',
    3,
    [
      ['complete', 'UPDATE 3'],
      ['complete', 'CALL'],
      ['error', '22012'],
      ['ready', 'I'],
    ],
  ],
  [
    'committed, and another one rolled back',
    3,
    [
      ['complete', 'UPDATE 3'],
      ['complete', 'COMMIT'],
      ['complete', 'BEGIN'],
      ['complete', 'ROLLBACK'],
      ['ready', 'I'],
    ],
  ],
  [
    'a later savepoint was rolled back, and the rest kept',
    3,
    [
      ['complete', 'UPDATE 3'],
      ['complete', 'ROLLBACK'],
      ['ready', 'T'],
      ['complete', 'COMMIT'],
      ['ready', 'I'],
    ],
  ],
  [
    'an error was left behind by a savepoint, and the rest kept',
    3,
    [
      ['complete', 'UPDATE 3'],
      ['error', '22012'],
      ['ready', 'E'],
      ['complete', 'ROLLBACK'],
      ['ready', 'T'],
      ['complete', 'SELECT 1'],
      ['complete', 'COMMIT'],
      ['ready', 'I'],
    ],
  ],
  ['nobody has said how it ended', 5, []],
  [
    'it was prepared for two phases',
    3,
    [
      ['complete', 'UPDATE 3'],
      ['complete', 'PREPARE TRANSACTION'],
      ['ready', 'I'],
    ],
  ],
] as const)('%s: %i rows are spent', (_, rows, told) => {
  expect(spent(...told)).toBe(rows)
})
