/** What tests of lent voices share: somebody lends and takes back, an agent asks, people look and sign, and a hand writes into the state. */
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { kestrel } from '../sim/tenant.ts'
import { isObject } from '../src/base/json.ts'
import type { Json, JsonObject } from '../src/base/json.ts'
import type { Answer, Seat, Site } from './console/site.ts'
import { everything } from './rig.ts'

export const day = 24 * 3_600_000
/** Takes two persons. */
export const leave = `projectLeave(id: "${kestrel.projectId}")`

export interface Lending {
  readonly to?: string
  readonly lasts?: number
}

export interface Ground {
  readonly now: () => number
  readonly lend: (by: Seat, name?: string, more?: Lending) => Promise<Answer>
  readonly takeBack: (by: Seat, name?: string) => Promise<Answer>
  /** Asked for by a principal of its own, since many from one are halted; gives the hold's id, or what was said instead. */
  readonly hold: (mutation?: string, who?: string) => Promise<string>
  readonly show: (id: string) => Promise<JsonObject>
  readonly approve: (by: Seat, id: string) => Promise<Answer>
  readonly verify: () => Promise<Json>
  readonly sql: (text: string) => void
}

export function lentGround(site: () => Site): Ground {
  let asked = 0
  const now = (): number => site().running.firebreak.clock.now()
  const show: Ground['show'] = async (id) => {
    const row = await site().people.call('hold-show', { id })
    return isObject(row) ? row : {}
  }
  return {
    now,
    show,
    lend: async (by, name = 'ann', { to = 'otto', lasts = 10 * day } = {}) =>
      await by.page.sign(by, 'approver-delegate', { name, to, until: now() + lasts }),
    takeBack: async (by, name = 'ann') => await by.page.sign(by, 'approver-undelegate', { name }),
    hold: async (mutation = leave, who = `agent:lent-${asked}`) => {
      const grant = await site().people.mint(who, everything)
      const headers = { prefer: 'respond-async', 'idempotency-key': `lent-${(asked += 1)}` }
      const { text } = await site().ask(grant, `mutation { ${mutation} }`, { headers })
      return /hold_[a-z0-9]+/.exec(text)?.[0] ?? text
    },
    approve: async (by, id) =>
      await by.page.sign(by, 'hold-approve', { id, shown: (await show(id))['shown'] ?? null }),
    verify: async () => await site().people.call('ledger-verify'),
    sql: (text) => {
      const db = new DatabaseSync(join(site().config.state, 'state.db'))
      db.exec(text)
      db.close()
    },
  }
}
