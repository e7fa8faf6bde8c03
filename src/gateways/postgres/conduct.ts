/** Runs a batch part by part under the enforcer's eyes: what changes rows is kept only within the budget. */
import type { Block, Stopped } from './block.ts'
import { overflown } from './counted.ts'
import { preparing } from './parts.ts'
import type { Part } from './parts.ts'
import { isSyntax, refusal } from './refusal.ts'
import type { Answer, Desk, Refusal } from './seam.ts'

export type Conducted =
  /** The client has the server's answer, be it an error. */
  | { readonly kind: 'answered'; readonly ok: boolean }
  | { readonly kind: 'broken'; readonly why: Refusal }
  /** Too many rows. `alone`: nothing but this batch was in the transaction, which is over. */
  | { readonly kind: 'over'; readonly rows: number; readonly alone: boolean }

export interface Conduct {
  readonly block: Block
  readonly parts: readonly Part[]
  /** True where the client waits for ReadyForQuery after it: a transaction that is not its own ends here. */
  readonly closes: boolean
  /** Of a Query. */
  readonly text: string | null
  /** True where nothing else has run in the transaction that this batch is in, if that is not the client's own. */
  readonly isAlone: boolean
  /** Hears of each part before it goes on, and when it is answered. */
  readonly sending: (part: Part) => void
  readonly sent: () => void
}

export async function conduct(desk: Desk, run: Conduct): Promise<Conducted> {
  const { block, parts } = run
  const garbled = await unread(desk, run)
  if (garbled !== null) return { kind: 'broken', why: garbled }
  for (const [at, part] of parts.entries()) {
    const next = parts[at + 1] ?? null
    const ended = await step(desk, run, part, next)
    if (ended !== null) return await gone(desk, run, ended)
  }
  const ended = block.own && run.closes ? await keep(desk, run) : null
  if (ended !== null) return await gone(desk, run, ended)
  return { kind: 'answered', ok: true }
}

/** The server reads a text as a whole, before it runs the first of it. In a transaction asking would end it. */
async function unread(desk: Desk, { block, parts, text }: Conduct): Promise<Refusal | null> {
  if (text === null || parts.length === 1 || desk.status() === 'T' || block.own) return null
  const { error } = await desk.reads(text)
  return error !== null && isSyntax(error) ? error : null
}

/** How a part has ended all of it. */
type Ended = Stopped | { readonly kind: 'failed' }

async function step(
  desk: Desk,
  run: Conduct,
  part: Part,
  next: Part | null,
): Promise<Ended | null> {
  const isIdle = desk.status() === 'I' && !run.block.own
  if (part.kind === 'tx') return await bound(desk, run, part, isIdle)
  // What stands before it in the same message would be in the transaction as well.
  if (isIdle && next !== null) return { kind: 'broken', why: mixed }
  return part.kind === 'counted'
    ? await counted(desk, run, { part, isIdle, isLast: next === null })
    : await free(desk, run, part)
}

/** BEGIN, COMMIT and the like. */
async function bound(desk: Desk, run: Conduct, part: Part, isIdle: boolean): Promise<Ended | null> {
  const { block } = run
  if (block.own || (isIdle && isOdd(desk, run, part))) return { kind: 'broken', why: mixed }
  const keeps = part.name === 'COMMIT' || part.name === 'PREPARE TRANSACTION'
  const stopped = keeps ? await settled(desk, run, part) : null
  if (stopped !== null) return stopped
  const answer = await goes(run, part, () => desk.pass(part.batch))
  if (block.counts && (keeps || part.name === 'ROLLBACK')) block.ended(keeps && isKept(answer))
  return answer.error === null ? null : { kind: 'failed' }
}

/** A failed transaction is rolled back by its COMMIT. */
function isKept({ error, tags }: Answer): boolean {
  return error === null && !tags.includes('ROLLBACK')
}

/** In an implicit transaction of several statements the server treats all but BEGIN in a way of its own. */
function isOdd(desk: Desk, { parts }: Conduct, part: Part): boolean {
  return parts.length > 1 && (part.name !== 'BEGIN' || desk.midway())
}

/** All that the client's own transaction has changed, before it is kept. */
async function settled(desk: Desk, run: Conduct, part: Part): Promise<Stopped | null> {
  const { block } = run
  if (!block.counts || desk.status() !== 'T') return null
  const stopped = await block.settle(desk)
  if (stopped === null) return null
  // As where a deferred constraint says no: the transaction is over.
  await desk.ask(['ROLLBACK'])
  block.ended(false)
  // As the server, which prepares it and fails when it runs.
  const before = preparing(part)
  if (before !== null) await goes(run, before, () => desk.pass(before.batch))
  return stopped
}

async function counted(
  desk: Desk,
  run: Conduct,
  {
    part,
    isIdle,
    isLast,
  }: { readonly part: Part; readonly isIdle: boolean; readonly isLast: boolean },
): Promise<Ended | null> {
  const { block } = run
  if (desk.status() === 'E') return await free(desk, run, part)
  const why = await block.open(desk, isIdle)
  if (why !== null) return { kind: 'broken', why }
  const send = (): Promise<Answer> => (part.isRead ? desk.pass(part.batch) : desk.send(part.batch))
  const answer = await goes(run, part, send)
  if (answer.error !== null) return { kind: 'failed' }
  if (answer.overflow) return { kind: 'broken', why: overflown }
  // Where it is kept next it is counted then.
  if (isLast && block.own && run.closes) return null
  const stopped = await block.check(desk)
  if (stopped === null) desk.release('all')
  return stopped
}

async function free(desk: Desk, run: Conduct, part: Part): Promise<Ended | null> {
  const answer = await goes(run, part, () => desk.pass(part.batch))
  if (answer.error !== null) return { kind: 'failed' }
  const why = part.isPardoned ? await run.block.pardon(desk) : null
  return why === null ? null : { kind: 'broken', why }
}

async function goes(run: Conduct, part: Part, go: () => Promise<Answer>): Promise<Answer> {
  run.sending(part)
  const answer = await go()
  run.sent()
  return answer
}

/** The end of a transaction that the server would have ended by itself. */
async function keep(desk: Desk, { block, text }: Conduct): Promise<Ended | null> {
  const stopped = await block.settle(desk)
  // By a Query the server says that a statement is done only when it is kept.
  const isOwnError = stopped?.kind === 'broken' && stopped.why.frame !== undefined
  if (stopped === null || isOwnError) desk.release(text === null ? 'all' : 'but-the-last')
  if (stopped !== null) return stopped
  const { error } = await desk.ask(['COMMIT'])
  block.ended(error === null)
  return error === null ? null : { kind: 'broken', why: error }
}

/** Takes back what was done in a transaction of ours, such that the client is where an error of the server would leave it. */
async function gone(
  desk: Desk,
  { block, parts, closes, text, isAlone }: Conduct,
  ended: Ended,
): Promise<Conducted> {
  const isFailed = ended.kind === 'failed'
  if (!isFailed && text === null) desk.release('before-results')
  const isOurs = block.own
  if (isOurs) {
    const skips = desk.skipping()
    if (skips) await desk.wake()
    await desk.ask(['ROLLBACK'])
    block.ended(false)
    // The client has still to send its Sync, and what comes before that is not for the server.
    if (skips && !closes) await desk.skip()
  }
  if (isFailed) return { kind: 'answered', ok: false }
  if (ended.kind === 'broken') return ended
  const alone = isAlone && isOurs && closes && parts.length === 1
  return { kind: 'over', rows: ended.rows, alone }
}

const mixed = refusal(
  '42501',
  'Firebreak counts the rows of a write before it is kept, so this cannot stand in one message with a BEGIN or COMMIT that begins or ends another transaction',
  'send each statement by itself',
)
