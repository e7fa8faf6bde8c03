/** Attacks on the moment between a proof and what is done by it: whoever, or whatever key, is removed in it does nothing any more. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { isObject, textOf, toJson } from '../../src/base/json.ts'
import type { JsonObject } from '../../src/base/json.ts'
import type { Seat, Site } from '../console/site.ts'
import { openSite } from '../console/site.ts'
import { lentGround } from '../lent-ground.ts'

let site: Site
beforeAll(async () => {
  site = await openSite()
  await site.enrol('vic', 'viewer')
}, 60_000)
afterAll(async () => await site.close())

const { hold, show, now } = lentGround(() => site)
let count = 0
const fresh = (word: string): string => `${word}-${(count += 1)}`

/** Somebody new for each: an admin with two keys, of which the second signs. */
async function admin(): Promise<Seat> {
  const name = fresh('ann')
  await site.enrol(name, 'admin')
  return await site.seat(name, 'admin')
}

const wishes: Record<string, (by: Seat) => Promise<JsonObject>> = {
  'grant-mint': async () =>
    await Promise.resolve({
      principal: 'agent:x',
      note: '',
      caveats: { operations: ['read'], environments: ['*'], expiresMs: 60_000 },
    }),
  'custody-add': async () => await Promise.resolve({ target: 'railway', secret: 'another' }),
  'custody-remove': async () => await Promise.resolve({ target: 'railway' }),
  'protect-keep': async () =>
    await Promise.resolve({ target: 'railway', secret: 'another', power: null }),
  'setup-files': async () => await Promise.resolve({}),
  accept: async () => ({ power: textOf((await found('power-changes'))['power'] ?? null) }),
  'approver-invite': async () => await Promise.resolve({ name: fresh('new'), role: 'approver' }),
  'approver-remove': async () => {
    const name = fresh('old')
    await site.enrol(name)
    return { name }
  },
  'passkey-remove': async () => {
    const name = fresh('keys')
    await site.enrol(name)
    const { id } = await site.enrol(name)
    return { name, id }
  },
  'approver-delegate': async () => {
    const name = fresh('away')
    const to = fresh('otto')
    await site.enrol(name)
    await site.enrol(to, 'viewer')
    return { name, to, until: now() + 60_000 }
  },
  'approver-undelegate': async (by) => {
    const wish = await (wishes['approver-delegate'] ?? none)(by)
    expect((await by.page.sign(by, 'approver-delegate', wish)).status).toBe(200)
    return { name: wish['name'] ?? '' }
  },
  'hold-approve': async () => {
    const id = await hold()
    return { id, shown: (await show(id))['shown'] ?? null }
  },
  resume: async () => {
    const who = fresh('agent:halted')
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
const none = (): never => {
  throw new Error('no such wish')
}

/** What need not be in the list above, each for its reason. */
const besides: Readonly<Record<string, string>> = {
  'hold-settle': 'takes its time: it counts as of when it was signed',
  'hold-undo': 'takes its time: it counts as of when it was signed',
  'vault-restore': 'takes its time: it counts as of when it was signed',
  'vault-prune': 'takes its time: it counts as of when it was signed',
  'custody-login': 'looks again after the issuer has answered: `custody-login` in test/mcp',
  'custody-rotate': 'at the command line alone, and looks again before it begins',
  'setup-begin': 'takes a code: `protect-keep`, `accept` and `grant-mint` in one',
  'approver-enrol': 'acts when it is confirmed: the last test here',
}

test('each command that takes a person’s word is tried here, or has a reason not to be', () => {
  const signing = [...site.running.commands]
    .filter(([, { purpose }]) => purpose !== null)
    .map(([name]) => name)
  expect(Object.keys({ ...wishes, ...besides }).toSorted()).toEqual(signing.toSorted())
})

/** Does it between the moment at which a person is proved and what is then done in their name. */
function afterProof(then: () => Promise<unknown>): void {
  const { state } = site.running.firebreak
  const transact = state.transact.bind(state)
  state.transact = async (work) => {
    const result = await transact(work)
    if (isProven(result)) {
      state.transact = transact
      await then()
    }
    return result
  }
}

function isProven(result: unknown): boolean {
  return typeof result === 'object' && result !== null && 'evidence' in result && 'kind' in result
}

async function found(name: string): Promise<JsonObject> {
  const answer = await site.people.call(name)
  return isObject(answer) ? answer : {}
}

const removals: Record<string, (seat: Seat) => Promise<unknown>> = {
  'the passkey': async ({ name, key }) =>
    await site.people.callAs('passkey-remove', { name, id: key.id }),
  'the person': async ({ name }) => await site.people.callAs('approver-remove', { name }),
}

test.each(Object.keys(wishes).flatMap((name) => Object.keys(removals).map((what) => [name, what])))(
  '%s does nothing where %s that signed is removed meanwhile, and the ledger’s evidence holds',
  async (name = '', what = '') => {
    const ann = await admin()
    const input = await (wishes[name] ?? none)(ann)
    const { body } = await ann.page.call('statement', { command: name, input })
    const challenge = textOf(body['challenge'] ?? null)
    const assertion =
      challenge === ''
        ? await stated(ann, name, input)
        : toJson(ann.key.get(challenge, { origin: site.origin }))
    let done = false
    afterProof(async () => {
      await (removals[what] ?? none)(ann)
      done = true
    })
    const sent = site.people.call(name, { ...input, approver: ann.name, assertion })
    await expect(sent).rejects.toThrow(/does not sign .*any more|cannot sign that any more/)
    expect(done).toBe(true)
    expect(await site.people.call('ledger-verify')).toMatchObject({ faults: [] })
  },
)

/** By the socket, for what the console does not take. */
async function stated(by: Seat, command: string, input: JsonObject): Promise<JsonObject> {
  const put = await site.people.call('statement', { command, input, approver: by.name })
  const challenge = isObject(put) ? textOf(put['challenge'] ?? null) : ''
  const signed = toJson(by.key.get(challenge, { origin: site.origin }))
  return isObject(signed) ? signed : {}
}

test('an enrolment that was begun by a passkey which is removed before the first code is none', async () => {
  const ann = await admin()
  const input = { name: fresh('new'), role: 'approver' }
  const assertion = await stated(ann, 'approver-enrol', input)
  await site.people.call('approver-enrol', { ...input, approver: ann.name, assertion })
  await removals['the passkey']?.(ann)
  const sent = site.people.call('approver-confirm', { name: input.name, code: '000000' })
  await expect(sent).rejects.toThrow(/does not sign any more/)
})
