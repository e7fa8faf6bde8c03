/** The whole path on real parts: the incident's call refused, held, approved, made recoverable, deferred, undone, executed, brought back. */
import { readFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { kestrel, rows } from '../sim/tenant.ts'
import { escalations } from '../sim/attack.ts'
import { errands } from '../sim/errand.ts'
import { lookOnce } from '../src/app/bypass.ts'
import { isObject, textOf, toJson } from '../src/base/json.ts'
import type { Json, JsonObject } from '../src/base/json.ts'
import { domains, everything, openRig } from './rig.ts'
import type { Rig } from './rig.ts'

let rig: Rig
const volumeDelete = `mutation { volumeDelete(volumeId: "${kestrel.volumeId}") }`
const limits = 'limits:\n  burst: { count: 1000, window: 1m }\n'
const open = async (more = limits): Promise<void> => {
  rig = await openRig(more)
}
afterEach(() => rig.close())

const bookings = (): number => rows(rig.platform.volumePath(kestrel.productionInstanceId)).bookings
const findings = (body: { readonly [name: string]: Json }): string =>
  JSON.stringify(body['findings'])
const state = async (id: Json | undefined): Promise<Json> => {
  const hold = await rig.people.call('hold-show', { id: textOf(id) })
  return isObject(hold) ? (hold['state'] ?? null) : null
}

/** Shows a hold and approves it as a person would; gives what the daemon answers. */
async function approve(id: Json | undefined): Promise<{ readonly [name: string]: Json }> {
  const shown = await rig.people.call('hold-show', { id: textOf(id) })
  const digest = isObject(shown) ? textOf(shown['shown']) : ''
  const result = await rig.people.callAs('hold-approve', { id: textOf(id), shown: digest })
  return isObject(result) ? result : {}
}

test("R01: the incident's exact call with a grant for domains is 403, a problem body, and nothing reaches the platform", async () => {
  await open()
  const grant = await rig.people.mint('agent:cursor', domains)
  const answer = await fetch(`${rig.running.url}/railway/graphql/v2`, {
    method: 'POST',
    headers: { authorization: `Bearer ${grant}`, 'content-type': 'application/json' },
    body: JSON.stringify({ query: volumeDelete }),
  })
  const text = await answer.text()
  expect(answer.status).toBe(403)
  expect(JSON.parse(text)).toMatchObject({
    type: 'urn:firebreak:problem:denied',
    status: 403,
    operation: 'volumeDelete',
    effect: 'destroy',
    verdict: 'deny',
    findings: [{ rule: 'scope' }],
    retryable: false,
    executed: false,
    data: null,
    errors: [{ extensions: { code: 'FIREBREAK', verdict: 'deny' } }],
  })
  expect(rig.platform.mutations()).toBe(0)
  expect(bookings()).toBe(2400)
})

test('R02: with a grant for staging volumes it is `separation`, naming both instances and the three backups', async () => {
  await open()
  const grant = await rig.people.mint('agent:cursor', {
    operations: ['read', 'volume*'],
    environments: ['staging'],
    expiresMs: 3_600_000,
  })
  const { status, body } = await rig.ask(grant, volumeDelete)
  expect(status).toBe(403)
  expect(findings(body)).toContain('"rule":"separation"')
  const radius = JSON.stringify(body['blastRadius'])
  for (const id of [
    kestrel.productionInstanceId,
    kestrel.stagingInstanceId,
    kestrel.newestBackupId,
    kestrel.olderBackupId,
    kestrel.oldestBackupId,
  ])
    expect(radius).toContain(id)
  // By the names that people and grants use.
  expect(radius).toContain('"environments":["production","staging"]')
  expect(body['detail']).toMatch(/shop-data in production, .*shop-data in staging and backup /)
  expect(rig.platform.mutations()).toBe(0)
  const scratch = await rig.ask(
    grant,
    `mutation { volumeDelete(volumeId: "${kestrel.scratchVolumeId}") }`,
  )
  expect(scratch.status).toBe(200)
})

test('R03: held, approved, made recoverable, deferred, undone: the platform was never called', async () => {
  await open(`grace: 1h\n${limits}`)
  const grant = await rig.people.mint('agent:cursor', everything)
  const held = await rig.ask(grant, volumeDelete, { headers: { 'firebreak-reason': 'clean up' } })
  expect(held.status).toBe(403)
  expect(held.headers.get('retry-after')).toBe('30')
  expect(held.body).toMatchObject({
    verdict: 'hold',
    type: 'urn:firebreak:problem:held',
    retryable: true,
  })
  const approved = await approve(held.body['holdId'])
  expect(approved).toMatchObject({
    state: 'scheduled',
    recoveryPoints: [expect.any(String), expect.any(String)],
  })
  const waiting = await rig.ask(grant, volumeDelete)
  expect(waiting.status).toBe(202)
  expect(waiting.body['executesAt']).toMatch(/^\d{4}-/)
  await rig.restart()
  expect(await state(held.body['holdId'])).toBe('scheduled')
  await rig.people.call('hold-undo', { id: textOf(held.body['holdId']) })
  expect(await state(held.body['holdId'])).toBe('undone')
  expect(rig.platform.mutations()).toBe(0)
  expect(bookings()).toBe(2400)
})

test('R03: held, approved, executed once, answered to every retry for a day, and brought back with every row', async () => {
  await open()
  const grant = await rig.people.mint('agent:cursor', { ...everything, expiresMs: 7 * 86_400_000 })
  const held = await rig.ask(grant, volumeDelete)
  await approve(held.body['holdId'])
  rig.pass(48 * 3_600_000)
  await expect
    .poll(async () => await state(held.body['holdId']), { timeout: 15_000 })
    .toBe('executed')
  expect(bookings()).toBe(0)
  const again = await rig.ask(grant, volumeDelete)
  expect(again).toMatchObject({ status: 200, text: '{"data":{"volumeDelete":true}}' })
  expect(again.headers.get('firebreak-replayed')).toBe('true')
  expect(rig.platform.mutations()).toBe(1)
  const undone = await rig.people.call('hold-undo', { id: textOf(held.body['holdId']) })
  expect(isObject(undone) ? undone['done'] : null).toHaveLength(2)
  expect(bookings()).toBe(2400)
  const verified = await rig.people.call('ledger-verify')
  expect(verified).toMatchObject({ ok: true, faults: [] })
})

test('recovery-first: what no declared place covers is refused at once, and it says what is missing', async () => {
  await open()
  const project = `mutation { projectDelete(id: "${kestrel.projectId}") }`
  const grant = await rig.people.mint('agent:cursor', everything)
  const denied = await rig.ask(grant, project)
  expect(denied.body).toMatchObject({ verdict: 'deny', retryable: false })
  expect(findings(denied.body)).toMatch(/"recovery-first".*declare `railway\/bucket/)
  expect(rig.platform.mutations()).toBe(0)
})

test('recovery-first: what cannot be copied when it was approved is refused, and it says why', async () => {
  await open()
  const grant = await rig.people.mint('agent:cursor', everything)
  const held = await rig.ask(grant, volumeDelete)
  expect(held.body['verdict']).toBe('hold')
  const path = rig.platform.volumePath(kestrel.productionInstanceId)
  renameSync(path, `${path}-unmounted`)
  const refused = await approve(held.body['holdId'])
  expect(refused['state']).toBe('failed')
  expect(refused['closing']).toMatch(/no verified recovery point: .*could not be copied/)
  expect(rig.platform.mutations()).toBe(0)
})

test('recovery-first: a hold says which recovery point is there already, how old, how proven and where', async () => {
  await open()
  const grant = await rig.people.mint('agent:cursor', { ...everything, expiresMs: 86_400_000 })
  const ask = (key: string): ReturnType<typeof rig.ask> =>
    rig.ask(grant, volumeDelete, { headers: { 'idempotency-key': key } })
  const first = await ask('one')
  expect(first.body['verdict']).toBe('hold')
  expect(findings(first.body)).not.toContain('recovery-point')
  const approved = await approve(first.body['holdId'])
  const [point = ''] = Array.isArray(approved['recoveryPoints']) ? approved['recoveryPoints'] : []
  await rig.people.call('hold-undo', { id: textOf(first.body['holdId']) })
  rig.pass(3 * 3_600_000)
  const second = await ask('two')
  const said = new RegExp(
    `${textOf(point)} of volumeInstance .*, taken 3 h ago, verified 3 h ago, grade V1, in .*vault`,
  )
  expect(findings(second.body)).toMatch(said)
  const shown = await rig.people.call('hold-show', { id: textOf(second.body['holdId']) })
  expect(isObject(shown) ? shown['text'] : '').toMatch(new RegExp(`\nthere is {3}${said.source}`))
  expect(isObject(shown) ? shown['text'] : '').not.toMatch(/because .*\(recovery-point\)/)
})

test('bypass: a call with the raw token past Firebreak is found in the audit log, what went through is not', async () => {
  await open()
  const grant = await rig.people.mint('agent:cursor', domains)
  for (const { bodies } of errands(kestrel, 'shop.example').slice(4, 5)) {
    const [body] = bodies
    expect(
      (
        await rig.ask(
          grant,
          isObject(toJson(body)) && body !== undefined && 'query' in body ? body.query : '',
        )
      ).status,
    ).toBe(200)
  }
  expect(await lookOnce(rig.running.firebreak, 'railway')).toEqual([])
  await fetch(rig.platform.graphql, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${rig.platform.token(kestrel.tokens.domains)}`,
    },
    body: JSON.stringify({
      query: `mutation { volumeDelete(volumeId: "${kestrel.scratchVolumeId}") }`,
    }),
  })
  expect(await lookOnce(rig.running.firebreak, 'railway')).toMatchObject([
    { event: 'volumeDelete' },
  ])
  expect(await lookOnce(rig.running.firebreak, 'railway')).toEqual([])
  await expect
    .poll(async () => JSON.stringify(await rig.people.call('alarm-list', { all: false })))
    .toContain('past Firebreak')
})

test('secret-stays: the real credential is in no answer, no ledger leaf, no state file and no log', async () => {
  await open()
  const secret = rig.platform.token(kestrel.tokens.domains)
  const grant = await rig.people.mint('agent:cursor', everything)
  const texts: string[] = []
  for (const query of ['query { me { id } }', volumeDelete, 'query { nonsense }', '{{{'])
    texts.push((await rig.ask(grant, query)).text)
  texts.push(
    JSON.stringify(await rig.people.call('custody-list')),
    JSON.stringify(await rig.people.call('hold-list', { all: true })),
  )
  await rig.running.firebreak.guard.flush()
  for (const file of readdirSync(rig.config.state))
    if (!file.endsWith('.sock')) texts.push(readFileSync(join(rig.config.state, file), 'latin1'))
  for (const text of texts) expect(text).not.toContain(secret)
  expect(texts.length).toBeGreaterThan(8)
})

test('power-widens-with-a-person: a changed config runs nothing until an approver accepts it; halt still works', async () => {
  await open()
  const grant = await rig.people.mint('agent:cursor', everything)
  const file = rig.config.file
  writeFileSync(file, readFileSync(file, 'utf8').replace('version: 1', 'version: 1\nmode: shadow'))
  await rig.restart()
  const refused = await rig.ask(grant, 'query { me { id } }')
  expect(findings(refused.body)).toContain('"unaccepted"')
  const changes = await rig.people.call('power-changes')
  expect(changes).toMatchObject({ changes: ['mode: "enforce" → "shadow"'] })
  await expect(
    rig.people.call('accept', {
      power: isObject(changes) ? textOf(changes['power']) : '',
      approver: 'ada',
      code: '123456',
    }),
  ).rejects.toThrow(/wrong/)
  await rig.people.callAs('accept', { power: isObject(changes) ? textOf(changes['power']) : '' })
  expect((await rig.ask(grant, volumeDelete)).status).toBe(200)
  expect(bookings()).toBe(0)
})

test('quiet-on-safe: reads come back byte for byte as the platform gives them', async () => {
  await open()
  const grant = await rig.people.mint('agent:cursor', everything)
  const token = rig.platform.token(kestrel.tokens.domains)
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` }
  const volumes = 'volumes { edges { node { id name } } }'
  for (const query of [
    '{ me { id name } }',
    `{ project(id: "${kestrel.projectId}") { name ${volumes} } }`,
  ]) {
    const body = JSON.stringify({ query, variables: {} })
    const straight = await fetch(rig.platform.graphql, { method: 'POST', headers, body })
    const through = await rig.ask(grant, query)
    expect(through.text.length).toBeGreaterThan(10)
    expect(through).toMatchObject({ status: straight.status, text: await straight.text() })
    expect(through.headers.get('content-type')).toBe(straight.headers.get('content-type'))
  }
})

test("denial-closes: after a person's no the same class is refused in every form, without another prompt", async () => {
  await open()
  const grant = await rig.people.mint('agent:cursor', everything)
  const held = await rig.ask(grant, volumeDelete)
  await rig.people.call('hold-deny', { id: textOf(held.body['holdId']) })
  for (const [headers, query] of [
    [{}, volumeDelete],
    [{ 'idempotency-key': 'again' }, volumeDelete],
    [
      {},
      `mutation { volumeInstanceUpdate(volumeId: "${kestrel.volumeId}", input: { state: DELETED }) }`,
    ],
  ] as const) {
    const { status, body } = await rig.ask(grant, query, { headers })
    expect(status).toBe(403)
    expect(body['verdict']).toBe('deny')
  }
  const holds = await rig.people.call('hold-list', { all: false })
  expect(holds).toEqual([])
})

test('R17: another parameter is another action, a reworded one the same, and an approval works once', async () => {
  await open(`grace: 1h\n${limits}`)
  const grant = await rig.people.mint('agent:cursor', everything)
  const held = await rig.ask(grant, volumeDelete)
  const reworded = await rig.ask(
    grant,
    `# please\nmutation Clean($v: String!) { gone: volumeDelete(volumeId: $v) }`,
    { variables: { v: kestrel.volumeId }, headers: { 'firebreak-reason': 'other words' } },
  )
  expect(reworded.body['holdId']).toBe(held.body['holdId'])
  const other = await rig.ask(
    grant,
    `mutation { volumeDelete(volumeId: "${kestrel.scratchVolumeId}") }`,
  )
  expect(other.body['holdId']).not.toBe(held.body['holdId'])
  await approve(held.body['holdId'])
  await expect(approve(held.body['holdId'])).rejects.toThrow(/is scheduled/)
  const anew = await rig.ask(grant, volumeDelete, { headers: { 'idempotency-key': 'second' } })
  expect(anew.body['verdict']).toBe('hold')
  expect(anew.body['holdId']).not.toBe(held.body['holdId'])
})

test('R04, R05: each escalation of the agent is refused or held under a grant for everything, and its harmless work passes', async () => {
  await open()
  const grant = await rig.people.mint('agent:cursor', everything)
  const send = async (body: unknown): Promise<number> => {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${grant}` }
    const answer = await fetch(`${rig.running.url}/railway/graphql/v2`, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    })
    await answer.arrayBuffer()
    return answer.status
  }
  const before = rig.platform.snapshot()
  for (const { bodies, title } of escalations(kestrel)) {
    const answers: number[] = []
    for (const body of bodies) answers.push(await send(body))
    expect([title, answers.includes(403)]).toEqual([title, true])
  }
  expect(rig.platform.snapshot()).toBe(before)
  for (const { bodies, title } of errands(kestrel, 'shop.example'))
    expect([title, await send(bodies[0])]).toEqual([title, 200])
})

test("R16: self-approval from the agent's shell, every way it has: nothing is approved", async () => {
  await open(`grace: 1s\n${limits}`)
  const grant = await rig.people.mint('agent:cursor', { ...everything, expiresMs: 86_400_000 })
  const held = await rig.ask(grant, volumeDelete)
  const id = textOf(held.body['holdId'])
  const shown = await rig.people.call('hold-show', { id })
  const facts = { id, shown: isObject(shown) ? textOf(shown['shown']) : '' }
  for (const path of [
    `/approve/${id}`,
    `/.firebreak/holds/${id}/approve`,
    `/railway/approve/${id}`,
  ]) {
    const answer = await fetch(`${rig.running.url}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${grant}` },
    })
    expect([path, [401, 403, 404].includes(answer.status)]).toEqual([path, true])
  }
  const tries: readonly (readonly [JsonObject, RegExp])[] = [
    [{ ...facts }, /approver/],
    [{ ...facts, approver: 'ada', code: '000000' }, /wrong/],
    [{ ...facts, approver: 'cursor', code: '000000' }, /never approves/],
    [{ ...facts, approver: 'agent:cursor', code: '000000' }, /never approves/],
    [{ ...facts, approver: 'eve', code: '000000' }, /no approver/],
    [{ ...facts, shown: 'other', approver: 'ada', code: '000000' }, /has changed/],
  ]
  for (const [input, why] of tries)
    await expect(rig.people.call('hold-approve', input)).rejects.toThrow(why)
  await expect(rig.people.call('approver-enrol', { name: 'eve', role: 'admin' })).rejects.toThrow(
    /needs an admin/,
  )
  const alarms = JSON.stringify(await rig.people.call('alarm-list', { all: false }))
  expect(alarms).toContain('factor-refused')
  // The state itself, written by somebody with a shell: the row says approved, and nobody's seal is on it.
  await rig.running.firebreak.state.transact(async (tx) => {
    const row = await tx.get('hold', id)
    const forged = {
      approver: 'ada',
      factor: 'totp',
      at: 1,
      digest: row?.digest ?? '',
      shown: '',
      evidence: {},
    } as const
    if (row !== null)
      await tx.put('hold', { ...row, state: 'scheduled', executesAt: 1, approvals: [forged] })
  })
  await expect.poll(async () => await state(id), { timeout: 10_000 }).toBe('failed')
  expect(rig.platform.mutations()).toBe(0)
})

test('halt-halts: a halt stops every grant, survives a restart, and only a factor lifts it', async () => {
  await open()
  const grant = await rig.people.mint('agent:cursor', everything)
  await rig.people.call('halt', { who: 'all', reason: 'three at night' })
  const read = 'query { me { id } }'
  expect((await rig.ask(grant, read)).status).toBe(403)
  await rig.restart()
  const refused = await rig.ask(grant, read)
  expect(findings(refused.body)).toContain('three at night')
  await expect(
    rig.people.call('resume', { who: 'all', approver: 'ada', code: '000000' }),
  ).rejects.toThrow(/wrong/)
  await rig.people.callAs('resume', { who: 'all' })
  expect((await rig.ask(grant, read)).status).toBe(200)
})

test('halt-halts: a burst of destructive attempts throws it by itself', async () => {
  await open('')
  const grant = await rig.people.mint('agent:cursor', domains)
  const seen: string[] = []
  for (let nth = 0; nth < 6; nth += 1)
    seen.push(findings((await rig.ask(grant, volumeDelete)).body))
  expect(seen.slice(0, 5).every((each) => each.includes('"scope"'))).toBe(true)
  expect(seen[5]).toContain('"halt"')
})

test('a revoked grant works no more at once, and neither does what it had scheduled', async () => {
  await open()
  const grant = await rig.people.mint('agent:cursor', { ...everything, expiresMs: 7 * 86_400_000 })
  const held = await rig.ask(grant, volumeDelete)
  await approve(held.body['holdId'])
  await rig.people.call('grant-revoke', { id: grant })
  rig.pass(48 * 3_600_000)
  const refused = await rig.ask(grant, 'query { me { id } }')
  expect(refused).toMatchObject({ status: 401, body: { detail: 'the grant was revoked' } })
  await expect
    .poll(async () => await state(held.body['holdId']), { timeout: 15_000 })
    .toBe('failed')
  expect(rig.platform.mutations()).toBe(0)
})

beforeEach(() => expect.hasAssertions())
