/** A request body, whole and bounded. */
import type { IncomingMessage } from 'node:http'
import { FirebreakError } from '../../base/error.ts'

/** All bytes; throws `too_large` as soon as it is known that they are more than `maxBytes`, without reading on. */
export function readBody(incoming: IncomingMessage, maxBytes: number): Promise<Uint8Array> {
  const declared = Number(incoming.headers['content-length'] ?? 0)
  if (declared > maxBytes) return Promise.reject(tooLarge(maxBytes))
  if (declared === 0 && incoming.headers['transfer-encoding'] === undefined)
    return Promise.resolve(none)
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = []
    let size = 0
    const take = (part: Buffer): void => {
      size += part.length
      if (size > maxBytes) {
        incoming.off('data', take).pause()
        reject(tooLarge(maxBytes))
      } else parts.push(part)
    }
    incoming.on('data', take)
    incoming.on('end', () =>
      resolve(parts.length === 1 ? (parts[0] ?? none) : Buffer.concat(parts)),
    )
    incoming.on('error', reject)
    incoming.on('close', () => {
      if (!incoming.complete) reject(new FirebreakError('bad_input', 'the request ended too early'))
    })
  })
}

const none = new Uint8Array(0)

function tooLarge(maxBytes: number): FirebreakError {
  return new FirebreakError(
    'too_large',
    `the body is larger than ${maxBytes} bytes, and must be read whole`,
  )
}
