/** The sealed records of a spool's file: WAL as it came, each record whole or not there. */
import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'
import type { Lsn } from '../platforms/postgres/replication.ts'
import { saltBytes } from './chunks.ts'

export interface WalRecord {
  readonly at: Lsn
  /** The server's clock when it sent this, in milliseconds since 1970. */
  readonly sentAt: number
  readonly bytes: Uint8Array
}

const magic = Buffer.from('fbspool1', 'latin1')
const headBytes = 20
const tagBytes = 16
/** A record announces no more than this. */
export const recordBytes = 1 << 20

/** What a file begins with. */
export function spoolHead(salt: Uint8Array): Uint8Array {
  return Buffer.concat([magic, salt])
}

export const spoolHeadBytes = magic.length + saltBytes

/** The key of one file: another name or another salt is another key. */
export function spoolKey(key: Uint8Array, salt: Uint8Array, name: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', key, salt, `firebreak vault spool ${name}`, 32))
}

/** Place, time and length in the clear, then the bytes in AES-256-GCM; its nonce is the record's number in the file. */
export function sealRecord(key: Uint8Array, index: number, record: WalRecord): Uint8Array {
  const head = Buffer.alloc(headBytes)
  head.writeBigUInt64BE(record.at, 0)
  head.writeBigUInt64BE(BigInt(record.sentAt), 8)
  head.writeUInt32BE(record.bytes.length, 16)
  const cipher = createCipheriv('aes-256-gcm', key, nonce(index))
  cipher.setAAD(head)
  return Buffer.concat([head, cipher.update(record.bytes), cipher.final(), cipher.getAuthTag()])
}

/** The records of a file in order, up to the first that is not whole: a writer that died leaves such an end. */
export async function* openRecords(
  file: FileHandle,
  key: Uint8Array,
  name: string,
): AsyncGenerator<WalRecord> {
  const start = await exactly(file, 0, spoolHeadBytes)
  if (start === null || !start.subarray(0, magic.length).equals(magic)) return
  const own = spoolKey(key, start.subarray(magic.length), name)
  let at = spoolHeadBytes
  for (let index = 0; ; index += 1) {
    const head = await exactly(file, at, headBytes)
    const length = head?.readUInt32BE(16) ?? Infinity
    if (head === null || length > recordBytes) return
    const body = await exactly(file, at + headBytes, length + tagBytes)
    const bytes = body === null ? null : opened(own, index, head, body)
    if (bytes === null) return
    yield { at: head.readBigUInt64BE(0), sentAt: Number(head.readBigUInt64BE(8)), bytes }
    at += headBytes + length + tagBytes
  }
}

function opened(key: Uint8Array, index: number, head: Buffer, body: Buffer): Uint8Array | null {
  const decipher = createDecipheriv('aes-256-gcm', key, nonce(index))
  const end = body.length - tagBytes
  decipher.setAAD(head)
  decipher.setAuthTag(body.subarray(end))
  try {
    return Buffer.concat([decipher.update(body.subarray(0, end)), decipher.final()])
  } catch {
    // The cipher's only way to say that these are not the bytes that were written.
    return null
  }
}

async function exactly(file: FileHandle, at: number, length: number): Promise<Buffer | null> {
  const buffer = Buffer.alloc(length)
  for (let read = 0; read < length;) {
    const { bytesRead } = await file.read(buffer, read, length - read, at + read)
    if (bytesRead === 0) return null
    read += bytesRead
  }
  return buffer
}

function nonce(index: number): Uint8Array {
  const bytes = Buffer.alloc(12)
  bytes.writeUIntBE(index, 6, 6)
  return bytes
}
