/** The body of an answer on its way to the client: what comes together goes out together, and nothing waits for more. */
import type { ServerResponse } from 'node:http'

export interface Flow {
  /** The head is written: it leaves with the first bytes, or without them where they are late. `pause` hears that the client is slower. */
  readonly begin: (pause: () => void) => void
  readonly push: (bytes: Uint8Array) => void
  readonly end: (rest: Uint8Array) => void
}

/**
 * Bytes are kept until the packet that brought them has been read: a head, a body and its end that came in one packet
 * leave in one write, since each write is a call into the kernel and most answers are that short.
 */
export function bodyOf(outgoing: ServerResponse): Flow {
  let last: Uint8Array | null = null
  let due = false
  let ended = false
  let written = false
  let pause = (): void => {}
  const write = (bytes: Uint8Array): void => {
    written = true
    if (!outgoing.write(bytes) && !outgoing.destroyed) pause()
  }
  const flush = (): void => {
    due = false
    if (ended || outgoing.destroyed) return
    if (last === null) outgoing.flushHeaders()
    else write(last)
    last = null
  }
  const soon = (): void => {
    if (due) return
    due = true
    queueMicrotask(flush)
  }
  return {
    begin: (slower) => {
      pause = slower
      soon()
    },
    push: (bytes) => {
      if (bytes.length === 0) return
      if (last !== null) write(last)
      last = bytes
      soon()
    },
    end: (rest) => {
      ended = true
      if (last !== null && rest.length > 0) {
        written = true
        outgoing.write(last)
      }
      const bytes = rest.length > 0 ? rest : last
      if (bytes === null) outgoing.end()
      else if (!written && bytes.length <= mostAsText) outgoing.end(asText(bytes), 'latin1')
      else outgoing.end(bytes)
    },
  }
}

/** Node puts a head and a body of text into one write, a head and a body of bytes into a list of two that costs more than both. */
const mostAsText = 8192

/** One character for each byte: `latin1` writes them as the same bytes. */
function asText({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('latin1')
}
