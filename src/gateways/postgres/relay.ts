/** The relay of one session: what a client sends is judged batch by batch, what the server answers goes back untouched. */
import type { Socket } from 'node:net'
import type { Timer } from '../../base/clock.ts'
import { messageOf } from '../../base/error.ts'
import { headBytes } from '../../wire/postgres/frame.ts'
import { flush, sync } from '../../wire/postgres/front.ts'
import { Scan, type Found } from '../../wire/postgres/scan.ts'
import { openSession, type Session } from '../../wire/postgres/session.ts'
import { openBack, type Back } from './back.ts'
import { mayCopy, readBatch, sentBy } from './batch.ts'
import type { Reader } from './reader.ts'
import { refusal, refusalBytes } from './refusal.ts'
import type { Batch, Enforcer, Refusal, Way } from './seam.ts'
import { Talk } from './talk.ts'

export interface Relay {
  /** Both ways are closed at once; the client is told why if it still listens. */
  cut(told: Refusal): void
  /** Cuts as soon as all that was sent on is answered and no transaction is open. */
  drain(told: Refusal): void
}

export interface Ends {
  readonly client: Socket
  readonly server: Socket
  readonly reads: { readonly client: Reader; readonly server: Reader }
  readonly enforcer: Enforcer
  /** What has come from either before the relay began. */
  readonly fromClient: Uint8Array
  readonly fromServer: Uint8Array
  readonly messageBytes: number
  readonly keptBytes: number
  readonly timer: Timer
  /** A name that no client knows, for statements of the gateway's own. */
  readonly ownName: string
  /** Both ways are closed. */
  readonly closed: () => void
}

/** While a batch waits for its judge the client is read on, so that its end is seen; up to this much. */
const backlogBytes = 1 << 18

/** How long a client that was cut has to take the last words. */
const lastWordsMs = 500

export function openRelay(ends: Ends): Relay {
  const relay = new Relaying(ends)
  relay.begin()
  return relay
}

class Relaying implements Relay {
  readonly #ends: Ends
  readonly #session: Session = openSession()
  readonly #scan: Scan
  readonly #back: Back
  readonly #talk: Talk
  /** A batch is being judged or run: nothing behind it is looked at. */
  #busy = false
  #over = false
  #told = false
  /** What is said at the next rest; null while the session is to go on. */
  #last: Refusal | null = null
  /** A prepared statement may be a COPY: from then on a batch goes on only when all before it is answered. */
  #careful = false
  /** Something unanswered may be a COPY. */
  #copies = false
  /** Syncs that came while the server takes data; it would ignore them. */
  #heldSyncs = 0
  /** In the scanned bytes: what goes on with the next write. */
  #from = 0
  #to = 0

  constructor(ends: Ends) {
    this.#ends = ends
    this.#scan = new Scan(ends.messageBytes)
    const toClient = (bytes: Uint8Array): void => this.#toClient(bytes)
    this.#back = openBack({
      session: this.#session,
      enforcer: ends.enforcer,
      goes: toClient,
      moved: (name) => this.cut(refusal('42501', `Firebreak keeps \`${name}\` as it is`)),
    })
    this.#talk = new Talk({ ...ends, session: this.#session, back: this.#back, toClient })
  }

  drain(told: Refusal): void {
    this.#last = told
    this.#rest()
  }

  #rest(): void {
    const { quiet, status, midway } = this.#session
    const working = this.#busy || !quiet || midway || status !== 'I'
    if (this.#last !== null && !working) this.cut(this.#last)
  }

  begin(): void {
    const { client, server, fromClient, fromServer } = this.#ends
    this.#ends.reads.server.listen(
      (chunk) => this.#fromServer(chunk),
      () => client.writableLength === 0,
    )
    server.on('end', () => client.destroySoon())
    server.on('close', () => this.#close())
    server.on('drain', () => this.#resume())
    this.#ends.reads.client.listen(
      (chunk) => this.#fromClient(chunk),
      () => server.writableLength === 0 && !this.#busy && this.#scan.left === 0,
    )
    client.on('end', () => this.#clientEnds())
    client.on('close', () => this.#close())
    client.on('drain', () => server.resume())
    if (client.destroyed || server.destroyed) this.#close()
    if (fromServer.length > 0) this.#fromServer(fromServer)
    if (fromClient.length > 0) this.#fromClient(fromClient)
    server.resume()
    client.resume()
  }

  cut(told: Refusal): void {
    if (this.#over) return
    const { client, server, timer } = this.#ends
    this.#over = true
    // Inside a message of the server's the last words would be taken for its content.
    if (this.#back.whole) client.write(refusalBytes('FATAL', told))
    server.destroy()
    const give = timer(lastWordsMs, () => client.destroy())
    client.once('close', give)
    this.#close()
  }

  /** It may have said all it wants to and still listen; who waits for a judge has gone. */
  #clientEnds(): void {
    if (this.#busy) this.#close()
    else this.#ends.server.end()
  }

  #close(): void {
    const { client, server, enforcer } = this.#ends
    this.#over = true
    client.destroySoon()
    server.destroySoon()
    this.#talk.wake(true)
    if (!client.destroyed || !server.destroyed || this.#told) return
    this.#told = true
    enforcer.closed()
    this.#ends.closed()
  }

  #fromServer(chunk: Uint8Array): void {
    if (this.#over) return
    try {
      this.#back.push(chunk)
    } catch {
      // Its answers can no longer be told apart, so neither can what they answer.
      this.cut(refusal('08P01', 'Firebreak cannot follow what the database answers'))
    }
    if (this.#over) return
    // It failed while it took data, and skips up to a Sync that it was spared.
    if (!this.#session.copying)
      for (; this.#heldSyncs > 0; this.#heldSyncs -= 1)
        this.#talk.say({ bytes: sync, sent: ['sync'] })
    this.#talk.wake(false)
    this.#rest()
  }

  #toClient(bytes: Uint8Array): void {
    if (this.#over) return
    const { client, server } = this.#ends
    if (!client.write(bytes)) server.pause()
  }

  #fromClient(chunk: Uint8Array): void {
    if (this.#over) return
    this.#scan.push(chunk)
    if (!this.#busy) this.#advance()
    else if (this.#scan.left > backlogBytes) this.#ends.client.pause()
  }

  #advance(): void {
    try {
      while (!this.#busy && !this.#over) {
        const found = this.#scan.next()
        if (found === null) break
        this.#act(found)
      }
      this.#flush()
    } catch (thrown) {
      this.#flush()
      this.cut(refusal('08P01', messageOf(thrown)))
    }
    this.#resume()
  }

  #resume(): void {
    const { client, server } = this.#ends
    if (this.#over || server.writableNeedDrain) return
    if (!this.#busy || this.#scan.left <= backlogBytes) client.resume()
  }

  #act(found: Found): void {
    switch (found.kind) {
      case 'copy':
      case 'bye':
        this.#goes(found)
        break
      case 'copy-end':
        // The Syncs before it were ignored.
        this.#heldSyncs = 0
        this.#session.sent('copy-end')
        this.#goes(found)
        break
      case 'query':
      case 'call':
      case 'extended':
        if (!this.#divert(found)) this.#judge(found)
        break
    }
  }

  /** What the server would not look at does not go on; true if that is so. */
  #divert(found: Found): boolean {
    const { copying, skipping } = this.#session
    if (!copying && !skipping) return false
    this.#flush()
    const synced = found.kind === 'extended' && found.closes === 'sync'
    if (copying && (found.kind !== 'extended' || found.end - found.at !== headBytes))
      throw new Error('a client that sends COPY data sends nothing else')
    if (copying && synced) this.#heldSyncs += 1
    else if (synced) this.#talk.say({ bytes: sync, sent: ['sync'] })
    return true
  }

  #judge(found: Found): void {
    const batch = readBatch(this.#scan.bytes, found)
    if (batch === null) {
      this.#later(found, null, notText)
      return
    }
    if (this.#gated(batch)) {
      this.#later(found, batch, { kind: 'wait' })
      return
    }
    const { quiet, status } = this.#session
    const way = this.#ends.enforcer.judge(batch, quiet ? status : null)
    if (!('kind' in way) || way.kind !== 'pass') {
      this.#later(found, batch, way)
      return
    }
    this.#reckon(batch)
    for (const what of sentBy(batch)) this.#session.sent(what)
    this.#goes(found)
    if (found.kind !== 'extended' || found.closes !== 'part') return
    this.#flush()
    this.#ends.server.write(flush)
  }

  /** A Sync alone waits for nothing: it may be what all others wait for. */
  #gated(batch: Batch): boolean {
    this.#copies &&= !this.#session.quiet
    if (batch.kind === 'extended' && batch.steps.length === 0) return false
    return (this.#copies || this.#careful) && !this.#session.quiet
  }

  #reckon(batch: Batch): void {
    const copies = mayCopy(batch)
    this.#copies ||= copies
    this.#careful ||= copies && batch.kind === 'extended'
  }

  #goes(found: Found): void {
    if (this.#from === this.#to) this.#from = found.at
    this.#to = found.end
  }

  #flush(): void {
    if (this.#from === this.#to) return
    const bytes = this.#scan.bytes.subarray(this.#from, this.#to)
    this.#from = this.#to = 0
    const { server, client } = this.#ends
    if (!server.write(bytes)) client.pause()
  }

  #later(found: Found, batch: Batch | null, way: Way | Promise<Way>): void {
    this.#flush()
    this.#busy = true
    void this.#carry(found, batch, way)
  }

  async #carry(found: Found, batch: Batch | null, way: Way | Promise<Way>): Promise<void> {
    try {
      await this.#handle(found, batch, way)
      this.#busy = false
      if (!this.#over) this.#advance()
      this.#rest()
    } catch (thrown) {
      // INVARIANT (broken is closed): what cannot be judged ends the session.
      this.cut(refusal('XX000', `Firebreak could not judge this: ${messageOf(thrown)}`))
    }
  }

  async #handle(found: Found, batch: Batch | null, first: Way | Promise<Way>): Promise<void> {
    let way = await this.#settled(batch, await first)
    if (this.#over || this.#divert(found)) return
    while (way.kind === 'look') way = await this.#talk.look(way.look)
    switch (way.kind) {
      case 'wait':
        throw new Error('there is nothing left to wait for')
      case 'refuse':
        return this.#talk.refuse(found, batch, way.error)
      case 'pass':
        if (batch === null) throw new Error('it is not text')
        this.#reckon(batch)
        this.#talk.send(batch)
        return
      case 'bounded':
        if (batch === null) throw new Error('it is not text')
        this.#reckon(batch)
        return this.#talk.bounded(found, batch, way.run)
    }
  }

  /** The way, once nothing that was sent is unanswered where it matters. */
  async #settled(batch: Batch | null, way: Way): Promise<Way> {
    if (way.kind === 'pass') return way
    await this.#talk.quiet()
    if (way.kind !== 'wait' || batch === null) return way
    // After a failure it is skipped, judged or not.
    if (this.#session.skipping || this.#session.copying) return way
    return this.#ends.enforcer.judge(batch, this.#session.status)
  }
}

const notText: Way = {
  kind: 'refuse',
  error: refusal('22021', 'a text in this batch is not valid UTF-8'),
}
