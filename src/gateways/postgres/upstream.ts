/** The way to a target: connected, encrypted where it shall be, logged in. */
import { connect, isIP, type Socket } from 'node:net'
import { connect as encrypt, type TLSSocket } from 'node:tls'
import type { Chance } from '../../base/clock.ts'
import type { Secret } from '../../base/secret.ts'
import { readKey, readReady, readSetting } from '../../wire/postgres/back.ts'
import { writeStart } from '../../wire/postgres/start.ts'
import type { PostgresTarget } from './house.ts'
import { openInbox, type Inbox } from './inbox.ts'
import { logIn, told } from './login.ts'
import { pinned } from './parameters.ts'
import { fatal, type Fatal } from './refusal.ts'
import { channelHash } from './scram.ts'

export interface Upstream {
  readonly socket: Socket
  /**
   * Stops reading; what comes back has come behind the first ReadyForQuery. Until then it is read on, so that nothing of it
   * is left in a socket that somebody else takes over.
   */
  readonly leave: () => Uint8Array
  /** Frames for the client, as they came: settings and notices. */
  readonly greeting: readonly Uint8Array[]
  readonly key: { readonly process: number; readonly secret: Uint8Array } | null
}

export interface Visit {
  readonly target: PostgresTarget
  readonly secret: Secret
  readonly parameters: ReadonlyMap<string, string>
  readonly chance: Chance
  /** Told of each socket as soon as there is one, so that it can be closed when time is up. */
  readonly opened: (socket: Socket) => void
}

/** Throws a `Fatal` that the client can be told. */
export async function openUpstream(visit: Visit): Promise<Upstream> {
  const { target } = visit
  const { socket, bound } = await reach(target, visit.opened)
  const inbox = openInbox(socket)
  const parameters: (readonly [string, string])[] = [
    ['user', target.user],
    ['database', target.database],
    ...visit.parameters,
    ...Object.entries(pinned),
  ]
  socket.write(writeStart({ kind: 'begin', major: 3, minor: 0, parameters }))
  await logIn({
    inbox,
    write: (bytes) => socket.write(bytes),
    user: target.user,
    secret: visit.secret,
    nonce: Buffer.from(visit.chance(18)).toString('base64'),
    hidden: target.tls.kind === 'verify' || target.host.startsWith('/'),
    bound,
  })
  return { socket, ...(await greeting(inbox)), leave: () => inbox.leave() }
}

/** Asks a target to give up what a session of its waits for. Nothing answers. */
export async function cancelUpstream(
  target: PostgresTarget,
  key: { readonly process: number; readonly secret: Uint8Array },
): Promise<void> {
  const { socket } = await reach(target, () => undefined)
  socket.on('error', () => socket.destroy())
  socket.end(writeStart({ kind: 'cancel', ...key }))
  socket.resume()
}

export function hungUp(): Fatal {
  return fatal('08006', 'the database behind this gateway hung up')
}

async function reach(
  target: PostgresTarget,
  opened: (socket: Socket) => void,
): Promise<{ socket: Socket; bound: Uint8Array | null }> {
  const { host, port } = target
  const plain = host.startsWith('/') ? connect(`${host}/.s.PGSQL.${port}`) : connect(port, host)
  plain.setNoDelay(true)
  opened(plain)
  await until(plain, 'connect')
  if (target.tls.kind === 'off') return { socket: plain, bound: null }
  const inbox = openInbox(plain)
  plain.write(writeStart({ kind: 'ssl' }))
  const answer = await inbox.byte()
  // Bytes that came before the encryption could be anybody's.
  if (answer !== 83 || inbox.leave().length > 0)
    throw unreachable(target, 'it does not encrypt, and its target in firebreak.yaml asks for TLS')
  const { ca } = target.tls
  const name = isIP(host) === 0 ? { servername: host } : {}
  const socket = encrypt({ socket: plain, host, ...name, ...(ca === null ? {} : { ca }) })
  opened(socket)
  await until(socket, 'secureConnect')
  return { socket, bound: boundTo(socket) }
}

function boundTo(socket: TLSSocket): Uint8Array | null {
  return channelHash(socket.getPeerX509Certificate())
}

async function until(socket: Socket, event: 'connect' | 'secureConnect'): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const failed = (error: Error): void =>
      reject(fatal('08001', `the database behind this gateway cannot be reached: ${error.message}`))
    const closed = (): void => failed(new Error('it hung up'))
    socket.once('close', closed)
    socket.once('error', failed)
    socket.once(event, () => {
      socket.off('close', closed)
      socket.off('error', failed)
      // From here on its end is seen as `close`.
      socket.on('error', () => socket.destroy())
      resolve()
    })
  })
}

async function greeting(inbox: Inbox): Promise<Pick<Upstream, 'greeting' | 'key'>> {
  const frames: Uint8Array[] = []
  const settings = new Map<string, string>()
  let key: Upstream['key'] = null
  for (;;) {
    const frame = await inbox.next('typed')
    if (frame === null) throw hungUp()
    const body = frame.subarray(5)
    const type = String.fromCharCode(frame[0] ?? 0)
    if (type === 'E') throw told(body)
    if (type === 'K') key = readKey(body)
    if (type === 'S') settings.set(...pair(readSetting(body)))
    if (type === 'S' || type === 'N') frames.push(frame)
    if (type !== 'Z') continue
    readReady(body)
    for (const [name, value] of Object.entries(pinned))
      if (settings.get(name) !== value)
        throw fatal('08006', `the database behind this gateway does not keep ${name} at ${value}`)
    return { greeting: frames, key }
  }
}

function pair([name, value]: readonly [string, string]): [string, string] {
  return [name, value]
}

function unreachable(target: PostgresTarget, why: string): Error {
  return fatal('08001', `the database behind ${target.name} cannot be reached: ${why}`)
}
