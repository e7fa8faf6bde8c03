import { expect, test } from 'vitest'
import { canonical } from '../base/json.ts'
import type { JsonObject } from '../base/json.ts'
import { isPhysicalId, parseBase, parseWal } from './physical-manifest.ts'
import { checkKeep, segmentBytesOf } from './physical-setting.ts'
import { segmentFile, segmentId } from './physical-segments.ts'

const piece = { sha256: 'ab'.repeat(32), bytes: 3 }
const wal = {
  v: 1,
  id: 'wal_1_00000001_0000000000100000',
  engine: 'physical',
  kind: 'wal',
  system: '1',
  timeline: 1,
  start: '0/100000',
  bytes: 1_048_576,
  sentAt: 1_700_000_000_000,
  pieces: [piece],
}
const base = {
  v: 1,
  id: 'base_1',
  engine: 'physical',
  kind: 'base',
  system: '1',
  timeline: 1,
  covers: [{ target: 'db', type: 'database', id: 'app' }],
  source: 'db',
  server: '15.1',
  start: '0/100028',
  stop: '0/100100',
  takenAt: 1,
  stoppedAt: 2,
  bytes: 3,
  segmentBytes: 1_048_576,
  tablespaces: [{ oid: '16385', location: '/far' }],
  archives: [
    { tablespace: '16385', pieces: [piece] },
    { tablespace: null, pieces: [piece] },
  ],
  sums: [piece],
  settings: { max_connections: '100' },
}

test('manifests that were written are read the same', () => {
  expect(parseWal(canonical(wal), wal.id)).toEqual(wal)
  expect(parseBase(canonical(base), base.id)).toEqual(base)
})

test.each<[string, JsonObject]>([
  ["another's", { id: 'base_2' }],
  ['of another version', { v: 2 }],
  ['of another engine', { engine: 'files' }],
  ['of another kind', { kind: 'wal' }],
  ['of a cluster that is no number', { system: '../1' }],
  ['with a place that is none', { stop: 'x' }],
  ['with a tablespace that is no number', { tablespaces: [{ oid: '../etc', location: '/' }] }],
  ['with an archive of no number', { archives: [{ tablespace: '../etc', pieces: [] }] }],
  ['with a piece that has no hash', { sums: [{ sha256: 'x', bytes: 1 }] }],
  ['with a setting that is no text', { settings: { max_connections: 1 } }],
  ['with a size below nothing', { bytes: -1 }],
])('a base backup %s is refused', (_, change) =>
  expect(() => parseBase(canonical({ ...base, ...change }), 'base_1')).toThrow(
    'is not of the form',
  ),
)

test.each<[string, JsonObject]>([
  ["another's", { id: 'wal_1' }],
  ['of another kind', { kind: 'base' }],
  ['without its time', { sentAt: null }],
  ['without pieces', { pieces: {} }],
])('a segment %s is refused', (_, change) =>
  expect(() => parseWal(canonical({ ...wal, ...change }), wal.id)).toThrow('is not of the form'),
)

test('only ids of this engine are its own', () => {
  expect([base.id, wal.id, 'point_1', 'xbase_1'].map(isPhysicalId)).toEqual([
    true,
    true,
    false,
    false,
  ])
})

test('a segment has the name that the server gives its file', () => {
  const of = { system: '1', timeline: 2, segmentBytes: 16 << 20 }
  expect(segmentFile(0x1_ab00_0000n, of)).toBe('0000000200000001000000AB')
  expect(segmentFile(0x1_ab00_0000n, { ...of, segmentBytes: 1 << 20 })).toBe(
    '000000020000000100000AB0',
  )
  expect(segmentId(0x1_ab00_0000n, of)).toBe('wal_1_00000002_00000001ab000000')
})

test.each([
  ['16MB', 16_777_216],
  ['1GB', 1_073_741_824],
  ['1048576', 1_048_576],
])('a segment size of %s is %i bytes', (shown, bytes) => expect(segmentBytesOf(shown)).toBe(bytes))

test('a size that cannot be read is refused, and so is a slot without a limit', () => {
  for (const shown of ['', '16 MB', '0', '-1'])
    expect(() => segmentBytesOf(shown)).toThrow('wal_segment_size')
  expect(() => checkKeep('-1')).toThrow('max_slot_wal_keep_size')
  expect(checkKeep('1GB')).toBeUndefined()
})
