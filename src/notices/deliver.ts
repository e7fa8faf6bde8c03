/** The rounds that bring the outbox to the channels: gathered, sent, tried again, given up after a day and told. */
import { newId } from '../base/clock.ts'
import type { Chance, Clock } from '../base/clock.ts'
import { messageOf } from '../base/error.ts'
import { plain } from '../base/plain.ts'
import type { Notices, Seal, State } from '../guard/ports.ts'
import type { OutboxRow } from '../guard/rows.ts'
import type { Answer, Channel } from './channel.ts'
import { letterOf } from './letter.ts'
import type { Item } from './letter.ts'
import { isUnlooked, openOut, tidied } from './outbox.ts'
import { after, calm, canWait, giveUpMs, isQuiet, waitMs, windowMs } from './quiet.ts'
import type { Burst, QuietHours } from './quiet.ts'

/** Messages in one letter; what is more goes with the next. */
const mostItems = 20

export interface DeliveryHouse {
  readonly state: State
  readonly seal: Seal
  readonly clock: Clock
  readonly chance: Chance
  readonly notices: Pick<Notices, 'tell'>
  readonly channels: ReadonlyMap<string, Channel>
  readonly quiet: QuietHours | null
  /** INVARIANT (told-where-accepted): under a config that nobody has accepted nothing leaves; it stays in the outbox. */
  readonly isAllowed: () => boolean
}

export interface Delivery {
  /** Looks once, and begins what is due; gives back when that has ended. Never beside itself for one channel. */
  readonly round: () => Promise<void>
  /** Cuts off what is under way: it is sent again after the next start, under the same id. */
  readonly stop: () => void
}

export function openDelivery(house: DeliveryHouse): Delivery {
  const busy = new Set<string>()
  const bursts = new Map<string, Burst>()
  const end = new AbortController()

  const serve = async (name: string, channel: Channel): Promise<void> => {
    if (busy.has(name)) return
    busy.add(name)
    try {
      const burst = bursts.get(name) ?? calm
      const batch = await claimed(house, name, burst)
      if (batch.length === 0) return
      if (batch[0]?.tries === 0) bursts.set(name, after(burst, house.clock.now()))
      await sendOne(house, { name, channel, signal: end.signal }, batch)
    } finally {
      busy.delete(name)
    }
  }

  return {
    stop: () => end.abort(),
    round: async () => {
      if (!house.isAllowed() || end.signal.aborted || house.channels.size === 0) return
      await rehomed(house)
      await Promise.all(
        [...house.channels].map(async ([name, channel]) => await serve(name, channel)),
      )
    },
  }
}

/** What is sent now, under one id that is stored before the first try: one that failed before, else what has gathered. */
async function claimed(
  { state, clock, chance, quiet: hours }: DeliveryHouse,
  channel: string,
  burst: Burst,
): Promise<readonly OutboxRow[]> {
  return await state.transact(async (tx) => {
    const now = clock.now()
    const rows = (await tx.find('outbox', { channel })).map(tidied)
    const due = rows.filter(({ notBefore }) => notBefore <= now)
    const again = due.find(({ delivery }) => delivery !== null)
    if (again !== undefined) return rows.filter(({ delivery }) => delivery === again.delivery)
    const quiet = isQuiet(hours, now)
    const fresh = due.filter((row) => row.delivery === null && !(quiet && canWait(row)))
    const since = Math.min(...fresh.map(({ notBefore }) => notBefore))
    if (fresh.length === 0 || since + windowMs(burst, now) > now) return []
    const delivery = newId('told', now, chance)
    const batch: OutboxRow[] = []
    for (const row of fresh.slice(0, mostItems)) {
      if (row.escalated && !(await isUnlooked(tx, row))) {
        await tx.remove('outbox', row.id)
        continue
      }
      const mine = { ...row, delivery, firstTriedAt: now }
      await tx.put('outbox', mine)
      batch.push(mine)
    }
    return batch
  })
}

interface Way {
  readonly name: string
  readonly channel: Channel
  readonly signal: AbortSignal
}

async function sendOne(
  house: DeliveryHouse,
  { name, channel, signal }: Way,
  batch: readonly OutboxRow[],
): Promise<void> {
  const [first] = batch
  if (first === undefined) return
  const items = batch.flatMap((row) => itemOf(house, row))
  const letter = letterOf(first.delivery ?? first.id, items, house.clock.now())
  const answer = await tried(async () =>
    items.length === 0
      ? { kind: 'taken', said: 'nothing is left of it' }
      : await channel.send(letter, signal),
  )
  if (signal.aborted && answer.kind !== 'taken') return
  const isOver = await settled(house, batch, answer)
  if (answer.kind !== 'taken' && isOver)
    house.notices.tell(
      'not-told',
      `${batch.length} message(s) did not reach ${answer.kind === 'partly' ? 'everybody by ' : ''}the channel ${name}, the first \`${letter.title}\`: ${answer.said}`,
      name,
    )
}

/** Forgets what was taken or is given up, sets the time of the next try for the rest; true where it is over. */
async function settled(
  { state, clock, chance }: DeliveryHouse,
  batch: readonly OutboxRow[],
  { kind }: Answer,
): Promise<boolean> {
  const [tried = 0, since] = [batch[0]?.tries, batch[0]?.firstTriedAt ?? clock.now()]
  const isOver = kind !== 'refused' || clock.now() - since >= giveUpMs
  const tries = tried + 1
  const notBefore = clock.now() + waitMs(tries, chance)
  await state.transact(async (tx) => {
    for (const row of batch) {
      if (isOver) await tx.remove('outbox', row.id)
      else await tx.put('outbox', { ...row, tries, notBefore })
    }
  })
  return isOver
}

async function tried(send: () => Promise<Answer>): Promise<Answer> {
  try {
    return await send()
  } catch (thrown) {
    // There is no credential, or none that can be used: tried again like a refusal.
    return { kind: 'refused', said: plain(messageOf(thrown)) }
  }
}

/** A row that somebody else wrote is not sent, and that is told. */
function itemOf({ seal, notices }: DeliveryHouse, row: OutboxRow): readonly Item[] {
  try {
    return [{ ...openOut(seal, row), id: row.id }]
  } catch (thrown) {
    // It is dropped with its row: it was never ours, nor is its id, which is not told either.
    notices.tell('not-told', `a message is not as it was put: ${messageOf(thrown)}`, 'outbox')
    return []
  }
}

/** What was put for a channel that the config has no more goes to the first of now: renaming one loses nothing. */
async function rehomed({ state, channels }: DeliveryHouse): Promise<void> {
  const [home] = channels.keys()
  if (home === undefined) return
  await state.transact(async (tx) => {
    for (const row of await tx.find('outbox', {}))
      if (!channels.has(row.channel))
        await tx.put('outbox', {
          ...row,
          channel: home,
          delivery: null,
          tries: 0,
          firstTriedAt: null,
        })
  })
}
