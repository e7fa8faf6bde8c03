/** Firebreak's own client: a session with a target that asks, moves rows and runs a stored batch, one after another. */
import type { Socket } from 'node:net'
import type { Chance, Timer } from '../../base/clock.ts'
import { messageOf } from '../../base/error.ts'
import type { Secret } from '../../base/secret.ts'
import type { Session } from '../../platforms/postgres/questions.ts'
import { frame, joined } from '../../wire/postgres/frame.ts'
import { copyFail, query, sync } from '../../wire/postgres/front.ts'
import { writeStep } from '../../wire/postgres/step.ts'
import { AskEar, CopyInEar, CopyOutEar } from './client-ears.ts'
import { KeptEar } from './ears.ts'
import type { PostgresTarget } from './house.ts'
import { openLine, type Line } from './line.ts'
import { fatal } from './refusal.ts'
import type { Batch, Refusal, Status } from './seam.ts'
import { cancelUpstream, openUpstream } from './upstream.ts'

export interface Client extends Session {
  /** The server's process of this session; null where it does not say. */
  readonly process: number | null
  /** The transaction status, as the server said it last. */
  readonly status: Status
  /** Sends a stored batch as it stands, with a Sync where it has none. An error of the server is an answer. */
  run(batch: Batch): Promise<Answered>
  /** Asks the server to give up what it does now. */
  cancel(): Promise<void>
  /** From now on so long: then what runs is given up, and where that does not help, the session is cut. What comes back calls it off. */
  setDeadline(ms: number): () => void
  close(): Promise<void>
  /** Fulfils when the session has ended, whoever ended it. */
  readonly ended: Promise<void>
}

export interface Answered {
  /** The tag of each CommandComplete. */
  readonly tags: readonly string[]
  readonly error: Refusal | null
  /** The server's frames up to ReadyForQuery, settings and notifications aside; empty where they were more than are kept. */
  readonly reply: Uint8Array
  readonly overflow: boolean
}

export interface Dial {
  readonly target: PostgresTarget
  readonly secret: Secret
  readonly parameters?: ReadonlyMap<string, string>
  readonly chance: Chance
  readonly timer: Timer
  readonly connectMs: number
  /** The most of an answer to `run` that is kept; 64 KiB where nothing is said. */
  readonly keptBytes?: number
}

const copyDone = frame('c')
/** How long a server may take to give up, before it is hung up on. */
const giveUpMs = 5000
const noData = 'Firebreak has no data for this'

/** Throws a `Fatal` where the target cannot be reached in time, or does not let in. */
export async function openClient(dial: Dial): Promise<Client> {
  const { target, timer } = dial
  const upstream = await inTime(dial)
  const ended = new Promise<void>((resolve) => upstream.socket.once('close', () => resolve()))
  const line = openLine(upstream.socket, upstream.leave())
  const cancel = async (): Promise<void> => {
    if (upstream.key !== null) await cancelUpstream(target, upstream.key)
  }
  return {
    ended,
    process: upstream.key?.process ?? null,
    get status() {
      return line.status
    },
    ask: async (sql, values = []) => {
      const ear = new AskEar(() => void line.more(copyFail(noData)))
      await line.exchange(values.length === 0 ? query(sql) : withValues(sql, values), ear)
      return ear.answer()
    },
    copyOut: (sql) => copyOut(line, sql),
    copyIn: async (sql, bytes) => await copyIn(line, sql, bytes),
    run: async (batch) => await run(line, batch, dial.keptBytes ?? 65_536),
    cancel,
    setDeadline: (ms) => deadline(line, timer, ms, cancel),
    close: async () => {
      const callOff = timer(1000, () => line.cut('it was closed'))
      await line.close()
      callOff()
    },
  }
}

/** The way to the target, or a `Fatal` when the time for it is over. */
export async function inTime(dial: Dial): ReturnType<typeof openUpstream> {
  const { target, secret, parameters = new Map<string, string>(), chance, timer, connectMs } = dial
  const sockets: Socket[] = []
  let late = false
  const hangUp = (): void => sockets.forEach((socket) => socket.destroy())
  const callOff = timer(connectMs, () => {
    late = true
    hangUp()
  })
  try {
    const opened = (socket: Socket): void => void sockets.push(socket)
    return await openUpstream({ target, secret, parameters, chance, opened })
  } catch (thrown) {
    hangUp()
    throw late
      ? fatal('08001', `the database behind ${target.name} does not answer in time`)
      : thrown
  } finally {
    callOff()
  }
}

function withValues(sql: string, values: readonly (string | null)[]): Uint8Array {
  const encoder = new TextEncoder()
  const given = values.map((value) => (value === null ? null : encoder.encode(value)))
  return joined([
    writeStep({ kind: 'parse', name: '', text: sql, types: [] }),
    writeStep({ kind: 'bind', portal: '', statement: '', values: given, formats: [], results: [] }),
    writeStep({ kind: 'describe', what: 'portal', name: '' }),
    writeStep({ kind: 'execute', portal: '', rows: 0 }),
    sync,
  ])
}

async function* copyOut(line: Line, sql: string): AsyncGenerator<Uint8Array> {
  const ear = new CopyOutEar(
    (on) => line.listen(on),
    () => void line.more(copyFail(noData)),
  )
  const ended = line.exchange(query(sql), ear).then(
    () => ear.end(null),
    (lost: unknown) => ear.end(lost),
  )
  try {
    yield* ear.pieces()
  } finally {
    ear.drop()
    await ended
  }
}

async function copyIn(line: Line, sql: string, bytes: AsyncIterable<Uint8Array>): Promise<void> {
  const broken: unknown[] = []
  let pumping: Promise<void> = Promise.resolve()
  const ear = new CopyInEar(() => {
    pumping = pump(line, bytes, () => ear.over).catch(async (thrown: unknown) => {
      broken.push(thrown)
      await line.more(copyFail(messageOf(thrown).slice(0, 200)))
    })
  })
  try {
    await line.exchange(query(sql), ear)
  } finally {
    ear.over = true
    await pumping
  }
  // What kept the bytes from coming says more than the server, which only hears that they do not.
  if (broken.length > 0) throw broken[0]
  ear.check()
}

async function pump(
  line: Line,
  bytes: AsyncIterable<Uint8Array>,
  isOver: () => boolean,
): Promise<void> {
  for await (const piece of bytes) {
    if (isOver()) return
    await line.more(frame('d', piece))
  }
  if (!isOver()) await line.more(copyDone)
}

async function run(line: Line, batch: Batch, keptBytes: number): Promise<Answered> {
  const isSteps = batch.kind === 'extended'
  // In COPY the server ignores the Sync that was sent with the batch.
  const refuse = isSteps ? joined([copyFail(noData), sync]) : copyFail(noData)
  const ear = new KeptEar(keptBytes, () => void line.more(refuse))
  const bytes = isSteps && batch.closes === 'flush' ? joined([batch.bytes, sync]) : batch.bytes
  await line.exchange(bytes, ear)
  const { tags, error, overflow } = ear.answer
  const frames = overflow ? [] : ear.frames
  // Settings and notifications are of the session, not of the answer.
  const reply = joined(frames.filter(([type]) => type !== 83 && type !== 65))
  return { tags, error, reply, overflow }
}

function deadline(line: Line, timer: Timer, ms: number, cancel: () => Promise<void>): () => void {
  let callOff = timer(ms, () => {
    callOff = timer(giveUpMs, () => line.cut('it took too long'))
    // Where even that cannot be said, the cut follows.
    cancel().catch(() => null)
  })
  return () => callOff()
}
