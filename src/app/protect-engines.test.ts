import { expect, test } from 'vitest'
import { enginesOf } from './protect-engines.ts'
import type { EngineName } from './protect-engines.ts'
import type { Seen } from './protect-look.ts'

const able: Seen = {
  version: 160_004,
  versionText: '16.4',
  user: 'keeper',
  database: 'shop',
  bytes: 1,
  isSuperuser: false,
  mayReplicate: true,
  isStandby: false,
  walLevel: 'replica',
  senders: { most: 10, used: 8 },
  slots: { most: 10, used: 9 },
  keep: '10240MB',
  mayMark: true,
  unreadable: [],
  hidden: [],
  from: '10.0.0.7',
  serverAt: '10.0.0.1',
  isEncrypted: true,
  dataFolder: null,
  accessFile: null,
  refused: null,
  lacks: ['pg_backup_stop(boolean)', 'pg_stat_file(text, boolean)'],
  drills: { logical: true, physical: true },
}
const shut = { code: '28000', message: 'kein Eintrag' }

test.each<[string, EngineName, Partial<Seen>, readonly string[]]>([
  ['all is there', 'physical', {}, []],
  ['all is there', 'logical', {}, []],
  [
    'an older server',
    'physical',
    { version: 140_000, versionText: '14.0' },
    ['PostgreSQL 15 or later; this is 14.0, and an upgrade'],
  ],
  ['an older server', 'logical', { version: 140_000, versionText: '14.0' }, []],
  [
    'a very old one',
    'logical',
    { version: 130_000, versionText: '13.0' },
    ['PostgreSQL 14 or later; this is 13.0, and an upgrade'],
  ],
  [
    'a standby',
    'physical',
    { isStandby: true },
    ['the primary: this server is a standby, or is still recovering'],
  ],
  [
    'too little WAL',
    'physical',
    { walLevel: 'minimal' },
    ["ALTER SYSTEM SET wal_level = 'replica';   -- then restart the server"],
  ],
  [
    'no sender left',
    'physical',
    { senders: { most: 10, used: 9 } },
    ['ALTER SYSTEM SET max_wal_senders = 11;   -- then restart the server'],
  ],
  [
    'no slot left',
    'physical',
    { slots: { most: 0, used: 0 } },
    ['ALTER SYSTEM SET max_replication_slots = 10;   -- then restart the server'],
  ],
  [
    'no limit',
    'physical',
    { keep: '-1MB' },
    ["ALTER SYSTEM SET max_slot_wal_keep_size = '10GB'; SELECT pg_reload_conf();"],
  ],
  [
    'not let in, over TLS',
    'physical',
    { refused: shut },
    [
      'SELECT pg_reload_conf();   -- when pg_hba.conf has this line, before others of its kind: hostssl replication keeper 10.0.0.7/32 scram-sha-256',
    ],
  ],
  [
    'not let in, from another net',
    'physical',
    {
      refused: shut,
      from: '2001:db8::7',
      isEncrypted: false,
      accessFile: '/etc/hba',
      user: 'A "b"',
    },
    [
      'SELECT pg_reload_conf();   -- when /etc/hba has this line, before others of its kind: host replication "A ""b""" 2001:db8::7/128 scram-sha-256',
    ],
  ],
  [
    'not let in, over a socket',
    'physical',
    { refused: shut, from: null },
    [
      'SELECT pg_reload_conf();   -- when pg_hba.conf has this line, before others of its kind: local replication keeper scram-sha-256',
    ],
  ],
  ['not let in, and it may read the files', 'physical', { refused: shut, lacks: [] }, []],
  [
    'not let in, it may read the files, and no slot is left',
    'physical',
    { refused: shut, lacks: [], slots: { most: 0, used: 0 }, senders: { most: 0, used: 0 } },
    ['ALTER SYSTEM SET max_replication_slots = 10;   -- then restart the server'],
  ],
  [
    'crowded out',
    'physical',
    { refused: { code: '53300', message: '' } },
    ['this command again then: it will show whether pg_hba.conf lets replication in'],
  ],
  [
    'no role for it',
    'physical',
    { mayReplicate: false, refused: { code: '42501', message: '' } },
    ['ALTER ROLE "keeper" REPLICATION;'],
  ],
  [
    'something else',
    'physical',
    { refused: { code: '', message: 'it hung up' } },
    ['an answer to replication: it hung up'],
  ],
  [
    'what cannot be read',
    'logical',
    { unreadable: ['a', 'b', 'c', 'd'], user: 'x\ny' },
    [String.raw`GRANT pg_read_all_data TO "x\u{a}y";   -- it cannot read a, b, c and 1 more`],
  ],
])('%s: %s', (_, engine, but, takes) => {
  const found = enginesOf({ ...able, ...but }).find((one) => one.engine === engine)
  expect(found?.takes).toEqual(takes)
})

test('where no drill can be held, that is said', () => {
  const [physical, logical] = enginesOf({ ...able, drills: { logical: true, physical: false } })
  expect(physical?.notes).toEqual([
    'no drill can be held here: PostgreSQL 16 is not installed (Debian: `apt install postgresql-16`, or `firebreak drill --fetch 16`)',
  ])
  expect(logical?.notes).toEqual([])
})

test('where replication is refused, what the way over SQL takes is said, and what replication would', () => {
  const [lacking] = enginesOf({ ...able, refused: shut })
  expect(lacking?.instead).toEqual([
    'GRANT EXECUTE ON FUNCTION pg_backup_stop(boolean), pg_stat_file(text, boolean) TO "keeper";   -- in "shop"',
  ])
  const [reading] = enginesOf({ ...able, refused: shut, lacks: [] })
  expect(reading?.instead).toEqual([])
  expect(reading?.notes[0]).toContain('hostssl replication keeper 10.0.0.7/32 scram-sha-256')
})
