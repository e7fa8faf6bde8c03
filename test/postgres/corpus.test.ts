/** The corpus's labels are proven by running each case: a sample by seed here, all of them with `FIREBREAK_CORPUS=all`. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startCluster } from './cluster.ts'
import type { Cluster } from './cluster.ts'
import { corpus } from './corpus/all.ts'
import { Prover, corpusConf } from './corpus/prove.ts'

const whole = process.env['FIREBREAK_CORPUS'] === 'all'
/** Each run proves another tenth; the seed is in the title of a failure. */
const seed = Number(process.env['FIREBREAK_CORPUS'] ?? Math.floor(Date.now() / 1000) % 10) % 10
const sample = whole ? corpus : corpus.filter((_, index) => index % 10 === seed)

let cluster: Cluster
let prover: Prover
beforeAll(async () => {
  cluster = await startCluster({ conf: corpusConf })
  prover = await Prover.on(cluster)
})
afterAll(() => prover.stop())

test('there are 300 of each label in 30 families, and no two are the same', () => {
  const count = (label: string): number => corpus.filter((one) => one.label === label).length
  expect(count('destroys')).toBeGreaterThanOrEqual(300)
  expect(count('ordinary')).toBeGreaterThanOrEqual(300)
  expect(new Set(corpus.map(({ family }) => family)).size).toBeGreaterThanOrEqual(30)
  const sent = corpus.map((one) => JSON.stringify({ ...one, id: '', family: '' }))
  expect(new Set(sent).size).toBe(corpus.length)
})

test.each(
  sample.map(
    (one) =>
      [`${one.id}: ${one.text.slice(0, 80)} (${whole ? 'all' : `seed ${seed}`})`, one] as const,
  ),
)('%s', async (_, one) => {
  const { label, lost, errors } = await prover.prove(one)
  expect(errors).toEqual([])
  expect(label, lost.join('; ')).toBe(one.label)
})

test('a door that lets nobody in loses nothing, and one that lets everything through loses it', async () => {
  const [one] = corpus.filter(({ text }) => text === 'DROP TABLE payments')
  if (one === undefined) throw new Error('the corpus has lost its plainest case')
  const door = { port: cluster.port, user: 'postgres', password: '', database: 'work' }
  const shut = await prover.prove(one, { ...door, user: 'nobody' })
  expect(shut.label).toBe('ordinary')
  expect(shut.errors.join()).toContain('28000')
  expect((await prover.prove(one, door)).label).toBe('destroys')
})
