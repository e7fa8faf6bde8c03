/** The peers' corpus: what is destructive to them, and what is not, beside what is told here. Nothing of it is run. */
import { existsSync, readFileSync } from 'node:fs'
import { beforeAll, describe, expect, test } from 'vitest'
import { loadSql } from '../../src/classify/sql/read.ts'
import { alarms, byLaw, misses, reasoned } from './peers.ts'
import type { Reason } from './peers.ts'
import { told } from './told.ts'

beforeAll(loadSql)

const file = new URL('../../../shared/data/commands-peers.tsv', import.meta.url)

interface Row {
  readonly isGrave: boolean
  readonly tier: string
  readonly text: string
}

/** In its lines a backslash stands before `n`, `t`, `r` and itself. */
const unescaped = (text: string): string =>
  text.replaceAll(/\\([\\ntr])/g, (_, letter: string) =>
    letter === 'n' ? '\n' : letter === 't' ? '\t' : letter === 'r' ? '\r' : '\\',
  )

const rows = (): readonly Row[] =>
  readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => line.split('\t'))
    .map(([label, tier = '', text = '']) => ({
      isGrave: label === 'destructive',
      tier,
      text: unescaped(text),
    }))

const isHeld = ({ text }: Row): boolean => told(text) === 'hold'

const beside = existsSync(file)
// Not of this project: it lies beside the checkout of those who build it.
describe.skipIf(!beside)('the corpus of the peers, which lies beside this checkout', () => {
  test('each disagreement has its reason, and each reason a disagreement', () => {
    const unheld = rows().filter((row) => row.isGrave && !isHeld(row))
    const held = rows().filter((row) => !row.isGrave && isHeld(row))
    const without = (all: readonly Row[], reasons: readonly Reason[]): readonly string[] =>
      all.filter(({ text }) => !reasons.some(({ like }) => like.test(text))).map(({ text }) => text)
    expect(
      without(
        unheld.filter(({ tier }) => reasoned.test(tier)),
        misses,
      ),
    ).toEqual([])
    expect(without(held, alarms)).toEqual([])
    const stale = (all: readonly Row[], reasons: readonly Reason[]): readonly string[] =>
      reasons.filter(({ like }) => !all.some(({ text }) => like.test(text))).map(({ why }) => why)
    expect(stale(unheld, misses)).toEqual([])
    expect(stale(held, alarms)).toEqual([])
  })

  test('false alarms are at most one in a hundred', () => {
    const benign = rows().filter(({ isGrave }) => !isGrave)
    const held = benign.filter(isHeld)
    const wrongly = held.filter(({ text }) => !byLaw.test(text))
    expect(wrongly.length / benign.length).toBeLessThanOrEqual(0.01)
    // With what the law of this project holds, and what is mislabelled there: 13 of 1228.
    expect(held.length).toBeLessThanOrEqual(13)
  })

  test('recall and alarms, by tier', () => {
    const by = Map.groupBy(rows(), ({ tier }) => tier.split('/')[0] ?? '')
    const recall = new Map<string, number>()
    for (const [tier, all] of by) {
      const grave = all.filter(({ isGrave }) => isGrave)
      const benign = all.filter(({ isGrave }) => !isGrave)
      const held = grave.filter(isHeld).length
      recall.set(tier, held / grave.length)
      process.stdout.write(
        `${tier.padEnd(12)} held ${held} of ${grave.length}, alarms ${benign.filter(isHeld).length} of ${benign.length}\n`,
      )
    }
    const least = { bypass: 0.9, 'local-fs': 0.75, infra: 0.85, db: 1, code: 1 }
    for (const [tier, share] of Object.entries(least))
      expect(recall.get(tier), tier).toBeGreaterThanOrEqual(share)
  })
})
