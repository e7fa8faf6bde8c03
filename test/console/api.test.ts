/** The console's calls on a whole Firebreak: what a person can do there, and what nobody else can. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { kestrel } from '../../sim/tenant.ts'
import { isObject, textOf, toJson } from '../../src/base/json.ts'
import type { JsonObject } from '../../src/base/json.ts'
import { roles, terminalOnly } from '../../src/app/console/roles.ts'
import { openAuthenticator } from '../authenticator.ts'
import { everything } from '../rig.ts'
import { openSite } from './site.ts'
import type { Seat, Site } from './site.ts'

let site: Site
let [bob, vic]: [Seat | null, Seat | null] = [null, null]
let grant = ''
beforeAll(async () => {
  site = await openSite()
  bob = await site.seat('bob')
  vic = await site.seat('vic', 'viewer')
  grant = await site.people.mint('agent:cleanup', everything)
})
afterAll(async () => await site.close())

const seated = (seat: Seat | null): Seat => {
  if (seat === null) throw new Error('nobody sits there')
  return seat
}

/** Has the agent ask for a destroy that is held, and gives the hold's id. */
async function held(field = `volumeDelete(volumeId: "${kestrel.volumeId}")`): Promise<string> {
  const query = `mutation { ${field} }`
  const { headers, text } = await site.ask(grant, query, { headers: { prefer: 'respond-async' } })
  const id = /hold_[a-z0-9]+/.exec(`${headers.get('location') ?? ''} ${text}`)?.[0]
  if (id === undefined) throw new Error(text)
  return id
}

const errorOf = ({ body }: { readonly body: JsonObject }): string => {
  const { error } = body
  return isObject(error) ? textOf(error['message'] ?? null) : ''
}

test('a person comes in with a passkey, sees what would go, and signs exactly that', async () => {
  const { page, name, key } = seated(bob)
  expect((await page.call('me')).body).toMatchObject({ name: 'bob', role: 'approver' })
  const id = await held()
  const shown = await page.call('hold-show', { id })
  expect(shown.body['detail']).toMatchObject({
    principal: { name: 'agent:cleanup', mintedBy: 'ada' },
    operations: [{ name: 'volumeDelete', target: 'railway' }],
  })
  const approved = await page.sign({ name, key }, 'hold-approve', {
    id,
    shown: shown.body['shown'] ?? '',
  })
  expect(approved.status, approved.text).toBe(200)
  expect(approved.body['state']).toBe('scheduled')
  const undone = await page.call('hold-undo', { id })
  expect(undone.status, undone.text).toBe(200)
  expect((await page.call('hold-show', { id })).body['state']).toBe('undone')
})

test('every control command has its place: for a role, or for the terminal alone with its reason', () => {
  const { commands } = site.running
  const placed = new Set([...roles.keys(), ...Object.keys(terminalOnly)])
  expect([...commands.keys()].filter((name) => !placed.has(name))).toEqual([])
  expect([...placed].filter((name) => !commands.has(name))).toEqual([])
})

test.each(
  Object.keys(terminalOnly).filter((name) => !name.startsWith('passkey-') && name !== 'statement'),
)('%s is not on the console, not for an admin either', async (name) => {
  const ann = await site.seat(`ann-${name}`, 'admin')
  const answer = await ann.page.call(name, {})
  expect(answer.status).toBe(404)
})

const guarded = [...roles].filter(([, role]) => role !== 'viewer').map(([name]) => name)
test.each(guarded)('a viewer cannot call %s, and cannot have its statement made', async (name) => {
  const { page } = seated(vic)
  const called = await page.call(name, {})
  expect([called.status, errorOf(called)]).toEqual([403, expect.stringMatching(/^a viewer cannot/)])
  const stated = await page.call('statement', { command: name, input: {} })
  expect(stated.status).toBe(403)
})

test('whoever is signed in signs, and acts, as nobody else', async () => {
  const { page, key } = seated(bob)
  const id = await held(
    `volumeInstanceBackupDelete(volumeInstanceId: "${kestrel.productionInstanceId}", volumeInstanceBackupId: "${kestrel.oldestBackupId}")`,
  )
  const other = await page.call('hold-approve', { id, shown: '', approver: 'ada', code: '123456' })
  expect([other.status, errorOf(other)]).toEqual([403, '`bob` is signed in here, and signs here'])
  const stated = await page.call('statement', {
    command: 'hold-approve',
    input: { id, shown: '' },
    approver: 'ada',
  })
  expect(stated.status).not.toBe(200)
  await page.call('hold-deny', { id, by: 'ada' })
  const { body } = await page.call('hold-show', { id })
  expect(body['closing']).toBe('denied by bob')
  const closed = await page.call('closed-list')
  for (const row of Array.isArray(closed.json) ? closed.json : [])
    await page.sign({ name: 'bob', key }, 'reopen', { id: isObject(row) ? (row['id'] ?? '') : '' })
})

test('another key for somebody else takes an admin, whoever is said to ask', async () => {
  const { key } = seated(bob)
  // By the socket, where `by` is only said: bob signs, and calls himself ada.
  const input = { name: 'ada', role: 'admin' }
  const asked = await site.people
    .call('statement', {
      command: 'approver-invite',
      input,
      approver: 'ada',
    })
    .catch(() => null)
  expect(asked).toBeNull()
  const mine = await site.people.call('statement', {
    command: 'approver-invite',
    input,
    approver: 'bob',
  })
  const challenge = isObject(mine) ? textOf(mine['challenge'] ?? null) : ''
  const assertion = { ...key.get(challenge, { origin: site.origin }) }
  const sent = site.people.call('approver-invite', {
    ...input,
    approver: 'bob',
    assertion,
    by: 'ada',
  })
  await expect(sent).rejects.toThrow(/takes an admin/)
})

test('who has come in, and how, is written down; who tried is not let in by it', async () => {
  const found = await site.people.call('ledger-search', { kinds: ['signed-in'] })
  const entries = isObject(found) ? found['entries'] : null
  expect(JSON.stringify(entries)).toContain('bob came in at the console by passkey')
  const before = Array.isArray(entries) ? entries.length : 0
  await site.open().signIn('bob', seated(vic).key)
  const after = await site.people.call('ledger-search', { kinds: ['signed-in'] })
  expect(isObject(after) && Array.isArray(after['entries']) ? after['entries'].length : 0).toBe(
    before,
  )
})

test('an agent that opens the link first has a key, and nothing that counts; the wrong number is an alarm', async () => {
  const invited = await site.people.callAs('approver-invite', { name: 'kim', role: 'approver' })
  const { url, terminal } = isObject(invited) ? invited : {}
  const token = textOf(url ?? null).split('#invited=')[1] ?? ''
  const agent = site.open()
  const opened = await agent.call('passkey-open', { token })
  const key = openAuthenticator()
  const given = toJson(
    key.create(textOf(opened.body['challenge'] ?? null), { origin: site.origin }),
  )
  const theirs = await agent.call('passkey-arrive', { token, given })
  expect(textOf(theirs.body['number'] ?? null)).toMatch(/^\d{6}$/)
  // It signs nothing, and opens nothing.
  expect((await agent.signIn('kim', key)).status).toBe(403)
  // The person comes, and is told.
  const person = site.open()
  const late = await person.call('passkey-open', { token })
  const mine = openAuthenticator().create('AAAA', { origin: site.origin })
  const refused =
    late.status === 200 ? await person.call('passkey-arrive', { token, given: toJson(mine) }) : late
  expect([refused.status, refused.text]).toEqual([403, expect.stringContaining('used already')])
  // Whoever types a number all the same has none that fits.
  const other = textOf(theirs.body['number'] ?? null) === '000000' ? '000001' : '000000'
  const typed = site.people.call('passkey-confirm', { terminal: terminal ?? '', number: other })
  await expect(typed).rejects.toThrow(/somebody else may have used the invitation/)
  expect(JSON.stringify(await site.people.call('alarm-list', { all: false }))).toContain(
    'invitation',
  )
  expect((await agent.signIn('kim', key)).status).toBe(403)
})

test('a removed person is signed out at once, and a session can be ended by who it is', async () => {
  const eve = await site.seat('eve')
  const gus = await site.seat('gus')
  await site.people.callAs('approver-remove', { name: 'eve' })
  expect((await eve.page.call('me')).status).toBe(401)
  await site.people.call('session-end', { who: 'gus' })
  expect((await gus.page.call('me')).status).toBe(401)
  await expect(site.people.call('session-end', { who: 'gus' })).rejects.toThrow(
    /nobody is signed in/,
  )
})
