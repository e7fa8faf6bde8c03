/** The gateway's own talk with the server: waits, refusals, and batches that run under the enforcer's eyes. */
import type { Socket } from 'node:net'
import { writeReady } from '../../wire/postgres/back.ts'
import { joined } from '../../wire/postgres/frame.ts'
import { copyFail, flush, sync } from '../../wire/postgres/front.ts'
import type { Found } from '../../wire/postgres/scan.ts'
import type { Session } from '../../wire/postgres/session.ts'
import type { Back } from './back.ts'
import { sentBy } from './batch.ts'
import { KeptEar, OwnEar } from './ears.ts'
import { ask, provoke, type Said } from './own.ts'
import { refusalBytes } from './refusal.ts'
import type { Batch, Desk, Enforcer, Refusal } from './seam.ts'

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
    const bytes = refusalBytes('ERROR', told)
    toClient(ear.ready ? joined([bytes, writeReady(session.status)]) : bytes)
    if (ear.ready) enforcer.heard?.({ kind: 'ready', status: session.status })
  }

  async bounded(
    found: Found,
    batch: Batch,
    run: (desk: Desk) => Promise<Refusal | null>,
  ): Promise<void> {
    const { session, toClient, ownName } = this.#parties
    const kept: KeptEar[] = []
    const told = await run({
      status: () => session.status,
      midway: session.midway,
      ask: async (text, values = []) => {
        if (session.midway) throw new Error('an implicit transaction is open')
        return (await this.#hear(ask(ownName, text, values))).answer
      },
      send: async () => {
        if (kept.length > 0) throw new Error('a batch is sent once')
        return (await this.#keep(batch, kept)).answer
      },
    })
    if (this.#over) return
    const frames = kept.flatMap((ear) => ear.frames(told === null ? 'all' : 'asides'))
    if (frames.length > 0) toClient(joined(frames))
    if (told !== null && !session.skipping) await this.refuse(found, batch, told)
    else if (told !== null) toClient(refusalBytes('ERROR', told))
    else if (found.closes === 'sync' || found.kind !== 'extended')
      toClient(writeReady(session.status))
  }

  async #hear(said: Said): Promise<OwnEar> {
    const ear = new OwnEar(() => this.#noData())
    this.#parties.back.ear = ear
    this.say(said)
    await this.#until(() => this.#parties.session.quiet)
    this.#parties.back.ear = null
    return ear
  }

  async #keep(batch: Batch, kept: KeptEar[]): Promise<KeptEar> {
    const { session, back, keptBytes } = this.#parties
    const ear = new KeptEar(keptBytes, () => this.#noData())
    kept.push(ear)
    back.ear = ear
    this.send(batch)
    await this.#until(() => session.quiet)
    // Refused data for COPY, the server skips up to a Sync; the one that was sent it ignored.
    if (session.skipping && batch.kind === 'extended' && batch.closes === 'sync') {
      this.say({ bytes: sync, sent: ['sync'] })
      await this.#until(() => session.quiet)
    }
    back.ear = null
    return ear
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
