/** The fields of a message of Protocol Buffers, as they stand in its bytes (https://protobuf.dev/programming-guides/encoding). */

/** `value` is a number for a varint, bytes for what has a length; of fixed widths nothing is needed. */
export type Field =
  | { readonly number: number; readonly kind: 'varint'; readonly value: number }
  | { readonly number: number; readonly kind: 'bytes'; readonly value: Buffer }
  | { readonly number: number; readonly kind: 'fixed' }

/** In their order. Throws for bytes that are no message, or a number past what is exact. */
export function fieldsIn(bytes: Buffer): readonly Field[] {
  const found: Field[] = []
  let at = 0
  const varint = (): number => {
    let [value, scale] = [0, 1]
    for (let nth = 0; nth < 10; nth += 1) {
      const byte = bytes[at]
      if (byte === undefined) throw new Error('a message is cut off')
      at += 1
      value += (byte & 0x7f) * scale
      scale *= 128
      if (byte < 0x80) return value
    }
    throw new Error('a number in it never ends')
  }
  const skip = (size: number): Buffer => {
    if (at + size > bytes.length) throw new Error('a message is cut off')
    at += size
    return bytes.subarray(at - size, at)
  }
  while (at < bytes.length) {
    const tag = varint()
    const [number, wire] = [Math.floor(tag / 8), tag % 8]
    if (number < 1 || number > 0x1fffffff) throw new Error('a field of it has no number')
    if (wire === 0) found.push({ number, kind: 'varint', value: varint() })
    else if (wire === 2) found.push({ number, kind: 'bytes', value: skip(varint()) })
    else if (wire === 1 || wire === 5) {
      skip(wire === 1 ? 8 : 4)
      found.push({ number, kind: 'fixed' })
    } else throw new Error('a field of it has a form that is not known')
  }
  return found
}

/** The one varint of that number, or 0. Throws where it stands twice or in another form: readers differ in what counts then. */
export function numberIn(fields: readonly Field[], number: number): number {
  const found = oneOf(fields, number)
  if (found === null) return 0
  if (found.kind !== 'varint') throw new Error(`field ${number} has another form`)
  return found.value
}

/** The one value with a length, or null. Throws as `numberIn`. */
export function bytesIn(fields: readonly Field[], number: number): Buffer | null {
  const found = oneOf(fields, number)
  if (found === null) return null
  if (found.kind !== 'bytes') throw new Error(`field ${number} has another form`)
  return found.value
}

/** All values with a length of that number. Throws where one has another form. */
export function allIn(fields: readonly Field[], number: number): readonly Buffer[] {
  return fields.flatMap((field) => {
    if (field.number !== number) return []
    if (field.kind !== 'bytes') throw new Error(`field ${number} has another form`)
    return [field.value]
  })
}

function oneOf(fields: readonly Field[], number: number): Field | null {
  const found = fields.filter((field) => field.number === number)
  if (found.length > 1) throw new Error(`field ${number} stands twice`)
  return found[0] ?? null
}
