/** The words of passkeys, from the control socket into the ledger and out again by `verify`, `prove` and `check`, without the daemon's key. */
import { mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { writeInto } from '../../src/app/archive.ts'
import { canonical, isObject, parseJson, textOf } from '../../src/base/json.ts'
import type { JsonObject } from '../../src/base/json.ts'
import { signCheckpoint } from '../../src/ledger/checkpoint.ts'
import { exportLedger } from '../../src/ledger/export.ts'
import { emptyFrontier, grow, rootOf } from '../../src/ledger/tree.ts'
import { kestrel } from '../../sim/tenant.ts'
import { consoleYaml, enrolPasskey, holdFor, objectOf } from '../passkeys.ts'
import { everything, openRig } from '../rig.ts'
import type { Rig } from '../rig.ts'
import { firebreak } from '../run.ts'
import { memoryRows } from './memory-rows.ts'

let rig: Rig
let key = ''
let approvedAt = 0
beforeAll(async () => {
  rig = await openRig(consoleYaml)
  const bea = await enrolPasskey(rig, 'bea', 'admin')
  const grant = await rig.people.mint('agent:a', everything)
  const hold = await holdFor(
    rig,
    grant,
    `mutation { volumeDelete(volumeId: "${kestrel.volumeId}") }`,
  )
  const signed = objectOf(await bea.sign('hold-approve', hold))
  approvedAt = Number(signed['entry'])
  const caveats = { ...everything, operations: ['read'] }
  await bea.sign('grant-mint', { principal: 'agent:b', note: '', caveats })
  await rig.people.call('halt', { who: 'all', reason: 'a try' })
  await bea.sign('resume', { who: 'all' })
  await enrolPasskey(rig, 'fay')
  await bea.sign('approver-invite', { name: 'gil', role: 'approver' })
  await bea.sign('approver-remove', { name: 'fay' })
}, 60_000)
afterAll(async () => await rig.close())

function leaves(): readonly JsonObject[] {
  const db = new DatabaseSync(join(rig.config.state, 'state.db'), { readOnly: true })
  const rows = db.prepare('SELECT leaf FROM log_leaf ORDER BY seq').all()
  db.close()
  return rows.map(({ leaf }) => {
    const value = parseJson(Buffer.from(leaf instanceof Uint8Array ? leaf : []).toString('utf8'))
    return isObject(value) ? value : {}
  })
}
const cli = (...args: readonly string[]): Promise<string> =>
  firebreak([...args, '--config', rig.config.file])

test('each act by a passkey keeps its word, and all of them hold', async () => {
  const kinds = leaves()
    .filter(({ body = null }) => objectOf(body)['factor'] === 'passkey')
    .map(({ kind = null }) => kind)
  expect(kinds).toEqual(
    expect.arrayContaining(['approved', 'minted', 'resumed', 'invited', 'removed']),
  )
  expect(await rig.people.call('ledger-verify')).toMatchObject({ ok: true, faults: [] })
  expect(await cli('ledger', 'verify')).toMatch(/whole and in order/)
})

test('a receipt is checked alone, and with an export down to the enrolment', async () => {
  key = textOf(objectOf(await rig.people.call('ledger-verify'))['verifier'])
  const index = leaves().findIndex(({ kind }) => kind === 'approved')
  expect(approvedAt).toBeGreaterThan(index)
  const receipt = join(rig.dir, 'receipt')
  writeFileSync(receipt, await cli('ledger', 'prove', String(index)))
  const alone = await firebreak(['ledger', 'check', receipt, '--key', key])
  expect(alone).toMatch(/signed by a passkey of bea; `--from FOLDER`/)
  const folder = join(rig.dir, 'export')
  await cli('ledger', 'export', '--out', folder)
  const whole = await firebreak(['ledger', 'check', receipt, '--key', key, '--from', folder])
  expect(whole).toMatch(/signed by a passkey of bea, enrolled before/)
  expect(await firebreak(['ledger', 'verify', '--from', folder, '--key', key])).toMatch(/whole/)
})

/** The ledger again with its entries changed, signed by the daemon's own key, as an export: what only whoever has that key can do. */
async function rewritten(change: (entry: JsonObject) => JsonObject): Promise<string> {
  const bytes = leaves().map((leaf) => new Uint8Array(Buffer.from(canonical(change(leaf)))))
  const { frontier, hashes } = grow(emptyFrontier, bytes)
  const log = memoryRows()
  await log.append(bytes)
  await log.putHashes(hashes)
  const { signer } = rig.running.firebreak
  const head = { origin: signer.name, size: frontier.size, root: rootOf(frontier) }
  await log.putCheckpoint(frontier.size, signCheckpoint(head, signer))
  const folder = mkdtempSync(join(rig.dir, 'again-'))
  await exportLedger(log, writeInto(folder))
  return await firebreak(['ledger', 'verify', '--from', folder, '--key', key])
}
const withBody = (kind: string, change: (body: JsonObject) => JsonObject) => (entry: JsonObject) =>
  entry['kind'] === kind && objectOf(entry['body'] ?? null)['factor'] === 'passkey'
    ? { ...entry, body: change(objectOf(entry['body'] ?? null)) }
    : entry

test.each<[string, (entry: JsonObject) => JsonObject, RegExp]>([
  [
    'another digest',
    withBody('approved', (body) => ({ ...body, digest: 'sha256:0' })),
    /another action/,
  ],
  [
    'another approver',
    withBody('approved', (body) => ({ ...body, approver: 'ada' })),
    /somebody else/,
  ],
  ['no evidence', withBody('approved', (body) => ({ ...body, evidence: {} })), /not there/],
  [
    'another to resume',
    (entry) => (entry['kind'] === 'resumed' ? { ...entry, subject: 'agent:a' } : entry),
    /another thing/,
  ],
  [
    'the enrolment of another key',
    (entry) =>
      entry['kind'] === 'enrolled'
        ? { ...entry, body: { ...objectOf(entry['body'] ?? null), passkey: null } }
        : entry,
    /not enrolled by then/,
  ],
])(
  "tamper-shows: %s, signed again with the daemon's key, is named by its entry",
  async (_, change, why) => {
    const said = await rewritten(change)
    expect(said).toMatch(/broken: entry \d+: /)
    expect(said).toMatch(why)
    expect(said).toMatch(/exit 4$/)
  },
)

test('what was signed again and not changed holds', async () => {
  expect(await rewritten((entry) => entry)).toMatch(/whole and in order/)
})

test('a passkey that is taken away takes its person nowhere; put back into the state it is named', async () => {
  const { call } = rig.people
  const { id } = (await enrolPasskey(rig, 'hal')).device
  // A second key, or the first could not go.
  await enrolPasskey(rig, 'hal')
  const { firebreak } = rig.running
  const kept = await firebreak.state.transact((tx) => tx.get('passkey', id))
  await rig.people.callAs('passkey-remove', { name: 'hal', id })
  expect(await call('ledger-verify')).toMatchObject({ ok: true, faults: [] })
  await firebreak.state.transact(async (tx) => {
    if (kept !== null) await tx.put('passkey', kept)
  })
  expect(await call('ledger-verify')).toMatchObject({
    ok: false,
    faults: [`the state: passkey \`${id}\` was removed`],
  })
})
