/** Killed at every durable step: the daemon dies before and after each commit of each act; nothing is lost, doubled or let through. */
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test, vi } from 'vitest'
import { kestrel, rows } from '../../sim/tenant.ts'
import { codeAt, stepAt } from '../../src/approvals/totp.ts'
import { fromBase32 } from '../../src/app/rehearse.ts'
import type { Rehearsal } from '../../src/app/rehearse.ts'
import { isObject, parseJson, textOf } from '../../src/base/json.ts'
import type { Json, JsonObject } from '../../src/base/json.ts'
import { readLeaf } from '../../src/ledger/leaf.ts'
import { sample, turnOf } from '../sample.ts'
import { openDaemon, openPeople } from './daemon.ts'
import type { Daemon } from './daemon.ts'

/** What stands before an act, the act, and what must hold after it, whether it was acknowledged or cut off. */
interface Act {
  readonly run: () => Promise<unknown>
  readonly holds: (acknowledged: boolean) => Promise<void>
}
type Step = (lane: Lane) => Promise<Act>

interface Lane {
  readonly daemon: Daemon
  readonly people: Rehearsal
  readonly grant: string
  /** The next volume that nobody has asked for yet. */
  readonly spare: () => { readonly volume: string; readonly path: string }
  readonly next: () => number
}

/** The grace is long enough that nothing comes due by itself, however slow the machine is. */
const afterGrace = 310_000
const wide = { operations: ['*'], environments: ['*'], expiresMs: 90 * 86_400_000 } as const
const read = 'query { me { id } }'
const drop = (volume: string): string => `mutation { volumeDelete(volumeId: "${volume}") }`

const steps: Readonly<Record<string, Step>> = {
  'a destroy is asked for': async ({ daemon, grant, spare }) => {
    const { volume, path } = spare()
    const ask = async (): ReturnType<Daemon['ask']> => await daemon.ask(grant, drop(volume))
    let id = ''
    return {
      run: async () => (id = textOf((await ask()).body['holdId'])),
      holds: async (acknowledged) => {
        const again = textOf((await ask()).body['holdId'])
        if (acknowledged) expect(again).toBe(id)
        expect(holdsOf(daemon).filter((hold) => isAbout(hold, volume))).toHaveLength(1)
        expect(await stateOf(daemon, again)).toBe('open')
        expect(isThere(path)).toBe(true)
        await daemon.call('hold-show', { id: again })
      },
    }
  },
  'a person approves': async (lane) => {
    const { daemon } = lane
    const { id, path } = await held(lane)
    return {
      run: async () => await approve(lane, id),
      holds: async (acknowledged) => {
        await daemon.pass(afterGrace)
        const state = await ends(lane, id)
        expect(acknowledged ? ['executed'] : ['executed', 'open']).toContain(state)
        expect(isThere(path)).toBe(state === 'open')
      },
    }
  },
  'its time comes, and it runs': async (lane) => {
    const { daemon } = lane
    const { id, path } = await held(lane)
    await approve(lane, id)
    return {
      run: async () => {
        await daemon.pass(afterGrace)
        await until(daemon, async () => (await stateOf(daemon, id)) === 'executed')
      },
      holds: async () => {
        const state = await ends(lane, id)
        // Sent and never done, as the target says: it is not run again.
        expect(['executed', 'failed']).toContain(state)
        expect(isThere(path)).toBe(state === 'failed')
        if (state === 'executed') await daemon.call('hold-undo', { id })
      },
    }
  },
  'a person denies': async (lane) => {
    const { daemon, people, next } = lane
    const grant = await people.mint(`agent:denied${next()}`, wide)
    const { id, path, volume } = await held({ ...lane, grant })
    return {
      run: async () => await daemon.call('hold-deny', { id }),
      holds: async (acknowledged) => {
        const state = await stateOf(daemon, id)
        expect(acknowledged ? ['denied'] : ['denied', 'open']).toContain(state)
        const again = await daemon.ask(grant, drop(volume))
        expect(again.status).toBe(403)
        const closed = await daemon.ask(grant, drop(kestrel.scratchVolumeId))
        if (state === 'denied') expect(closed.text).toContain('denied-class')
        expect(isThere(path)).toBe(true)
      },
    }
  },
  'a person undoes': async (lane) => {
    const { daemon } = lane
    const { id, path } = await held(lane)
    await approve(lane, id)
    return {
      run: async () => await daemon.call('hold-undo', { id }),
      holds: async (acknowledged) => {
        if (!acknowledged && (await stateOf(daemon, id)) === 'scheduled')
          await daemon.call('hold-undo', { id })
        await daemon.pass(afterGrace)
        expect(await ends(lane, id)).toBe('undone')
        expect(isThere(path)).toBe(true)
      },
    }
  },
  'nobody answers in time': async (lane) => {
    const { daemon } = lane
    const { id, path } = await held(lane)
    return {
      run: async () => {
        await daemon.pass(5 * 3_600_000)
        await until(daemon, async () => (await stateOf(daemon, id)) === 'expired')
      },
      holds: async () => {
        await until(daemon, async () => (await stateOf(daemon, id)) === 'expired')
        expect(isThere(path)).toBe(true)
      },
    }
  },
  'an agent is halted': async ({ daemon, people, next }) => {
    const who = `agent:halted${next()}`
    const grant = await people.mint(who, wide)
    return {
      run: async () => await daemon.call('halt', { who, reason: 'three at night' }),
      holds: async (acknowledged) => {
        const stands = halted(daemon).includes(who)
        if (acknowledged) expect(stands).toBe(true)
        expect((await daemon.ask(grant, read)).status).toBe(stands ? 403 : 200)
      },
    }
  },
  'a person lets it go on': async ({ daemon, people, next }) => {
    const who = `agent:resumed${next()}`
    const grant = await people.mint(who, wide)
    await daemon.call('halt', { who, reason: 'three at night' })
    return {
      run: async () => await people.callAs('resume', { who }),
      holds: async (acknowledged) => {
        const stands = halted(daemon).includes(who)
        if (acknowledged) expect(stands).toBe(false)
        expect((await daemon.ask(grant, read)).status).toBe(stands ? 403 : 200)
      },
    }
  },
  'a grant is minted': async ({ daemon, people, next }) => {
    const who = `agent:minted${next()}`
    let grant = ''
    return {
      run: async () => (grant = await people.mint(who, wide)),
      holds: async (acknowledged) => {
        if (acknowledged) expect((await daemon.ask(grant, read)).status).toBe(200)
        const kept = rowsOf(daemon, 'grant').filter((row) => row['principal'] === who).length
        expect(
          entriesOf(daemon).filter((e) => e.kind === 'minted' && e.principal === who),
        ).toHaveLength(kept)
      },
    }
  },
  'a grant is revoked': async ({ daemon, people, next }) => {
    const who = `agent:revoked${next()}`
    const grant = await people.mint(who, wide)
    return {
      run: async () => await daemon.call('grant-revoke', { id: grant }),
      holds: async (acknowledged) => {
        const rows = rowsOf(daemon, 'grant').filter((row) => row['principal'] === who)
        const revoked = rows.some((row) => row['revokedAt'] !== null)
        if (acknowledged) expect(revoked).toBe(true)
        expect((await daemon.ask(grant, read)).status).toBe(revoked ? 401 : 200)
      },
    }
  },
  'a credential is kept': async ({ daemon, people, grant }) => {
    const secret = daemon.platform.token(kestrel.tokens.founder)
    return {
      run: async () => await people.callAs('custody-add', { target: 'railway', secret }),
      // Whole, the old one or the new one: the platform takes either.
      holds: async () => expect((await daemon.ask(grant, read)).status).toBe(200),
    }
  },
  'another approver enrols': async ({ daemon, people, next }) => {
    const name = `bo${next()}`
    return {
      run: async () => {
        const begun = await people.callAs('approver-enrol', { name, role: 'approver' })
        const uri = isObject(begun) ? textOf(begun['uri']) : ''
        const secret = fromBase32(new URL(uri).searchParams.get('secret') ?? '')
        await daemon.call('approver-confirm', { name, code: codeAt(secret, stepAt(daemon.now())) })
      },
      holds: async (acknowledged) => {
        const rows = rowsOf(daemon, 'approver').filter((row) => row['name'] === name)
        if (acknowledged) expect(rows).toHaveLength(1)
        expect(rows.length).toBeLessThan(2)
        expect(
          entriesOf(daemon).filter((e) => e.kind === 'enrolled' && e.body['name'] === name),
        ).toHaveLength(rows.length)
      },
    }
  },
}

/** Two daemons at a time, with about as many deaths each. */
const lanes: readonly (readonly string[])[] = [
  [
    'a destroy is asked for',
    'a person approves',
    'a person denies',
    'a person undoes',
    'nobody answers in time',
  ],
  [
    'its time comes, and it runs',
    'an agent is halted',
    'a person lets it go on',
    'a grant is minted',
    'a grant is revoked',
    'a credential is kept',
    'another approver enrols',
  ],
]

test('every act is in a lane', () => {
  expect(lanes.flat().toSorted()).toEqual(Object.keys(steps).toSorted())
})

// Each run a third of the acts: all of them take minutes.
test.concurrent.each(lanes.map((names) => ({ names: sample(names, 3), turn: turnOf(3) })))(
  'intent-first, broken-is-closed: killed before and after each commit, nothing is lost, doubled or let through: $names ($turn)',
  async ({ names }) => {
    const daemon = await openDaemon({ spares: 40, grace: '5m', more: quietBurst })
    try {
      await daemon.up()
      const people = await openPeople(daemon)
      let count = 0
      const next = (): number => (count += 1)
      const spare = (): ReturnType<Daemon['spare']> => daemon.spare(next())
      const grant = await people.mint('agent:cursor', wide)
      const lane: Lane = { daemon, people, grant, next, spare }
      for (const [name, step] of Object.entries(steps)) {
        if (!names.includes(name)) continue
        const commits = await sweep(lane, step, { kind: 'kill-before', from: 1 })
        expect(commits, name).toBeGreaterThan(0)
        // Between two commits nothing but the world outside changes: where that does not either, one death after the last is enough.
        const from = reachesOut.has(name) ? 1 : commits
        await sweep(lane, step, { kind: 'kill-after', from })
      }
      expect(rows(daemon.platform.volumePath(kestrel.productionInstanceId)).bookings).toBe(2400)
    } finally {
      await daemon.close()
    }
  },
  180_000,
)

test('killed at each commit of its first start: the next start begins where it stood', async () => {
  const daemon = await openDaemon()
  const deaths = [
    { kind: 'kill-before', nth: 1 },
    { kind: 'kill-before', nth: 2 },
    { kind: 'kill-before', nth: 3 },
  ] as const
  try {
    for (const death of deaths) {
      rmSync(daemon.config.state, { recursive: true, force: true })
      await daemon.order({ ...death, lasts: false })
      await expect(daemon.up()).rejects.toThrow('SIGKILL')
      await daemon.order(null)
      await daemon.up()
      await agrees(daemon)
      const kinds = entriesOf(daemon).map((entry) => entry.kind)
      expect(kinds.slice(0, 2)).toEqual(['accepted', 'started'])
      await daemon.kill('SIGKILL')
    }
  } finally {
    await daemon.close()
  }
}, 180_000)

const quietBurst = 'limits:\n  burst: { count: 1000, window: 1m }\n'
const reachesOut: ReadonlySet<string> = new Set([
  'a person approves',
  'its time comes, and it runs',
])

/** Kills at the first commit of the act, then of another such act at the second, and so on until one lives through; gives how many commits it has. */
async function sweep(
  lane: Lane,
  step: Step,
  { kind, from }: { readonly kind: 'kill-before' | 'kill-after'; readonly from: number },
): Promise<number> {
  const { daemon } = lane
  for (let nth = from; ; nth += 1) {
    const act = await step(lane)
    await daemon.order({ kind, nth, lasts: false })
    const acknowledged = await act.run().then(
      () => true,
      () => false,
    )
    if (acknowledged && !daemon.isGone()) await daemon.order(null)
    const died = !acknowledged || daemon.isGone()
    if (died) {
      expect(await daemon.gone()).toBe('SIGKILL')
      await daemon.order(null)
      await daemon.up()
    }
    await act.holds(acknowledged)
    await agrees(daemon)
    if (!died) return nth - 1
  }
}

/** Asks again until it is so; rejects at once when the daemon has died. */
async function until(daemon: Daemon, isSo: () => Promise<boolean>): Promise<void> {
  const look = async (): Promise<boolean> => daemon.isGone() || (await isSo())
  // Not expect.poll: that wants the one test that runs, and two lanes run here.
  await vi.waitFor(async () => expect(await look()).toBe(true), { timeout: 15_000, interval: 20 })
  expect(daemon.isGone()).toBe(false)
}

/** What must be so at any time: the ledger is whole, each hold stands where its last entry says, and nothing was done without an intent. */
async function agrees(daemon: Daemon): Promise<void> {
  expect(await daemon.call('ledger-verify')).toMatchObject({ ok: true, faults: [] })
  const entries = entriesOf(daemon)
  for (const hold of holdsOf(daemon)) {
    const [last] = entries
      .filter((entry) => entry.subject === hold['id'] && moves(entry))
      .toReversed()
    expect(last?.kind === 'held' ? 'open' : last?.body['state']).toBe(hold['state'])
  }
  const done = daemon.platform.effects().filter((name) => name === 'volumeDelete')
  const intents = entries.filter(({ kind }) => kind === 'intent')
  expect(done.length).toBeLessThanOrEqual(intents.length)
}

/** Other entries about a hold, such as a restore, move nothing. */
function moves({ kind, body }: ReturnType<typeof entriesOf>[number]): boolean {
  return kind === 'held' || body['state'] !== undefined
}

async function held({
  daemon,
  grant,
  spare,
}: Lane): Promise<{ id: string; path: string; volume: string }> {
  const { volume, path } = spare()
  const answer = await daemon.ask(grant, drop(volume))
  expect(answer.body).toMatchObject({ verdict: 'hold' })
  return { id: textOf(answer.body['holdId']), path, volume }
}

async function approve({ daemon, people }: Lane, id: string): Promise<void> {
  const shown = await daemon.call('hold-show', { id })
  await people.callAs('hold-approve', { id, shown: isObject(shown) ? textOf(shown['shown']) : '' })
}

async function stateOf(daemon: Daemon, id: string): Promise<string> {
  const shown = await daemon.call('hold-show', { id })
  return isObject(shown) ? textOf(shown['state']) : ''
}

/** Where a hold stands once nothing more happens to it by itself; none may stay in between. */
async function ends({ daemon }: Lane, id: string): Promise<string> {
  const between = ['approved', 'scheduled', 'executing']
  await until(daemon, async () => !['approved', 'executing'].includes(await stateOf(daemon, id)))
  // What was cut off while it was approved is scheduled after the restart, and has its grace from there.
  if ((await stateOf(daemon, id)) === 'scheduled') await daemon.pass(afterGrace)
  await until(daemon, async () => !between.includes(await stateOf(daemon, id)))
  return await stateOf(daemon, id)
}

function isThere(path: string): boolean {
  return existsSync(join(path, 'notes.txt'))
}

function isAbout(hold: JsonObject, volume: string): boolean {
  return JSON.stringify(hold['action']).includes(volume)
}

function holdsOf(daemon: Daemon): readonly JsonObject[] {
  return rowsOf(daemon, 'hold')
}

function halted(daemon: Daemon): readonly Json[] {
  return rowsOf(daemon, 'halt')
    .filter((row) => row['liftedAt'] === null)
    .map((row) => row['id'] ?? null)
}

/** The rows as they lie on the disk, read past the daemon. */
function rowsOf(daemon: Daemon, table: string): readonly JsonObject[] {
  return look(daemon, `SELECT row FROM "${table}"`, ({ row }) => {
    const value = parseJson(String(row))
    return isObject(value) ? value : {}
  })
}

function entriesOf(daemon: Daemon): readonly NonNullable<ReturnType<typeof readLeaf>>[] {
  const leaves = look(daemon, 'SELECT leaf FROM log_leaf ORDER BY seq', ({ leaf }) =>
    leaf instanceof Uint8Array ? readLeaf(leaf) : null,
  )
  return leaves.filter((leaf) => leaf !== null)
}

function look<T>(
  daemon: Daemon,
  sql: string,
  read: (row: Readonly<Record<string, unknown>>) => T,
): readonly T[] {
  const db = new DatabaseSync(join(daemon.config.state, 'state.db'), { readOnly: true })
  try {
    return db.prepare(sql).all().map(read)
  } finally {
    db.close()
  }
}
