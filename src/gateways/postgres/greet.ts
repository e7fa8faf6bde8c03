/** The start of a client's session: encryption, what it wants, and the grant it shows. */
import type { Socket } from 'node:net'
import { createSecureContext, TLSSocket, type SecureContext } from 'node:tls'
import { writeAuthentication, writeNegotiate } from '../../wire/postgres/back.ts'
import { readPassword } from '../../wire/postgres/front.ts'
import { readStart, type Start } from '../../wire/postgres/start.ts'
import type { PostgresHouse } from './house.ts'
import { openInbox, type Inbox } from './inbox.ts'
import { readParameters, type Begun } from './parameters.ts'
import { fatal } from './refusal.ts'

export type Greeted =
  | { readonly kind: 'gone' }
  | { readonly kind: 'cancel'; readonly process: number; readonly secret: Uint8Array }
  | {
      readonly kind: 'begin'
      readonly socket: Socket
      readonly inbox: Inbox
      readonly begun: Begun
      readonly token: string
    }

export function secureContext(tls: PostgresHouse['tls']): SecureContext | null {
  return tls === null
    ? null
    : createSecureContext({ cert: tls.cert, key: tls.key.reveal(), minVersion: 'TLSv1.2' })
}

/** `changed` is told of the socket that stands for the client from then on. */
export async function greet(
  plain: Socket,
  secure: SecureContext | null,
  changed: (socket: Socket) => void,
): Promise<Greeted> {
  let socket = plain
  let inbox = openInbox(plain)
  const asked = new Set<string>()
  for (;;) {
    const frame = await inbox.next('start')
    if (frame === null) return { kind: 'gone' }
    const start = readStart(frame)
    if (start.kind === 'cancel') return start
    if (start.kind === 'begin') return begin(socket, inbox, start, socket !== plain)
    if (asked.has(start.kind) || socket !== plain) throw fatal('08P01', 'encryption is asked twice')
    asked.add(start.kind)
    // What stands behind the request was sent in the clear and would be read as if it had not been.
    if (inbox.ahead) throw fatal('08P01', 'unencrypted bytes stand behind the ask for encryption')
    if (start.kind === 'ssl' && secure !== null) {
      inbox.leave()
      socket = await encrypted(plain, secure)
      changed(socket)
      inbox = openInbox(socket)
    } else plain.write('N')
  }
}

async function begin(
  socket: Socket,
  inbox: Inbox,
  start: Extract<Start, { kind: 'begin' }>,
  encrypted: boolean,
): Promise<Greeted> {
  if (start.major !== 3) throw fatal('0A000', 'only version 3 of the protocol is spoken')
  const begun = readParameters(start.parameters)
  if (!encrypted && !isLoopback(socket.remoteAddress))
    throw fatal('28000', 'a grant is taken over TLS only', 'connect with sslmode=require')
  if (start.minor > 0 || begun.unknown.length > 0) socket.write(writeNegotiate(0, begun.unknown))
  socket.write(writeAuthentication({ kind: 'cleartext' }))
  const frame = await inbox.next('typed')
  if (frame === null) return { kind: 'gone' }
  if (frame[0] !== 112) throw fatal('08P01', 'a password was expected')
  const token = readPassword(frame, 0, frame.length)
  if (token === null) throw fatal('28P01', 'the grant is not text')
  return { kind: 'begin', socket, inbox, begun, token }
}

async function encrypted(plain: Socket, secureContext: SecureContext): Promise<Socket> {
  const socket = new TLSSocket(plain, { isServer: true, secureContext })
  // The handshake's first bytes come after this one, so it listens before they do.
  plain.write('S')
  await new Promise<void>((resolve, reject) => {
    const failed = (): void => reject(fatal('08P01', 'the encryption failed'))
    socket.once('secure', () => {
      socket.off('close', failed)
      resolve()
    })
    socket.once('close', failed)
    socket.on('error', () => socket.destroy())
  })
  return socket
}

export function isLoopback(address: string | undefined): boolean {
  return /^(::1$|127\.|::ffff:127\.)/.test(address ?? '')
}
