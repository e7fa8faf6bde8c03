/** Reads a connection into one buffer, over and over: a new one for each read costs more than all else the relay does. */
import { Socket } from 'node:net'

export interface Reader {
  /** Stands for the connection from now on. */
  readonly socket: Socket
  /**
   * `take` is given what comes. While `free` says no, something still refers to what was given last, and the next bytes
   * come in another buffer.
   */
  listen(take: (bytes: Uint8Array) => void, free: () => boolean): void
}

/** Small while a session says little: there may be a thousand of them. */
const leastBytes = 1 << 13
const mostBytes = 1 << 16

/** Of a paused connection, nothing of which is left unread. One that is encrypted is read as streams are. */
export function openReader(given: Socket): Reader {
  const handle: unknown = given.constructor === Socket ? Reflect.get(given, '_handle') : null
  if (typeof handle !== 'object' || handle === null)
    return { socket: given, listen: (take) => void given.on('data', take) }
  let take: (bytes: Uint8Array) => void = () => undefined
  let free = (): boolean => false
  let buffer = Buffer.allocUnsafeSlow(leastBytes)
  let filled = false
  const fresh = (): Buffer => {
    const bytes = filled ? mostBytes : buffer.length
    if (bytes > buffer.length || !free()) buffer = Buffer.allocUnsafeSlow(bytes)
    return buffer
  }
  const callback = (length: number, bytes: Uint8Array): boolean => {
    filled = length === bytes.length
    take(bytes.subarray(0, length))
    return true
  }
  // The one who had it lets go of it, without closing it.
  Reflect.set(given, '_handle', null)
  const options = {
    handle,
    allowHalfOpen: true,
    manualStart: true,
    onread: { buffer: fresh, callback },
  }
  const socket: Socket = Reflect.construct(Socket, [options])
  given.destroy()
  return {
    socket,
    listen: (taken, isFree) => {
      take = taken
      free = isFree
    },
  }
}
