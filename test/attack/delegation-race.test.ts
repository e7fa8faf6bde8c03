/** Attacks on the end of a lent voice: what is under way when it is taken back. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { isObject, textOf, toJson } from '../../src/base/json.ts'
import type { JsonObject } from '../../src/base/json.ts'
import type { Seat, Site } from '../console/site.ts'
import { openSite } from '../console/site.ts'
import { lentGround } from '../lent-ground.ts'

let site: Site
let ann: Seat
let otto: Seat
beforeAll(async () => {
  site = await openSite()
  ann = await site.seat('ann', 'admin')
  await site.seat('bob')
  otto = await site.seat('otto', 'viewer')
}, 60_000)
afterAll(async () => await site.close())
beforeEach(async () => {
  await ann.page.sign(ann, 'approver-undelegate', { name: 'ann' })
})

const { lend, hold, show } = lentGround(() => site)
let asked = 0
const shownOf = async (id: string): Promise<string> => textOf((await show(id))['shown'] ?? null)
/** Signs now; sends it to the daemon later. */
async function signed(by: Seat, name: string, input: JsonObject): Promise<() => Promise<string>> {
  const { body } = await by.page.call('statement', { command: name, input })
  const assertion = toJson(by.key.get(textOf(body['challenge'] ?? null), { origin: site.origin }))
  return async () => {
    try {
      await site.people.call(name, { ...input, approver: by.name, assertion })
      return 'done'
    } catch (thrown) {
      return String(thrown)
    }
  }
}
const wishes: Record<string, () => Promise<JsonObject>> = {
  'hold-approve': async () => {
    const id = await hold()
    return { id, shown: await shownOf(id) }
  },
  resume: async () => {
    const who = `agent:halted-${(asked += 1)}`
    await site.people.call('halt', { who, reason: 'x' })
    return { who }
  },
  reopen: async () => {
    await site.people.call('hold-deny', { id: await hold() })
    const rows = await site.people.call('closed-list')
    const [row] = Array.isArray(rows) ? rows.filter(isObject).slice(-1) : []
    return { id: row?.['id'] ?? '' }
  },
}

/** Does it between the moment at which a lent voice is proved and what it then does. */
function afterProof(then: () => Promise<unknown>): void {
  const { state } = site.running.firebreak
  const transact = state.transact.bind(state)
  state.transact = async (work) => {
    const result = await transact(work)
    if (typeof result === 'object' && result !== null && 'for' in result && 'digest' in result) {
      state.transact = transact
      await then()
    }
    return result
  }
}

test.each(Object.keys(wishes))(
  '%s by a voice that is taken back meanwhile does nothing, and the ledger’s evidence holds',
  async (name) => {
    await lend(ann)
    const yes = await signed(otto, name, (await wishes[name]?.()) ?? {})
    const back = await signed(ann, 'approver-undelegate', { name: 'ann' })
    let taken = ''
    afterProof(async () => {
      taken = await back()
    })
    const said = await yes()
    expect(taken).toBe('done')
    expect(await site.people.call('ledger-verify')).toMatchObject({ faults: [] })
    expect(said).toMatch(/does not sign in the place of|cannot sign that any more/)
  },
)
