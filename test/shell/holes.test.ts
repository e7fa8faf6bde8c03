/** Ways past the reader that were found by attacking it, each of which a real shell runs, beside twins that are harmless. All but eight of those that are held were let through once; those were held for another reason. */
import { beforeAll, expect, test } from 'vitest'
import { loadSql } from '../../src/classify/sql/read.ts'
import { rowsOf } from './rows.ts'
import { told } from './told.ts'

beforeAll(loadSql)

test.each(rowsOf('holes.tsv').map(({ verdict, text, about }) => [verdict, text, about] as const))(
  '%s: %s (%s)',
  (verdict, text) => {
    expect(told(text)).toBe(verdict)
  },
)
