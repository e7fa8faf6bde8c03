/** Runs a stored statement of a database, once: in one transaction with the image of what it touches, or not at all. */
import type { Chance, Timer } from '../../base/clock.ts'
import { FirebreakError, messageOf } from '../../base/error.ts'
import { toJson } from '../../base/json.ts'
import type { Secret } from '../../base/secret.ts'
import { actionDigest } from '../../core/action.ts'
import type { Action } from '../../core/action.ts'
import type { ResourceRef } from '../../core/resource.ts'
import type { Imaged, TakeImage } from '../../guard/image.ts'
import type { Leaning, Ran, Runner } from '../../guard/ports.ts'
import { query } from '../../wire/postgres/front.ts'
import { openClient } from './client.ts'
import type { Answered, Client } from './client.ts'
import type { PostgresTarget } from './house.ts'
import { bareMark, hasHappened, historyOf, markOf } from './mark.ts'
import { asItWas, asOurselves } from './as-it-was.ts'
import { grownPast } from './grown.ts'
import { openBatch } from './stored.ts'
import type { StoredBatch } from './stored.ts'
import {
  coveredBy,
  endsTransactions,
  isBare,
  isUnread,
  leavesNothing,
  single,
  tablesOf,
  takes,
} from './touched.ts'

export interface PgRunnerHouse {
  readonly target: PostgresTarget
  readonly credential: () => Promise<Secret>
  /** Hears the server's process of each session; what comes back is called when it has ended. */
  readonly began?: (process: number) => () => void
  /** The vault's. */
  readonly image: TakeImage
  /** The vault's too: a mark before what runs outside of transactions. Throws why there is none. */
  readonly before: (
    target: string,
    covers: readonly ResourceRef[],
  ) => Promise<{ readonly id: string }>
  readonly chance: Chance
  readonly timer: Timer
  readonly connectMs: number
  /** For all of it: the image, the act, and the undo that is tried. */
  readonly runMs: number
}

export function openPgRunner(house: PgRunnerHouse): Runner {
  return {
    saves: true,
    run: async (clearance, action, request, leaning) => {
      const stored = openBatch(request)
      const secret = await house.credential()
      if (!clearance.spend(actionDigest(action)))
        throw new FirebreakError(
          'internal',
          'the clearance does not cover this action, or is spent',
        )
      const why = neverRuns(house, action, stored)
      if (why !== null) return notDone(why)
      return await visit(house, secret, (client) => act({ house, client, action, stored, leaning }))
    },
    happened: async (_, mark) => {
      // INVARIANT (E4): without a mark it never came to its commit.
      if (mark === null) return 'no'
      try {
        const secret = await house.credential()
        return await visit(house, secret, ({ ask }) => hasHappened(ask, mark))
      } catch {
        // A database that cannot be reached cannot say.
        return 'unknown'
      }
    },
  }
}

interface Act {
  readonly house: PgRunnerHouse
  readonly client: Client
  readonly action: Action
  readonly stored: StoredBatch
  readonly leaning: Leaning
}

/** A try in one transaction, which was kept or rolled back. */
type Tried =
  | { readonly kind: 'over'; readonly ran: Ran }
  /** It wrote to these tables too, of which there was no image. */
  | { readonly kind: 'beside'; readonly tables: readonly string[]; readonly ran: Ran }
  /** The server runs it outside of transactions only. */
  | { readonly kind: 'bare' }

/** A first try knows the tables that were foreseen, a second those that triggers and rules wrote to, and so on. */
const mostTries = 3

async function visit<T>(
  { target, chance, timer, connectMs, runMs, began }: PgRunnerHouse,
  secret: Secret,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const parameters = new Map([['application_name', 'firebreak']])
  const client = await openClient({ target, secret, parameters, chance, timer, connectMs })
  if (client.process !== null) void client.ended.then(began?.(client.process))
  const callOff = client.setDeadline(runMs)
  try {
    return await work(client)
  } finally {
    callOff()
    await client.close()
  }
}

/** What was read of it already and cannot be one transaction with its image. */
function neverRuns({ target }: PgRunnerHouse, action: Action, stored: StoredBatch): string | null {
  if (stored.database !== target.database)
    return `it was asked of the database \`${stored.database}\`, and \`${target.name}\` is another now`
  return endsTransactions(action)
    ? 'it begins or ends a transaction, and what is approved runs in one of its own: ask for it without BEGIN and COMMIT'
    : null
}

async function act(given: Act): Promise<Ran> {
  const { client, action } = given
  const history = await historyOf(client.ask)
  let beside: readonly string[] = []
  for (let tries = 1; ; tries += 1) {
    const tried = await attempt(given, beside, history)
    if (tried.kind === 'over') return tried.ran
    if (tried.kind === 'bare') return await bareWith(given)
    const isLast = tries === mostTries || tried.tables.every((name) => beside.includes(name))
    if (isLast || !leavesNothing(action)) return tried.ran
    beside = [...beside, ...tried.tables]
  }
}

/** Whatever is thrown in it, the transaction has ended when it comes back, and without a commit that was not leant on. */
async function attempt(given: Act, beside: readonly string[], history: string): Promise<Tried> {
  const { client } = given
  await client.ask('BEGIN ISOLATION LEVEL READ COMMITTED')
  let image: Imaged | null = null
  try {
    await asOurselves(client.ask)
    image = await imageFor(given, beside)
    if (image?.kind === 'missing') return await rolledBack(client, notDone(image.why.join('; ')))
    return await within(given, image, history)
  } catch (thrown) {
    await rollback(client)
    throw thrown
  } finally {
    if (image?.kind === 'taken') await image.discard()
  }
}

async function imageFor(
  { house, client, action, stored, leaning }: Act,
  beside: readonly string[],
): Promise<Imaged | null> {
  if (!leaning.needed) return null
  const covers = coveredBy(action, leaning.radius)
  const names = [...covers.map(({ id }) => id), ...beside]
  const path = stored.settings.get('search_path') ?? null
  const tables = await tablesOf(client.ask, names, path)
  const wanted = { tables, takes: takes(action), covers, source: action.target }
  return await house.image(client, wanted)
}

/** The act, between its image and its commit. */
async function within(given: Act, image: Imaged | null, history: string): Promise<Tried> {
  const { client, action, stored } = given
  const refused = await asItWas(client.ask, stored, true)
  if (refused !== null) return await rolledBack(client, notDone(refused))
  const answered = await client.run(isUnread(action) ? single(stored.batch) : stored.batch)
  if (answered.error === null && client.status === 'T')
    return await kept(given, answered, { image, history })
  await rollback(client)
  if (answered.error === null) return { kind: 'over', ran: notKept(answered) }
  const isForBare = answered.error.code === '25001' && isBare(action)
  return isForBare ? { kind: 'bare' } : { kind: 'over', ran: ranOf(answered) }
}

/** INVARIANT (recovery-first): proven, then leant on, then committed; else rolled back. */
async function kept(
  { client, leaning }: Act,
  answered: Answered,
  { image, history }: { readonly image: Imaged | null; readonly history: string },
): Promise<Tried> {
  const grown = grownPast(leaning.toldRows, answered.tags)
  if (grown !== null) return await rolledBack(client, notDone(grown))
  await asOurselves(client.ask)
  const settled = image?.kind === 'taken' ? await image.settle() : null
  if (settled?.kind === 'missing') {
    await rollback(client)
    const ran = notDone(settled.why.join('; '))
    const { beside } = settled
    return beside.length === 0 ? { kind: 'over', ran } : { kind: 'beside', tables: beside, ran }
  }
  const mark = await markOf(client.ask, history)
  await leaning.lean({ points: settled === null ? [] : [settled.point.id], mark })
  return { kind: 'over', ran: await commit(client, answered) }
}

async function commit(client: Client, answered: Answered): Promise<Ran> {
  const text = 'COMMIT'
  const { tags, error } = await client.run({ kind: 'query', text, bytes: query(text) })
  if (error !== null) return ranOf({ ...answered, error })
  return tags[0] === text ? ranOf(answered) : notKept(answered)
}

/** No image can be taken of what runs outside of transactions; a mark before it can. */
async function bareWith(given: Act): Promise<Ran> {
  const { house, action, leaning } = given
  if (!leaning.needed) return await runBare(given, [])
  const covers = coveredBy(action, leaning.radius)
  const before = await house.before(action.target, covers).then(
    ({ id }) => ({ id }),
    (thrown: unknown) => ({ why: messageOf(thrown) }),
  )
  if ('why' in before)
    return notDone(
      `the database does not run it in a transaction, so there is no image of it, and it cannot be made reversible: ${before.why}`,
    )
  return await runBare(given, [before.id])
}

/** Outside of a transaction. Whether it has happened nobody can say afterwards. */
async function runBare(given: Act, points: readonly string[]): Promise<Ran> {
  const { client, stored, leaning } = given
  const refused = await asItWas(client.ask, stored, false)
  if (refused !== null) return notDone(refused)
  await leaning.lean({ points, mark: bareMark })
  return ranOf(await client.run(stored.batch))
}

async function rolledBack(client: Client, ran: Ran): Promise<Tried> {
  await rollback(client)
  return { kind: 'over', ran }
}

/** A session that is lost rolls back by itself. */
async function rollback(client: Client): Promise<void> {
  await client.ask('ROLLBACK').catch(() => null)
}

/** What the database made of it. Its words may hold values, so they are for whoever asked alone. */
function ranOf({ tags, error, reply, overflow }: Answered): Ran {
  const answer = toJson({ tags, error, reply: overflow ? null : base64(reply) })
  return error === null
    ? { kind: 'executed', status: 200, summary: summaryOf(tags), answer }
    : { kind: 'failed', status: 400, summary: `the database refused it (${error.code})`, answer }
}

function summaryOf(tags: readonly string[]): string {
  const more = tags.length > 5 ? [`and ${tags.length - 5} more`] : []
  return [...tags.slice(0, 5), ...more].join(', ') || 'done'
}

function notDone(why: string): Ran {
  const error = { code: '42501', message: `nothing was done: ${why}`, detail: null, hint: null }
  return {
    kind: 'failed',
    status: 409,
    summary: error.message,
    answer: toJson({ tags: [], error, reply: null }),
  }
}

/** Said of what no reader can have let through, so it is not made to look better than it is. */
function notKept(answered: Answered): Ran {
  const ran = ranOf(answered)
  const summary = 'it ended the transaction in which it ran: look at what is left of it'
  return { ...ran, kind: 'failed', status: 500, summary }
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
}
