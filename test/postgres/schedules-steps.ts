/** What may happen in a schedule, by chance: what agents say, what people do, what others do past Firebreak, and what dies. */
import fc from 'fast-check'

export const destroys = [
  'DELETE FROM trip',
  'UPDATE car SET n = n + 1',
  'TRUNCATE word',
  'TRUNCATE car CASCADE',
  'DROP TABLE trip',
  'DROP TABLE car CASCADE',
  'ALTER TABLE car DROP COLUMN note',
] as const

export type Said =
  | { readonly kind: 'read' | 'insert' }
  | { readonly kind: 'set' | 'delete-car' | 'delete-trip'; readonly from: number; rows: number }
  | { readonly kind: 'destroy'; readonly sql: (typeof destroys)[number] }
  | {
      readonly kind: 'control'
      readonly sql: 'BEGIN' | 'COMMIT' | 'ROLLBACK' | 'SAVEPOINT a' | 'ROLLBACK TO a'
    }

/** What happens while nothing else does, or at the same time as another. `nth` picks among what there is. */
export type Part =
  | {
      readonly kind: 'say'
      readonly who: number
      readonly said: Said
      readonly isExtended: boolean
      /** The client goes at once. */
      readonly isGone: boolean
    }
  | { readonly kind: 'approve' | 'deny' | 'undo'; readonly nth: number }
  | { readonly kind: 'halt' | 'resume' | 'revoke'; readonly who: number }

/** What comes in between: the server ends every session after so many milliseconds, or Firebreak dies at a commit of its own. */
export type Blow =
  | { readonly kind: 'none' }
  | { readonly kind: 'sessions'; readonly afterMs: number }
  | {
      readonly kind: 'firebreak'
      readonly when: 'kill-before' | 'kill-after'
      readonly nth: number
    }

export type Step =
  | { readonly kind: 'parts'; readonly parts: readonly Part[]; readonly blow: Blow }
  | { readonly kind: 'kill' }
  | { readonly kind: 'meddle'; readonly sql: string }

/** What somebody does past Firebreak between a hold and its approval. */
const meddling = [
  `INSERT INTO trip SELECT 900 + count(*), max(car) FROM trip`,
  `CREATE TABLE fine (id int PRIMARY KEY, car int REFERENCES car ON DELETE CASCADE); INSERT INTO fine SELECT id, id FROM car WHERE id < 9`,
  `ALTER TABLE car RENAME COLUMN note TO remark`,
  `ALTER TABLE car RENAME COLUMN remark TO note`,
  `ALTER TABLE word RENAME TO away; ALTER TABLE trip RENAME TO word; ALTER TABLE away RENAME TO trip`,
  `DELETE FROM trip WHERE id % 7 = 0`,
  `UPDATE car SET n = n + 1 WHERE id % 5 = 0`,
] as const

const said: fc.Arbitrary<Said> = fc.oneof(
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constantFrom('read' as const, 'insert' as const) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constantFrom('set' as const, 'delete-car' as const, 'delete-trip' as const),
      from: fc.integer({ min: 1, max: 40 }),
      rows: fc.constantFrom(1, 2, 4, 6, 25),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('destroy' as const),
      sql: fc.constantFrom(...destroys),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('control' as const),
      sql: fc.constantFrom(
        'BEGIN' as const,
        'BEGIN' as const,
        'COMMIT' as const,
        'COMMIT' as const,
        'ROLLBACK' as const,
        'SAVEPOINT a' as const,
        'ROLLBACK TO a' as const,
      ),
    }),
  },
)

const who = fc.nat(2)

const say = fc.record({
  kind: fc.constant('say' as const),
  who,
  said,
  isExtended: fc.boolean(),
  isGone: fc.integer({ min: 0, max: 11 }).map((drawn) => drawn === 0),
})

const person = fc.record({
  kind: fc.constantFrom(
    'approve' as const,
    'approve' as const,
    'approve' as const,
    'undo' as const,
    'undo' as const,
    'deny' as const,
  ),
  nth: fc.nat(5),
})

const power = fc.record({
  kind: fc.constantFrom('halt' as const, 'resume' as const, 'resume' as const, 'revoke' as const),
  who,
})

const part: fc.Arbitrary<Part> = fc.oneof(
  { weight: 10, arbitrary: say },
  { weight: 8, arbitrary: person },
  { weight: 1, arbitrary: power },
)

const blow: fc.Arbitrary<Blow> = fc.oneof(
  { weight: 6, arbitrary: fc.constant({ kind: 'none' as const }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('sessions' as const), afterMs: fc.nat(60) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('firebreak' as const),
      when: fc.constantFrom('kill-before' as const, 'kill-after' as const),
      nth: fc.integer({ min: 1, max: 8 }),
    }),
  },
)

const parts = (most: number): fc.Arbitrary<readonly Part[]> =>
  fc.array(part, { minLength: 1, maxLength: most })

export const schedule: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    {
      weight: 14,
      arbitrary: fc.record({ kind: fc.constant('parts' as const), parts: parts(1), blow }),
    },
    {
      weight: 5,
      arbitrary: fc.record({ kind: fc.constant('parts' as const), parts: parts(3), blow }),
    },
    { weight: 1, arbitrary: fc.constant({ kind: 'kill' as const }) },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('meddle' as const),
        sql: fc.constantFrom(...meddling),
      }),
    },
  ),
  { minLength: 14, maxLength: 24, size: 'max' },
)

const none = { kind: 'none' } as const
const one = (part: Part, blow: Blow = none): Step => ({ kind: 'parts', parts: [part], blow })
const says = (who: number, said: Said): Step =>
  one({ kind: 'say', who, said, isExtended: false, isGone: false })

/** One of each kind, so that every run has them: kept, held, approved, taken back, killed at its first commit, halted. */
export const oneOfEach: readonly Step[] = [
  says(0, { kind: 'set', from: 1, rows: 2 }),
  says(0, { kind: 'destroy', sql: 'TRUNCATE word' }),
  one({ kind: 'approve', nth: 0 }),
  one({ kind: 'undo', nth: 0 }),
  // What comes out otherwise where it runs twice.
  says(2, { kind: 'destroy', sql: 'UPDATE car SET n = n + 1' }),
  one({ kind: 'approve', nth: 0 }),
  says(2, { kind: 'destroy', sql: 'DROP TABLE trip' }),
  one({ kind: 'approve', nth: 0 }, { kind: 'firebreak', when: 'kill-after', nth: 1 }),
  says(1, { kind: 'delete-trip', from: 1, rows: 25 }),
  one({ kind: 'approve', nth: 0 }),
  one({ kind: 'halt', who: 0 }),
  says(1, { kind: 'set', from: 1, rows: 1 }),
]
