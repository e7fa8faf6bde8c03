/** The gateway's own talk with the server: waits, refusals, and batches that run under the enforcer's eyes. */
import type { Socket } from 'node:net'
import { writeReady } from '../../wire/postgres/back.ts'
import { joined } from '../../wire/postgres/frame.ts'
import { copyFail, flush, sync } from '../../wire/postgres/front.ts'
import type { Found } from '../../wire/postgres/scan.ts'
import type { Session } from '../../wire/postgres/session.ts'
import { isAside, type Back } from './back.ts'
import { sentBy } from './batch.ts'
import { KeptEar, OwnEar, PassEar, type Settings } from './ears.ts'
import { ask, provoke, reads, type Said } from './own.ts'
import { refusalBytes } from './refusal.ts'
import type { Answer, Batch, Desk, Enforcer, Looking, Refusal, Way } from './seam.ts'

export interface Parties {
  readonly session: Session
  readonly back: Back
  readonly server: Socket
  readonly enforcer: Enforcer
  readonly toClient: (bytes: Uint8Array) => void
  readonly ownName: string
  readonly keptBytes: number
}

export class Talk {
  readonly #parties: Parties
  /** What the client is told before it hears that the server is ready, as the server does. */
  readonly #settings: Settings = new Map()
  /** Our own statement failed, so that its name may still be taken. */
  #leftover = false
  #wakes: (() => void)[] = []
  #over = false

  constructor(parties: Parties) {
    this.#parties = parties
  }

  /** Something has been heard, or with `over` nothing will be any more: whoever waits looks again. */
  wake(over: boolean): void {
    this.#over ||= over
    if (this.#wakes.length === 0) return
    const wakes = this.#wakes
    this.#wakes = []
    for (const wake of wakes) wake()
  }

  say(said: Said): void {
    for (const what of said.sent) this.#parties.session.sent(what)
    this.#parties.server.write(said.bytes)
  }

  /** Comes back when all that was sent is answered, or the server waits for data; throws when the session is over. */
  async quiet(): Promise<void> {
    const { session, server } = this.#parties
    // What no Sync or Flush follows the server may keep to itself.
    if (session.open) server.write(flush)
    await this.#until(() => session.quiet || session.copying)
  }

  /** Sends a batch that was judged. */
  send(batch: Batch): void {
    const flushed = batch.kind === 'extended' && batch.closes === 'flush'
    this.say({
      bytes: flushed ? joined([batch.bytes, flush]) : batch.bytes,
      sent: sentBy(batch),
    })
  }

  /** INVARIANT (refused like failed): the server fails in its own way at this place, and the client hears why. */
  async refuse(found: Found, batch: Batch | null, told: Refusal): Promise<void> {
    const { session, toClient, enforcer } = this.#parties
    const first = batch?.kind === 'extended' ? (batch.steps[0] ?? null) : null
    const closes = found.closes === 'sync' ? 'sync' : 'flush'
    const ear = await this.#hear(provoke(found.kind, first, closes, this.#parties.ownName))
    if (ear.answer.error === null) throw new Error('the database did what it was to refuse')
    toClient(refusalBytes('ERROR', told))
    this.#tellSettings()
    if (!ear.ready) return
    toClient(writeReady(session.status))
    enforcer.heard?.({ kind: 'ready', status: session.status })
  }

  /** The way that comes of a look at the server. */
  async look(look: (desk: Looking) => Promise<Way>): Promise<Way> {
    const { session } = this.#parties
    const way = await look({
      status: () => session.status,
      ask: (texts, values) => this.#ask(texts, values),
      reads: (text) => this.#reads(text),
    })
    this.#tellSettings()
    return way
  }

  async bounded(
    found: Found,
    batch: Batch,
    run: (desk: Desk) => Promise<Refusal | null>,
  ): Promise<void> {
    const { session, toClient, enforcer } = this.#parties
    const kept: Uint8Array[] = []
    const told = await run(this.#desk(batch, kept))
    if (this.#over) return
    give(toClient, told === null ? kept : kept.filter((frame) => isAside(frame[0] ?? 0)))
    if (told !== null && !session.skipping) return this.refuse(found, batch, told)
    if (told !== null) toClient(refusalBytes('ERROR', told))
    this.#tellSettings()
    if (told !== null) return
    if (found.closes !== 'sync' && found.kind === 'extended') return
    toClient(writeReady(session.status))
    enforcer.heard?.({ kind: 'ready', status: session.status })
  }

  #desk(batch: Batch, kept: Uint8Array[]): Desk {
    const { session, toClient, ownName, keptBytes } = this.#parties
    const noData = (): void => this.#noData()
    const release: Desk['release'] = (what) => {
      const most = what === 'before-results' ? kept.findIndex(isResult) : kept.length
      const last = what === 'but-the-last' ? kept.findLastIndex(isDone) : -1
      const goes = kept.splice(0, most === -1 ? kept.length : most)
      const stays = last === -1 ? [] : goes.splice(last)
      give(toClient, goes)
      kept.unshift(...stays)
    }
    return {
      status: () => session.status,
      midway: () => session.midway,
      skipping: () => session.skipping,
      ask: (texts, values) => this.#ask(texts, values),
      reads: (text) => this.#reads(text),
      send: (part = batch) => this.#run(part, new KeptEar(keptBytes, noData, this.#settings, kept)),
      pass: (part = batch) => {
        release('all')
        return this.#run(part, new PassEar(noData, this.#settings))
      },
      release,
      wake: async () => {
        await this.#hear({ bytes: sync, sent: ['sync'] })
      },
      skip: async () => {
        await this.#hear(provoke('extended', null, 'flush', ownName))
      },
    }
  }

  /** Where an implicit transaction may be open it stays so. */
  async #ask(texts: readonly string[], values: readonly (string | null)[] = []): Promise<Answer> {
    const { session, ownName } = this.#parties
    const closes = session.midway ? 'flush' : 'sync'
    const { answer } = await this.#hear(
      ask(ownName, { texts, values, leftover: this.#leftover }, closes),
    )
    this.#leftover = answer.error !== null
    return answer
  }

  async #reads(text: string): Promise<Answer> {
    const { session, ownName } = this.#parties
    return (await this.#hear(reads(ownName, text, session.midway ? 'flush' : 'sync'))).answer
  }

  async #hear(said: Said): Promise<OwnEar> {
    const ear = new OwnEar(() => this.#noData(), this.#settings)
    this.#parties.back.ear = ear
    this.say(said)
    await this.#until(() => this.#parties.session.quiet)
    this.#parties.back.ear = null
    return ear
  }

  async #run(batch: Batch, ear: KeptEar | PassEar): Promise<Answer> {
    const { session, back } = this.#parties
    back.ear = ear
    this.send(batch)
    await this.#until(() => session.quiet)
    // Refused data for COPY, the server skips up to a Sync; the one that was sent it ignored.
    if (session.skipping && batch.kind === 'extended' && batch.closes === 'sync') {
      this.say({ bytes: sync, sent: ['sync'] })
      await this.#until(() => session.quiet)
    }
    back.ear = null
    return ear.answer
  }

  #tellSettings(): void {
    // In the order of the server, which is by name.
    const changed = [...this.#settings].toSorted(([one], [other]) => (one < other ? -1 : 1))
    this.#settings.clear()
    give(
      this.#parties.toClient,
      changed.map(([, frame]) => frame),
    )
  }

  #noData(): void {
    this.#parties.server.write(copyFail('Firebreak sends no data'))
    this.#parties.session.sent('copy-end')
  }

  /** Throws when the session is over, so that nobody takes silence for an answer. */
  async #until(holds: () => boolean): Promise<void> {
    while (!this.#over && !holds())
      await new Promise<void>((resolve) => {
        this.#wakes.push(resolve)
      })
    if (this.#over) throw new Error('the session is over')
  }
}

function give(toClient: Parties['toClient'], frames: readonly Uint8Array[]): void {
  if (frames.length > 0) toClient(joined(frames))
}

/** What says that a statement is done. */
function isDone(frame: Uint8Array): boolean {
  return frame[0] === 67 || frame[0] === 73
}

/** What a statement has brought, or that it is done: not what it was prepared by. */
function isResult(frame: Uint8Array): boolean {
  return !'123TtnNAS'.includes(String.fromCharCode(frame[0] ?? 0))
}
