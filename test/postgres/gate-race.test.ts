/** What the catalog says at the look may be otherwise at the act: another session commits in between. Nothing goes by that. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { errorFields, send, Session } from './differential-wire.ts'
import { everything, openGate } from './gate.ts'
import type { Gate } from './gate.ts'

let gate: Gate
beforeAll(async () => {
  gate = await openGate({
    sql: 'CREATE TABLE car (id int PRIMARY KEY, amount numeric); INSERT INTO car SELECT generate_series(1, 300)',
  })
}, 60_000)
afterAll(() => gate.close())

let principals = 0
const open = async (): Promise<Session> => {
  principals += 1
  const password = await gate.people.mint(`agent:race-${principals}`, everything)
  const login = { port: gate.port(), user: 'agent', database: 'shop', password }
  return (await Session.open(login)).session
}
const ask = async (session: Session, text: string): Promise<string> => {
  session.write(send.query(text))
  const errors = (await session.until('Z')).filter(({ type }) => type === 'E')
  return errors.map(({ body }) => errorFields(body).get('M') ?? '').join()
}

test.each([
  ['DROP TABLE IF EXISTS x', 'ALTER TABLE car RENAME TO x', 'ALTER TABLE x RENAME TO car'],
  [
    'ALTER TABLE car DROP COLUMN IF EXISTS x',
    'ALTER TABLE car RENAME COLUMN amount TO x',
    'ALTER TABLE car RENAME COLUMN x TO amount',
  ],
])(
  '%s, while another session commits %s',
  async (destroys, renames, back) => {
    const one = await open()
    for (let tries = 0; tries < 10; tries += 1) {
      // A burst of what destroys halts who sends it.
      const other = await open()
      expect(await ask(one, 'BEGIN')).toBe('')
      expect(await ask(one, renames)).toBe('')
      one.write(send.query('COMMIT'))
      const answer = await ask(other, destroys)
      await one.until('Z')
      expect(answer).toMatch(/^$|Firebreak holds /)
      expect(await ask(one, back)).toBe('')
      await other.end()
    }
    await one.end()
    expect(await gate.direct('SELECT count(*), count(amount) FROM car')).toBe('300|0\n')
  },
  60_000,
)
