/** Finds the messages of a replication stream; the bytes of a base backup are handed on in parts as they come, since each is long. */
import { copied, frameLength, headBytes, joined } from './frame.ts'

export interface Message {
  /** The letter of its type. */
  readonly type: string
  readonly body: Uint8Array
}

const nothing = new Uint8Array(0)
const copyData = 100

/**
 * `heard` gets each message; of CopyData that begins with the letter for bytes of a base backup (`d`, protocol "BASE_BACKUP")
 * it gets parts, each with that letter's message type, `dd`, and the letter taken off. Views hold as long as their chunk.
 */
export function openFrames(
  heard: (message: Message) => void,
  mostBytes: number,
): (chunk: Uint8Array) => void {
  let kept: Uint8Array = nothing
  /** What is still to come of a message that is handed on in parts. */
  let left = 0

  const part = (chunk: Uint8Array, at: number): number => {
    const end = Math.min(chunk.length, at + left)
    left -= end - at
    if (end > at) heard({ type: 'dd', body: chunk.subarray(at, end) })
    return end
  }
  return (given) => {
    const chunk = kept.length === 0 ? given : joined([kept, given])
    kept = nothing
    let at = left > 0 ? part(chunk, 0) : 0
    while (at < chunk.length) {
      const length = frameLength(chunk, at, chunk.length, mostBytes)
      const body = at + headBytes
      if (length === 0) break
      if (chunk[at] === copyData && length > headBytes && chunk[body] === copyData) {
        left = length - headBytes - 1
        at = part(chunk, body + 1)
        continue
      }
      if (at + length > chunk.length) break
      const type = String.fromCharCode(chunk[at] ?? 0)
      heard({ type, body: chunk.subarray(body, at + length) })
      at += length
    }
    if (at < chunk.length) kept = copied(chunk.subarray(at))
  }
}
