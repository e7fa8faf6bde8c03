import { createDecipheriv, hkdfSync } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { openRecords, sealRecord, spoolHead, spoolKey } from './physical-records.ts'

const dir = mkdtempSync(join(tmpdir(), 'firebreak-records-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const key = new Uint8Array(32).fill(7)
const salt = new Uint8Array(32).fill(9)
const record = (at: number, text: string): Parameters<typeof sealRecord>[2] => ({
  at: BigInt(at),
  sentAt: 1_700_000_000_000,
  bytes: Buffer.from(text),
})
const own = spoolKey(key, salt, 'name')
const parts = [
  spoolHead(salt),
  sealRecord(own, 0, record(0, 'fire')),
  sealRecord(own, 1, record(4, 'break')),
]

async function read(bytes: Uint8Array, name = 'name', by = key): Promise<string[]> {
  const file = join(dir, 'file')
  writeFileSync(file, bytes)
  const handle = await open(file, 'r')
  const found: string[] = []
  for await (const { at, sentAt, bytes } of openRecords(handle, by, name))
    found.push(`${at} ${sentAt} ${Buffer.from(bytes).toString()}`)
  await handle.close()
  return found
}

const both = ['0 1700000000000 fire', '4 1700000000000 break']

test('the golden bytes: a record of version 1 keeps its form', () => {
  expect(Buffer.from(parts[1] ?? []).toString('hex')).toBe(
    '00000000000000000000018bcfe568000000000401e376da0e3180f3653a4e485a9173a2247cf7e8',
  )
})

/** A second reader, from docs/formats/physical.md §5 alone: it shares no code with the first. */
function secondReader(file: Buffer, name: string): string {
  const info = `firebreak vault spool ${name}`
  const own = Buffer.from(hkdfSync('sha256', Buffer.alloc(32, 7), file.subarray(8, 40), info, 32))
  let wal = ''
  for (let at = 40, index = 0; at < file.length; index += 1) {
    const end = at + 20 + file.readUInt32BE(at + 16)
    const number = Buffer.from(index.toString(16).padStart(24, '0'), 'hex')
    const opener = createDecipheriv('aes-256-gcm', own, number)
    opener.setAAD(file.subarray(at, at + 20)).setAuthTag(file.subarray(end, end + 16))
    wal += Buffer.concat([opener.update(file.subarray(at + 20, end)), opener.final()]).toString()
    at = end + 16
  }
  return wal
}

test('a reader made from the format alone reads the same, and the format gives these bytes', () => {
  expect(secondReader(Buffer.concat(parts), 'name')).toBe('firebreak')
  const format = readFileSync(new URL('../../docs/formats/physical.md', import.meta.url), 'utf8')
  const hex = Buffer.from(parts[1] ?? []).toString('hex')
  expect(format.replaceAll('` `', '')).toContain(hex)
})

test('records that were written are read', async () => {
  expect(await read(Buffer.concat(parts))).toEqual(both)
})

test('whatever is changed or cut off, the records before it are read and none after', async () => {
  const whole = Buffer.concat(parts)
  const ends = [40, 40 + (parts[1]?.length ?? 0), whole.length]
  for (let at = 0; at < whole.length; at += 1) {
    const flipped = Buffer.from(whole)
    flipped[at] = (flipped[at] ?? 0) ^ 4
    const kept = Math.max(0, ends.findIndex((end) => at < end) - 1)
    const isHead = at < 40
    expect(await read(flipped)).toEqual(both.slice(0, isHead ? 0 : kept))
    expect(await read(whole.subarray(0, at))).toEqual(both.slice(0, isHead ? 0 : kept))
  }
})

test('another key and another name open nothing', async () => {
  const whole = Buffer.concat(parts)
  expect(await read(whole, 'other')).toEqual([])
  expect(await read(whole, 'name', new Uint8Array(32))).toEqual([])
})
