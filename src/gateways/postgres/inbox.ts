/** Reads a connection frame by frame while a session starts; what has come beyond is handed on to the relay. */
import type { Socket } from 'node:net'
import { frameLength, joined, startBytes, startLength } from '../../wire/postgres/frame.ts'

export interface Inbox {
  /** The next whole frame; null when the connection has ended. One reader at a time. */
  next(kind: 'start' | 'typed'): Promise<Uint8Array | null>
  /** The next single byte. */
  byte(): Promise<number | null>
  /** Bytes have come that nobody has asked for. */
  readonly ahead: boolean
  /** Stops reading; what comes back are the bytes that nobody has asked for. */
  leave(): Uint8Array
}

export function openInbox(socket: Socket): Inbox {
  let bytes: Uint8Array = new Uint8Array(0)
  let ended = false
  let wake: (() => void) | null = null
  const came = (chunk: Uint8Array): void => {
    bytes = bytes.length === 0 ? chunk : joined([bytes, chunk])
    // Whoever sends much before it is asked waits.
    if (bytes.length > startBytes) socket.pause()
    wake?.()
  }
  const gone = (): void => {
    ended = true
    wake?.()
  }
  socket.on('data', came)
  socket.on('end', gone)
  socket.on('close', gone)
  const take = async (length: () => number): Promise<Uint8Array | null> => {
    for (;;) {
      const wanted = length()
      if (wanted > 0 && wanted <= bytes.length) {
        const taken = bytes.subarray(0, wanted)
        bytes = bytes.subarray(wanted)
        return taken
      }
      if (ended) return null
      const more = new Promise<void>((resolve) => {
        wake = resolve
      })
      socket.resume()
      await more
      wake = null
    }
  }
  return {
    next: (kind) =>
      take(() =>
        kind === 'start'
          ? startLength(bytes, 0, bytes.length)
          : frameLength(bytes, 0, bytes.length, 65_536),
      ),
    byte: async () => (await take(() => 1))?.[0] ?? null,
    get ahead() {
      return bytes.length > 0
    },
    leave: () => {
      socket.pause()
      socket.off('data', came)
      socket.off('end', gone)
      socket.off('close', gone)
      return bytes
    },
  }
}
