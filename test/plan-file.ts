/** Writes files as `terraform plan -out` does, for tests: a small ZIP with a message in it; nothing here is shared with the reader. */
import { crc32, deflateRawSync } from 'node:zlib'

export interface Planned {
  readonly address: string
  /** By its number in planfile.proto. */
  readonly action: number
  readonly values?: readonly Buffer[]
  readonly deposed?: string
}

export const actions = {
  noop: 0,
  create: 1,
  read: 2,
  update: 3,
  delete: 5,
  deleteThenCreate: 6,
  createThenDelete: 7,
  forget: 8,
} as const

export function varint(value: number): Buffer {
  const bytes: number[] = []
  let rest = value
  while (rest >= 0x80) {
    bytes.push((rest % 128) + 0x80)
    rest = Math.floor(rest / 128)
  }
  return Buffer.from([...bytes, rest])
}

export const number = (field: number, value: number): Buffer =>
  Buffer.concat([varint(field * 8), varint(value)])

export function block(field: number, value: string | Buffer): Buffer {
  const bytes = Buffer.from(value)
  return Buffer.concat([varint(field * 8 + 2), varint(bytes.length), bytes])
}

/** A map of settings in MessagePack. */
export function settings(of: Readonly<Record<string, boolean | number | string>>): Buffer {
  const text = (value: string): Buffer =>
    Buffer.concat([Buffer.from([0xd9, Buffer.byteLength(value)]), Buffer.from(value)])
  const parts = Object.entries(of).flatMap(([name, value]) => [
    text(name),
    typeof value === 'string'
      ? text(value)
      : Buffer.from(typeof value === 'number' ? [value] : [value ? 0xc3 : 0xc2]),
  ])
  return Buffer.concat([Buffer.from([0x80 + Object.keys(of).length]), ...parts])
}

export function changeOf({ address, action, values = [], deposed }: Planned): Buffer {
  const inner = Buffer.concat([
    ...(action === 0 ? [] : [number(1, action)]),
    ...values.map((value) => block(2, block(1, value))),
  ])
  return Buffer.concat([
    ...(deposed === undefined ? [] : [block(7, deposed)]),
    block(8, 'provider["registry.terraform.io/hashicorp/aws"]'),
    block(9, inner),
    block(13, address),
  ])
}

export function message(changes: readonly Planned[], ...more: readonly Buffer[]): Buffer {
  return Buffer.concat([
    number(1, 3),
    block(14, '1.14.0'),
    ...changes.map((change) => block(3, changeOf(change))),
    ...more,
  ])
}

export interface Packed {
  readonly name: string
  readonly content: Buffer
  readonly method?: number
  /** What its entry tells instead of its own size. */
  readonly size?: number
  readonly localName?: string
  readonly flags?: number
}

export function zip(files: readonly Packed[]): Buffer {
  const parts: Buffer[] = []
  const directory: Buffer[] = []
  let at = 0
  for (const { name, content, method = 8, size, localName = name, flags = 0 } of files) {
    const packed = method === 8 ? deflateRawSync(content) : content
    const common = Buffer.alloc(26)
    common.writeUInt16LE(20, 0)
    common.writeUInt16LE(flags, 2)
    common.writeUInt16LE(method, 4)
    common.writeUInt32LE(crc32(content), 10)
    common.writeUInt32LE(packed.length, 14)
    common.writeUInt32LE(size ?? content.length, 18)
    common.writeUInt16LE(name.length, 22)
    const here = Buffer.from(common)
    here.writeUInt16LE(localName.length, 22)
    const local = Buffer.concat([
      Buffer.from('PK\u0003\u0004'),
      here,
      Buffer.from(localName),
      packed,
    ])
    const tail = Buffer.alloc(14)
    tail.writeUInt32LE(at, 10)
    directory.push(
      Buffer.concat([Buffer.from('PK\u0001\u0002\u0014\0'), common, tail, Buffer.from(name)]),
    )
    parts.push(local)
    at += local.length
  }
  const entries = Buffer.concat(directory)
  const end = Buffer.alloc(18)
  end.writeUInt16LE(files.length, 4)
  end.writeUInt16LE(files.length, 6)
  end.writeUInt32LE(entries.length, 8)
  end.writeUInt32LE(at, 12)
  return Buffer.concat([...parts, entries, Buffer.from('PK\u0005\u0006'), end])
}

/** As terraform writes it: the state and the configuration stand beside the plan. */
export function planFile(changes: readonly Planned[]): Buffer {
  return zip([
    { name: 'tfplan', content: message(changes) },
    { name: 'tfstate', content: Buffer.from('{"version":4}') },
    { name: 'tfconfig/modules.json', content: Buffer.from('[]') },
  ])
}
