/** One line to a server that streams: its messages are taken one by one, and no more wait than a little. */
import type { Socket } from 'node:net'
import { FirebreakError } from '../../base/error.ts'
import { readFields } from '../../wire/postgres/back.ts'
import { frame } from '../../wire/postgres/frame.ts'
import { openFrames } from '../../wire/postgres/replication-frames.ts'
import type { Message } from '../../wire/postgres/replication-frames.ts'
import { ServerError } from './client-ears.ts'
import { refusalOf } from './refusal.ts'

export interface ReplicationLine {
  say(bytes: Uint8Array): void
  /** The next message, notices and settings aside. Throws the server's no, and `not_reachable` once the line is lost. */
  next(): Promise<Message>
  close(): void
}

/** What waits to be taken before the server is not listened to. */
const waitingBytes = 4 << 20
/** The server sends base backups and WAL in pieces of at most 128 KiB; nothing else here is long. */
const mostBytes = 16 << 20

export function openReplicationLine(socket: Socket, ahead: Uint8Array): ReplicationLine {
  const waiting: Message[] = []
  let bytes = 0
  let lost: Error | null = null
  let woken = Promise.withResolvers<null>()
  const lose = (why: string): void => {
    lost ??= new FirebreakError(
      'not_reachable',
      `the replication connection of the database is lost: ${why}`,
      'see that the database is up; it is tried again',
    )
    woken.resolve(null)
    socket.destroy()
  }
  const frames = openFrames((message) => {
    // Kept as it is: a socket gives each chunk memory of its own.
    waiting.push(message)
    bytes += message.body.length
  }, mostBytes)
  const push = (chunk: Uint8Array): void => {
    try {
      frames(chunk)
    } catch (thrown) {
      // What comes after a message that is none cannot be trusted.
      lose(thrown instanceof Error ? thrown.message : String(thrown))
    }
    if (bytes > waitingBytes) socket.pause()
    woken.resolve(null)
  }
  socket.setKeepAlive(true, 30_000)
  socket.on('data', push)
  socket.on('error', () => socket.destroy())
  socket.once('close', () => lose('it hung up'))
  if (ahead.length > 0) push(ahead)
  if (socket.destroyed) lose('it hung up')
  socket.resume()

  const take = async (): Promise<Message> => {
    for (;;) {
      const message = waiting.shift()
      if (message !== undefined) {
        bytes -= message.body.length
        if (bytes <= waitingBytes && socket.isPaused()) socket.resume()
        return message
      }
      if (lost !== null) throw lost
      woken = Promise.withResolvers<null>()
      await woken.promise
    }
  }
  return {
    say: (said) => void socket.write(said),
    next: async () => {
      for (;;) {
        const message = await take()
        if (message.type === 'E') throw new ServerError(refusalOf(readFields(message.body)))
        if (!'NSA'.includes(message.type)) return message
      }
    },
    close: () => {
      if (lost === null) socket.write(frame('X'))
      lose('it was closed')
    },
  }
}
