import { expect, test } from 'vitest'
import { grownPast } from './grown.ts'

test.each([
  [null, 'DELETE 5000', null],
  [0, 'DELETE 10', null],
  [5, 'DELETE 15', null],
  [1000, 'UPDATE 1100', null],
  [300, 'DROP TABLE', null],
  [0, 'DELETE 11', 'it would change 11 rows now, and 0 were told: ask again'],
  [5, 'DELETE 16', 'it would change 16 rows now, and 5 were told: ask again'],
  [1000, 'UPDATE 1101', 'it would change 1101 rows now, and 1000 were told: ask again'],
])('%s rows told, and %s', (told, tag, why) => expect(grownPast(told, [tag])).toBe(why))
