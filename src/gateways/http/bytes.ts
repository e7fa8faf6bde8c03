/** Parts of a message, put together so that they go out in one write. */

/** One buffer of all parts; a text is latin1. A single part that is bytes comes back as it is. */
export function joined(parts: readonly (string | Uint8Array)[]): Uint8Array {
  const [only] = parts
  if (parts.length === 1 && typeof only === 'object') return only
  let size = 0
  for (const part of parts) size += part.length
  const bytes = Buffer.allocUnsafe(size)
  let at = 0
  for (const part of parts) {
    if (typeof part === 'string') bytes.write(part, at, 'latin1')
    else bytes.set(part, at)
    at += part.length
  }
  return bytes
}
