/** Pruning, as the daemon does its half: it reckons what may go and writes it down under an approver's factor. It deletes nothing. */
import { wordOf } from '../approvals/factor.ts'
import type { Proven } from '../approvals/factor.ts'
import { FirebreakError } from '../base/error.ts'
import { digest, isObject, toJson } from '../base/json.ts'
import type { Json, JsonObject } from '../base/json.ts'
import type { Tx } from '../guard/ports.ts'
import { listToPrune } from '../vault/prune-list.ts'
import type { Knowing, PruneList } from '../vault/prune-list.ts'
import { isLockedToPrune } from '../vault/prune-lock.ts'
import type { Firebreak } from './compose.ts'
import { boxOf } from './physical.ts'

/** What was signed away, until it is seen that it is gone: a command that was cut off has left some of it. */
const meta = 'pruned'
/** A leaf of the ledger holds so many without being shortened. */
const inOneEntry = 200

/** What would go now. */
export async function foreseenPrune(firebreak: Firebreak): Promise<PruneList> {
  return await listToPrune(boxOf(firebreak), await knowing(firebreak))
}

/**
 * The list, written down: from then on nothing can lean on what is on it. Throws `wrong_state` where the one that asks does not
 * have the store to itself: what is put meanwhile could need what is listed.
 */
export async function signedPrune(firebreak: Firebreak, proven: Proven): Promise<JsonObject> {
  const { state, ledger, clock, config } = firebreak
  if (!isLockedToPrune(boxOf(firebreak).store.place))
    throw new FirebreakError(
      'wrong_state',
      'whoever prunes must have the store to itself',
      'run `firebreak vault prune` as the owner of the store',
    )
  const list = await foreseenPrune(firebreak)
  const whole = digest(toJson(list))
  const parts = chunks(list.points)
  const entry = await state.transact(async (tx) => {
    const leased = await leasedNow(tx, clock.now())
    if (list.points.some(({ id }) => leased.has(id)))
      throw new FirebreakError('wrong_state', 'an act leans on one of them now', 'prune again')
    for (const { id } of list.points) await tx.remove('point', id)
    await tx.put('meta', { id: meta, value: list.points.map(({ id }) => id) })
    const entries = parts.map((points, at) => ({
      kind: 'pruned' as const,
      at: clock.now(),
      subject: null,
      principal: null,
      body: {
        approver: proven.approver.name,
        ...wordOf(proven),
        part: at + 1,
        parts: parts.length,
        keepMs: config.vault?.keep ?? 0,
        points: toJson(points),
        objects: list.objects.length,
        bytes: list.bytes,
        // Of the whole list, with the name of each object.
        list: whole,
      },
    }))
    return await ledger.append(tx, entries)
  })
  const receipt = (await state.transact((tx) => ledger.receipt(tx, entry)))?.text ?? null
  return { list: toJson(list), digest: whole, entry, receipt }
}

/** What the plan goes by, from the state. */
export async function knowing({ state, clock, config }: Firebreak): Promise<Knowing> {
  return await state.transact(async (tx) => {
    const now = clock.now()
    const rows = new Map((await tx.find('point', {})).map((row) => [row.id, row]))
    const left = (await tx.get('meta', meta))?.value ?? null
    return {
      now,
      keepMs: config.vault?.keep ?? Infinity,
      leased: await leasedNow(tx, now),
      rows,
      left: new Set(Array.isArray(left) ? left.map(String) : []),
    }
  })
}

/** With the end of the lease; null for one without. */
async function leasedNow(tx: Tx, now: number): Promise<ReadonlyMap<string, number | null>> {
  const leased = new Map<string, number | null>()
  for (const { point, until } of await tx.find('lease', {})) {
    if (until !== null && until <= now) continue
    const before = leased.get(point)
    const isLonger = before === undefined || (before !== null && (until ?? Infinity) > before)
    if (isLonger) leased.set(point, until)
  }
  return leased
}

function chunks<T>(all: readonly T[]): readonly (readonly T[])[] {
  const parts: (readonly T[])[] = []
  for (let at = 0; at === 0 || at < all.length; at += inOneEntry)
    parts.push(all.slice(at, at + inOneEntry))
  return parts
}

/** For a person: what goes, without the name of each object. */
export function toldPrune({ points, objects, bytes, unread }: PruneList): Json {
  return { points: points.map(({ id }) => id), objects: objects.length, bytes, unread: [...unread] }
}

/** The list as the daemon has given it; throws `bad_input` for anything else. */
export function readPrune(given: Json): PruneList {
  const list = isObject(given) ? given['list'] : null
  if (list !== null && list !== undefined && isObject(list) && isPruneList(list)) {
    if (isObject(given) && given['digest'] === digest(list)) return list
  }
  throw new FirebreakError('bad_input', 'the daemon has given no list of what to take away')
}

function isPruneList(list: JsonObject): list is JsonObject & PruneList {
  const { place, points, objects, unread, bytes } = list
  return (
    typeof place === 'string' &&
    typeof bytes === 'number' &&
    Array.isArray(points) &&
    points.every(
      (one: Json) =>
        isObject(one) && typeof one['id'] === 'string' && typeof one['sha256'] === 'string',
    ) &&
    [objects, unread].every(
      (each) => Array.isArray(each) && each.every((one: Json) => typeof one === 'string'),
    )
  )
}
