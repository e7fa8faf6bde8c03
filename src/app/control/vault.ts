/** Control commands about recovery points: list, take, verify, drill, restore. */
import { isAbsolute } from 'node:path'
import * as v from 'valibot'
import { wordOf } from '../../approvals/factor.ts'
import type { Proven } from '../../approvals/factor.ts'
import { toJson } from '../../base/json.ts'
import type { Json, JsonObject } from '../../base/json.ts'
import { FirebreakError, messageOf } from '../../base/error.ts'
import { lsnText } from '../../platforms/postgres/replication.ts'
import { bestOfFolder } from '../../vault/grade.ts'
import { listMarks } from '../../vault/mark-manifest.ts'
import type { ReceiverStatus } from '../../vault/physical-receiver.ts'
import { lookAtBases } from '../../vault/physical-verify.ts'
import type { TailState } from '../../vault/tail-sender.ts'
import { checkMoment, untilOf } from '../alone.ts'
import { bringBack, pointBefore } from '../bring-back.ts'
import type { Wanted } from '../bring-back.ts'
import type { Firebreak } from '../compose.ts'
import { elsewhere, withElsewhere } from '../elsewhere.ts'
import { drillsOf } from '../drill-history.ts'
import { drilled } from '../drills.ts'
import { gradeNow } from '../offsite-rounds.ts'
import { momentBefore } from '../moment.ts'
import type { Physicals } from '../physical.ts'
import type { Tails } from '../tails.ts'
import { backedUp } from '../retention-backup.ts'
import { foreseenPrune, signedPrune, toldPrune } from '../retention-prune.ts'
import { roomOf } from '../retention-status.ts'
import { ownerFindings } from '../vault-owner.ts'
import { keptOf } from '../vault-status.ts'
import { command } from './command.ts'
import type { ControlCommand } from './command.ts'
import { signed } from './signed.ts'
import { wholeOfBackup, wholeOfPoint } from './whole.ts'

const id = v.pipe(v.string(), v.maxLength(100))

export function vaultCommands(
  physicals: Physicals,
  tails: Pick<Tails, 'of'>,
): Readonly<Record<string, ControlCommand>> {
  return {
    'vault-list': command(v.object({}), async (firebreak) => [
      ...(await listed(firebreak)),
      ...(await listedBases(firebreak)),
      ...(await listedLost(firebreak)),
    ]),
    'vault-verify': command(v.object({ id }), async (firebreak, given) => {
      const found = await firebreak.vault.inspect(given.id)
      const other = found.whole ? null : await elsewhere(firebreak, given.id)
      return toJson({ ...found, alsoIn: other?.place ?? null, instead: other?.command ?? null })
    }),
    'vault-status': command(v.object({}), async (firebreak) => ({
      kept: await keptOf(firebreak),
      room: await roomOf(firebreak),
      offsite: await toldOffsite(firebreak),
      wal: await Promise.all(
        [...physicals.status()].map(async ([target, status]) => ({
          target,
          ...told(status),
          gap: await physicals.gap(target),
          offsite: firebreak.offsite === null ? null : toldTail(tails.of(target)),
        })),
      ),
      findings: toJson(ownerFindings(firebreak.config)),
    })),
    'vault-grade': command(v.object({}), async (firebreak) => {
      if (firebreak.offsite === null)
        throw new FirebreakError('not_found', 'the config names no `vault.bucket`')
      await gradeNow(firebreak, firebreak.offsite)
      return await toldOffsite(firebreak)
    }),
    'vault-backup': command(v.object({ target: v.string() }), async (firebreak, { target }) => {
      const engine = physicals.has(target) ? 'physical' : 'logical'
      const whole = wholeOfBackup(firebreak, target, engine)
      return await firebreak.progress.during(target, whole, async () =>
        toJson(await backedUp(firebreak, physicals, target)),
      )
    }),
    'vault-drill': command(v.object({ id }), async (firebreak, given) => {
      const whole = wholeOfPoint(firebreak, given.id)
      return await firebreak.progress.during(given.id, whole, async () =>
        toJson(await drilled(firebreak, physicals, given.id)),
      )
    }),
    'vault-prune-look': command(v.object({}), async (firebreak) =>
      toldPrune(await foreseenPrune(firebreak)),
    ),
    'vault-prune': signed(
      {},
      async ({ config }) =>
        await Promise.resolve({
          sign: { what: ['prune', config.vault?.keep ?? null], role: 'approver' as const },
          found: null,
        }),
      async (firebreak, _, { proven }) => await signedPrune(firebreak, proven),
    ),
    'vault-progress': command(
      v.object({ thing: v.string() }),
      async ({ progress }, { thing }) => await Promise.resolve(toJson(progress.of(thing))),
    ),
    'vault-running': command(
      v.object({}),
      async ({ progress }) => await Promise.resolve(toJson(progress.all())),
    ),
    'vault-drills': command(
      v.object({}),
      async ({ state }) => await state.read((tx) => drillsOf(tx)),
    ),
    'vault-restore': signed(
      restoring,
      async (firebreak, given) => {
        const { id, before } = given
        checkPlace(given)
        const moment = before === null ? null : await momentBefore(firebreak, before)
        if (id === null && moment === null)
          throw new FirebreakError('bad_input', 'say which POINT, or `--before HOLD`')
        const point = id ?? (moment === null ? '' : await pointBefore(firebreak, moment))
        const until = moment?.until ?? untilOf(given)
        if (moment === null) checkMoment(point, until)
        const what = ['restore', toJson({ ...given, point })]
        return { sign: { what, role: 'approver' }, found: { moment, point, until } }
      },
      async (firebreak, given, { proven, found: { moment, point, until } }) => {
        const { before, into, folder, tables, schema, trust } = given
        const wanted = { point, until, into, folder, tables, schema, trusts: trust }
        const work = async (): Promise<readonly string[]> =>
          await restored(firebreak, wanted, { proven, before }).catch(async (thrown: unknown) => {
            throw await withElsewhere(firebreak, point, { thrown, wanted })
          })
        const whole = wholeOfPoint(firebreak, point)
        const done = await firebreak.progress.during(point, whole, work, before ?? point)
        return { point, moment: moment?.said ?? null, done: [...done] }
      },
    ),
  }
}

const text = v.optional(v.nullable(v.pipe(v.string(), v.maxLength(1000))), null)
const restoring = {
  id: v.optional(v.nullable(id), null),
  before: v.optional(v.nullable(id), null),
  into: v.optional(v.nullable(v.pipe(v.string(), v.maxLength(63))), null),
  folder: text,
  tables: v.optional(v.pipe(v.array(v.pipe(v.string(), v.maxLength(500))), v.maxLength(100)), []),
  schema: v.optional(v.nullable(v.pipe(v.string(), v.nonEmpty('is empty'), v.maxLength(63))), null),
  time: text,
  lsn: text,
  name: text,
  trust: v.optional(v.boolean(), false),
} as const

/** The words of a person that would go by unheard. */
function checkPlace({
  folder,
  before,
  time,
  lsn,
  name,
}: Pick<
  v.InferOutput<v.StrictObjectSchema<typeof restoring, undefined>>,
  'folder' | 'before' | 'time' | 'lsn' | 'name'
>): void {
  if (folder !== null && !isAbsolute(folder))
    throw new FirebreakError(
      'bad_input',
      `\`${folder}\` is no whole path: the daemon stands elsewhere`,
    )
  if (before !== null && [time, lsn, name].some((one) => one !== null))
    throw new FirebreakError('bad_input', '`--before` is a moment: say no other')
}

async function listed({ vault, state }: Firebreak): Promise<readonly Json[]> {
  const points = await vault.list()
  const rows = await state.transact((tx) => tx.find('point', {}))
  const drills = new Map(rows.map((row) => [row.id, row.detail['drill'] ?? null]))
  return points.map((each) =>
    each.kind === 'point'
      ? toJson({
          ...each.point,
          source: each.source,
          schema: each.schema,
          drill: drills.get(each.point.id) ?? null,
        })
      : toJson(each),
  )
}

async function listedBases({ vault, state }: Firebreak): Promise<readonly Json[]> {
  if (vault.box === null) return []
  const rows = await state.transact((tx) => tx.find('point', {}))
  const known = new Map(rows.map((row) => [row.id, row]))
  const all = [...(await lookAtBases(vault.box)), ...(await listMarks(vault.box))]
  return all.map((base) => {
    if ('why' in base) return { kind: 'broken', ...base }
    const { id, source, takenAt, bytes, covers } = base
    const row = known.get(id)
    const [verifiedAt, drill] = [row?.verifiedAt ?? null, row?.detail['drill'] ?? null]
    return toJson({
      id,
      engine: 'physical',
      ...('way' in base ? { way: base.way } : {}),
      source,
      takenAt,
      bytes,
      covers,
      grade: row?.grade ?? bestOfFolder,
      verifiedAt,
      drill,
    })
  })
}

/** Points that were taken into this store and are not in it any more. */
async function listedLost({ vault, state }: Firebreak): Promise<readonly Json[]> {
  if (vault.box === null) return []
  const { store } = vault.box
  const there = new Set(await store.points())
  const rows = await state.transact((tx) => tx.find('point', {}))
  return rows
    .filter(({ id, place }) => place === store.place && !there.has(id))
    .map(({ id }) => ({ kind: 'broken', id, why: 'its manifest is not in the store any more' }))
}

/** Null where the config names no second place. */
async function toldOffsite({ offsite, vault, state }: Firebreak): Promise<JsonObject | null> {
  if (offsite === null) return null
  const last = offsite.last()
  const told = { place: offsite.place, grade: last?.grade ?? null, at: last?.at ?? null }
  const by = last?.by ?? null
  try {
    const had = await offsite.there()
    // What restic keeps is not copied there.
    const rows = await state.transact((tx) => tx.find('point', {}))
    const not = new Set([...had, ...rows.filter(byRestic).map(({ id }) => id)])
    const here = (await vault.box?.store.points()) ?? []
    return { ...told, by, waiting: here.filter((id) => !not.has(id)).length, trouble: null }
  } catch (thrown) {
    return { ...told, by, waiting: null, trouble: messageOf(thrown) }
  }
}

function byRestic({ engine }: { readonly engine: string }): boolean {
  return engine === 'restic'
}

/** In places of the WAL as the server writes them. */
function told(status: ReceiverStatus | null): JsonObject {
  if (status === null) return { receives: false }
  const { connected, way, durable, server, lagBytes, exposedMs, trouble } = status
  return {
    receives: connected,
    way,
    durable: lsnText(durable),
    server: lsnText(server),
    lagBytes,
    exposedMs,
    trouble,
  }
}

/** Nothing is known before the first round. */
function toldTail(tail: TailState | null): JsonObject {
  const { upTo, exposedMs, trouble } = tail ?? { upTo: null, exposedMs: null, trouble: null }
  return {
    upTo: upTo === null ? null : lsnText(upTo),
    exposedMs: exposedMs !== null && Number.isFinite(exposedMs) ? exposedMs : null,
    trouble,
  }
}

async function restored(
  firebreak: Firebreak,
  wanted: Wanted,
  { proven, before }: { readonly proven: Proven; readonly before: string | null },
): Promise<readonly string[]> {
  const done = await bringBack(firebreak, wanted)
  const { state, ledger, clock } = firebreak
  const { point } = wanted
  const by = { by: proven.approver.name, ...wordOf(proven) }
  const body = { ...by, points: [point], before, done: [...done] }
  const entry = {
    kind: 'restored',
    at: clock.now(),
    subject: point,
    principal: null,
    body,
  } as const
  await state.transact((tx) => ledger.append(tx, [entry]))
  return done
}
