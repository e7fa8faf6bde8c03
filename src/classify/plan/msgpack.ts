/** The settings of one resource out of MessagePack (https://github.com/msgpack/msgpack/blob/master/spec.md): names with their plain values; lists, maps and what is not known yet are passed over. */

export type Setting = boolean | number | string | null

/** Deeper than this nests no resource. */
const deepest = 64

/** Null where the whole is no map. Throws for bytes that are no MessagePack. */
export function settingsIn(bytes: Buffer): ReadonlyMap<string, Setting> | null {
  const reader = new Reader(bytes)
  const found = reader.settings()
  if (found !== null && !reader.isAtEnd) throw new Error('a value goes on after its end')
  return found
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

  settings(): ReadonlyMap<string, Setting> | null {
    const count = this.#mapOf(this.#number(1))
    if (count === null) return null
    const found = new Map<string, Setting>()
    for (let nth = 0; nth < count; nth += 1) {
      const name = this.#value(1)
      const value = this.#value(1)
      if (typeof name !== 'string') throw new Error('a setting has no name')
      if (found.has(name)) throw new Error(`\`${name}\` is set twice`)
      found.set(name, value ?? null)
    }
    return found
  }

  /** Undefined for what is no plain value. */
  #value(depth: number): Setting | undefined {
    if (depth > deepest) throw new Error('a value nests too deep')
    const head = this.#number(1)
    if (head < 0x80) return head
    if (head >= 0xe0) return head - 256
    if (head >= 0xa0 && head < 0xc0) return this.#text(head - 0xa0)
    const inside = this.#insideOf(head)
    if (inside !== null) {
      for (let nth = 0; nth < inside; nth += 1) this.#value(depth + 1)
      return undefined
    }
    return this.#plain(head)
  }

  #plain(head: number): Setting | undefined {
    if (head === 0xc0) return null
    if (head === 0xc2 || head === 0xc3) return head === 0xc3
    const width = widths.get(head)
    if (width !== undefined) return this.#fixed(head, width)
    const lengths = sized.get(head)
    if (lengths === undefined) throw new Error('a value has a form that is not known')
    const size = this.#number(lengths.of) + lengths.more
    if (lengths.isText) return this.#text(size)
    this.#skip(size)
    return undefined
  }

  #fixed(head: number, width: number): Setting | undefined {
    const from = this.#skip(width)
    if (head === 0xca) return this.#bytes.readFloatBE(from)
    if (head === 0xcb) return this.#bytes.readDoubleBE(from)
    if (head >= 0xd4) return undefined
    if (width === 8)
      return Number(
        head === 0xcf ? this.#bytes.readBigUInt64BE(from) : this.#bytes.readBigInt64BE(from),
      )
    return head <= 0xce ? this.#bytes.readUIntBE(from, width) : this.#bytes.readIntBE(from, width)
  }

  /** How many values follow; null for what holds none. */
  #insideOf(head: number): number | null {
    const map = this.#mapOf(head)
    if (map !== null) return map * 2
    if (head >= 0x90 && head < 0xa0) return head - 0x90
    return head === 0xdc ? this.#number(2) : head === 0xdd ? this.#number(4) : null
  }

  #mapOf(head: number): number | null {
    if (head >= 0x80 && head < 0x90) return head - 0x80
    return head === 0xde ? this.#number(2) : head === 0xdf ? this.#number(4) : null
  }

  #text(size: number): string {
    const from = this.#skip(size)
    return this.#bytes.toString('utf8', from, this.#at)
  }

  #number(width: number): number {
    const from = this.#skip(width)
    return this.#bytes.readUIntBE(from, width)
  }

  #skip(size: number): number {
    const from = this.#at
    if (from + size > this.#bytes.length) throw new Error('a value is cut off')
    this.#at += size
    return from
  }
}

/** Numbers, and extensions of a fixed size, their type with them. */
const widths: ReadonlyMap<number, number> = new Map([
  [0xca, 4],
  [0xcb, 8],
  [0xcc, 1],
  [0xcd, 2],
  [0xce, 4],
  [0xcf, 8],
  [0xd0, 1],
  [0xd1, 2],
  [0xd2, 4],
  [0xd3, 8],
  [0xd4, 2],
  [0xd5, 3],
  [0xd6, 5],
  [0xd7, 9],
  [0xd8, 17],
])

interface Sized {
  /** How many bytes tell the length. */
  readonly of: number
  readonly more: number
  readonly isText: boolean
}

const sized: ReadonlyMap<number, Sized> = new Map(
  [
    [0xc4, 1, 0],
    [0xc5, 2, 0],
    [0xc6, 4, 0],
    [0xc7, 1, 1],
    [0xc8, 2, 1],
    [0xc9, 4, 1],
    [0xd9, 1, 0],
    [0xda, 2, 0],
    [0xdb, 4, 0],
  ].map(([head = 0, of = 0, more = 0]) => [head, { of, more, isText: head >= 0xd9 }]),
)
