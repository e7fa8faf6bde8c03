/** The corpus through the gateway, the guard on: nothing that destroys takes effect, all that is ordinary does what it does directly. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { corpus } from './corpus/all.ts'
import { outages, outside } from './corpus/exempt.ts'
import type { Case } from './corpus/case.ts'
import { Prover, corpusConf } from './corpus/prove.ts'
import type { Door } from './corpus/prove.ts'
import { rowBound } from './corpus/fingerprint.ts'
import { everything, openGate } from './gate.ts'
import type { Gate } from './gate.ts'

const whole = process.env['FIREBREAK_CORPUS'] === 'all'
/** Each run proves another tenth; the seed is in the title of a failure. */
const seed = Number(process.env['FIREBREAK_CORPUS'] ?? Math.floor(Date.now() / 1000) % 10) % 10
const sample = whole ? corpus : corpus.filter((_, index) => index % 10 === seed)

let gate: Gate
let prover: Prover
beforeAll(async () => {
  gate = await openGate({ sql: 'SELECT 1', databases: { work: 'postgres' }, conf: corpusConf })
  prover = await Prover.on(gate.cluster)
}, 60_000)
afterAll(async () => {
  await gate.close()
  await prover.stop()
})

let principals = 0
/** Each case its own principal: a burst of what destroys halts who sends it. */
async function door(): Promise<Door> {
  principals += 1
  const caveats = { ...everything, rows: rowBound }
  const password = await gate.people.mint(`agent:corpus-${principals}`, caveats)
  // What was made past the gateway it would see within seconds.
  const look = async (): Promise<unknown> =>
    await gate.running.firebreak.databases.get('work')?.refresh()
  return { port: gate.port(), user: 'agent', password, database: 'work', look }
}

test.each(
  sample.map(
    (one) =>
      [`${one.id}: ${one.text.slice(0, 80)} (${whole ? 'all' : `seed ${seed}`})`, one] as const,
  ),
)('%s', async (_, one) => await holds(one))

async function holds(one: Case): Promise<void> {
  const { label, lost, errors } = await prover.prove(one, await door())
  if (one.label === 'destroys') {
    if (!outages.test(one.text)) expect(label, lost.join('; ')).toBe('ordinary')
    return
  }
  expect(label, lost.join('; ')).toBe('ordinary')
  if (outside.test(one.text)) expect(errors.join()).toContain('42501')
  else expect(errors).toEqual([])
}
