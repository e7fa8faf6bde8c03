/** A value out of MessagePack (https://github.com/msgpack/msgpack/blob/master/spec.md), as small tokens use it: numbers, texts, bytes as text, lists, maps as lists of pairs. */

export type Packed = null | boolean | number | string | readonly Packed[]

const deepest = 32

/** Throws for what is none, is cut off, or goes on after its end. */
export function unpack(bytes: Buffer): Packed {
  const reader = new Reader(bytes)
  const value = reader.value(0)
  if (!reader.isAtEnd) throw new Error('it goes on after its end')
  return value
}

class Reader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length
  }

  value(depth: number): Packed {
    if (depth > deepest) throw new Error('it nests too deep')
    const head = this.#number(1)
    if (head < 0x80) return head
    if (head >= 0xe0) return head - 256
    if (head < 0x90) return this.#list((head - 0x80) * 2, depth)
    if (head < 0xa0) return this.#list(head - 0x90, depth)
    if (head < 0xc0) return this.#text(head - 0xa0)
    return this.#plain(head, depth)
  }

  #plain(head: number, depth: number): Packed {
    if (head === 0xc0) return null
    if (head === 0xc2 || head === 0xc3) return head === 0xc3
    if (head >= 0xcc && head <= 0xcf) return this.#number(2 ** (head - 0xcc))
    const size = sizes.get(head)
    if (size === undefined) throw new Error('a form that is not known')
    const length = this.#number(size.width)
    switch (size.kind) {
      case 'text':
        return this.#text(length)
      case 'list':
        return this.#list(length, depth)
      case 'map':
        return this.#list(length * 2, depth)
    }
  }

  #list(count: number, depth: number): readonly Packed[] {
    if (count > this.#bytes.length - this.#at) throw new Error('it is cut off')
    const values: Packed[] = []
    for (let nth = 0; nth < count; nth += 1) values.push(this.value(depth + 1))
    return values
  }

  #text(length: number): string {
    const from = this.#skip(length)
    return this.#bytes.toString('utf8', from, this.#at)
  }

  #number(width: number): number {
    const from = this.#skip(width)
    return width === 8
      ? Number(this.#bytes.readBigUInt64BE(from))
      : this.#bytes.readUIntBE(from, width)
  }

  #skip(length: number): number {
    const from = this.#at
    if (from + length > this.#bytes.length) throw new Error('it is cut off')
    this.#at += length
    return from
  }
}

interface Size {
  readonly kind: 'text' | 'list' | 'map'
  readonly width: number
}

const sizes: ReadonlyMap<number, Size> = new Map([
  [0xc4, { kind: 'text', width: 1 }],
  [0xc5, { kind: 'text', width: 2 }],
  [0xc6, { kind: 'text', width: 4 }],
  [0xd9, { kind: 'text', width: 1 }],
  [0xda, { kind: 'text', width: 2 }],
  [0xdb, { kind: 'text', width: 4 }],
  [0xdc, { kind: 'list', width: 2 }],
  [0xdd, { kind: 'list', width: 4 }],
  [0xde, { kind: 'map', width: 2 }],
  [0xdf, { kind: 'map', width: 4 }],
])
