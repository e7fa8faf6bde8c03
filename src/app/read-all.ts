/** What comes over a connection, whole, as text. */
import type { IncomingMessage } from 'node:http'
import { FirebreakError } from '../base/error.ts'

/** A command's input may be this large; the largest is a secret or a note. */
const maxBytes = 256 * 1024

/** Throws `too_large`. */
export async function readAll(incoming: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  let size = 0
  for await (const part of incoming) {
    const bytes = Buffer.from(part)
    size += bytes.length
    if (size > maxBytes)
      throw new FirebreakError('too_large', `a command is larger than ${maxBytes} bytes`)
    parts.push(bytes)
  }
  return Buffer.concat(parts).toString('utf8')
}
