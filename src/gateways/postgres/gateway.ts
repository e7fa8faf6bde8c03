/** The way in for Postgres clients: listens, greets, connects to the target, relays. */
import { createServer, type AddressInfo, type Socket } from 'node:net'
import type { SecureContext } from 'node:tls'
import { FirebreakError, messageOf } from '../../base/error.ts'
import type { Principal } from '../../core/principal.ts'
import { writeAuthentication, writeKey, writeReady } from '../../wire/postgres/back.ts'
import { joined } from '../../wire/postgres/frame.ts'
import { greet, secureContext, type Greeted } from './greet.ts'
import type { PostgresHouse } from './house.ts'
import { openKeys, type Keys } from './keys.ts'
import { Fatal, fatal, refusal, refusalBytes } from './refusal.ts'
import { openReader } from './reader.ts'
import { openRelay, type Relay } from './relay.ts'
import type { Refusal } from './seam.ts'
import { cancelUpstream, hungUp, openUpstream } from './upstream.ts'

export interface PostgresGateway {
  listen(port: number, host: string): Promise<AddressInfo>
  /** INVARIANT (halt-halts): ends the sessions of whoever is barred by now, and what they wait for at the target. */
  cut(isBarred: (principal: Principal) => boolean): void
  /** Takes no more clients, lets who works finish for as long, and closes. */
  close(graceMs: number): Promise<void>
  readonly sessions: number
}

interface Live {
  readonly principal: Principal
  readonly relay: Relay
  readonly stop: () => void
}

export function postgresGateway(house: PostgresHouse): PostgresGateway {
  const sockets = new Set<Socket>()
  const lives = new Set<Live>()
  const hall: Hall = {
    house,
    lives,
    sockets,
    left: (socket) => {
      sockets.delete(socket)
      if (sockets.size === 0) emptied()
    },
    keys: openKeys(house.chance),
    secure: secureContext(house.tls),
  }
  let closing = false
  let emptied = (): void => undefined
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    socket.on('error', () => socket.destroy())
    sockets.add(socket)
    socket.once('close', () => hall.left(socket))
    const full = sockets.size > house.limits.connections
    if (full || closing) turnAway(socket, closing ? stopping : crowded)
    else void receive(hall, socket)
  })
  server.on('error', () => undefined)
  return {
    listen: (port, host) => listening(server, port, host),
    get sessions() {
      return lives.size
    },
    cut: (isBarred) => {
      for (const live of lives) {
        if (!isBarred(live.principal)) continue
        live.stop()
        live.relay.cut(halted)
      }
    },
    close: async (graceMs) => {
      closing = true
      const closed = new Promise<void>((resolve) => {
        server.close(() => resolve())
      })
      for (const { relay } of lives) relay.drain(stopping)
      const hurry = house.timer(graceMs, () => {
        for (const { relay } of lives) relay.cut(stopping)
        for (const socket of sockets) socket.destroy()
      })
      await closed
      if (sockets.size > 0)
        await new Promise<void>((resolve) => {
          emptied = resolve
        })
      hurry()
    },
  }
}

interface Hall {
  readonly house: PostgresHouse
  readonly lives: Set<Live>
  readonly sockets: Set<Socket>
  readonly left: (socket: Socket) => void
  readonly keys: Keys
  readonly secure: SecureContext | null
}

const crowded = refusal('53300', 'Firebreak has no room for more connections', 'try again later')
const stopping = refusal('57P01', 'Firebreak is stopping')
const halted = refusal('57P01', 'Firebreak has ended this session: its grant no longer works')

/** From the first byte to the relay; whatever goes wrong ends the connection, with a word where it can be said. */
async function receive(hall: Hall, plain: Socket): Promise<void> {
  const { house } = hall
  const opened: Socket[] = [plain]
  let client = plain
  const late = house.timer(house.limits.startMs, () => {
    for (const socket of opened) socket.destroy()
  })
  try {
    const greeted = await greet(plain, hall.secure, (socket) => {
      client = socket
      opened.push(socket)
    })
    if (greeted.kind === 'begin') await welcome(hall, greeted, opened)
    if (greeted.kind === 'cancel') hall.keys.use(greeted.process, greeted.secret)
    if (greeted.kind !== 'begin') plain.destroySoon()
  } catch (thrown) {
    for (const socket of opened) if (socket !== client && socket !== plain) socket.destroy()
    turnAway(client, wordsFor(thrown))
  } finally {
    late()
  }
}

async function welcome(
  hall: Hall,
  greeted: Extract<Greeted, { kind: 'begin' }>,
  opened: Socket[],
): Promise<void> {
  const { house, keys, lives } = hall
  const { socket: client, inbox, begun, token } = greeted
  const principal = house.authenticate({ token, target: begun.target })
  if (typeof principal === 'string') throw fatal('28P01', principal)
  const target = house.targets.get(begun.target)
  if (target === undefined)
    throw fatal('3D000', `no target \`${begun.target}\` speaks Postgres here`)
  const { parameters } = begun
  const upstream = await openUpstream({
    target,
    secret: await house.credential(target.name),
    parameters,
    chance: house.chance,
    opened: (socket) => opened.push(socket),
  })
  const ended = upstream.key === null ? null : house.began(target.name, upstream.key.process)
  upstream.socket.once('close', () => ended?.())
  await house.prepare(target.name)
  if (client.destroyed || client.readableEnded) {
    upstream.socket.destroy()
    client.destroy()
    return
  }
  if (upstream.socket.destroyed || upstream.socket.readableEnded) throw hungUp()
  const enforcer = house.enforce({ principal, target, parameters })
  const stop = (): void => {
    if (upstream.key !== null) cancelUpstream(target, upstream.key).catch(() => undefined)
  }
  const key = keys.issue(() => {
    enforcer.cancelled?.()
    stop()
  })
  client.write(
    joined([
      writeAuthentication({ kind: 'ok' }),
      ...upstream.greeting,
      writeKey(key.process, key.secret),
      writeReady('I'),
    ]),
  )
  const [fromClient, fromServer] = [inbox.leave(), upstream.leave()]
  const reads = { client: openReader(client), server: openReader(upstream.socket) }
  for (const { socket } of Object.values(reads)) socket.on('error', () => socket.destroy())
  hall.sockets.add(reads.client.socket)
  reads.client.socket.once('close', () => hall.left(reads.client.socket))
  const live: Live = {
    principal,
    stop,
    relay: openRelay({
      client: reads.client.socket,
      server: reads.server.socket,
      reads,
      enforcer,
      fromClient,
      fromServer,
      messageBytes: house.limits.messageBytes,
      keptBytes: house.limits.keptBytes,
      timer: house.timer,
      ownName: `firebreak_${Buffer.from(house.chance(12)).toString('hex')}`,
      closed: () => {
        key.giveUp()
        lives.delete(live)
      },
    }),
  }
  lives.add(live)
}

function turnAway(socket: Socket, told: Refusal): void {
  socket.write(refusalBytes('FATAL', told))
  // What it still sends is read, else the system may throw the last words away.
  socket.resume()
  socket.destroySoon()
}

function wordsFor(thrown: unknown): Refusal {
  if (thrown instanceof Fatal) return thrown.refusal
  if (thrown instanceof FirebreakError) return refusal('08P01', thrown.message)
  return refusal('XX000', `Firebreak could not start this session: ${messageOf(thrown)}`)
}

function listening(
  server: ReturnType<typeof createServer>,
  port: number,
  host: string,
): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) =>
      reject(new FirebreakError('port_in_use', `cannot listen on ${host}:${port}`, null, cause)),
    )
    server.listen(port, host, () => {
      const address = server.address()
      if (address !== null && typeof address === 'object') resolve(address)
      else reject(new FirebreakError('internal', 'the gateway has no address'))
    })
  })
}
