import { expect, test } from 'vitest'
import { isolatedSettings } from './physical-config.ts'
import type { Isolation, Until } from './physical-config.ts'

const isolation: Isolation = {
  wal: '/copy/wal',
  socket: '/copy',
  until: null,
  action: 'promote',
  settings: { max_connections: '300' },
  preload: [],
}

test.each<[string, Until, readonly string[]]>([
  [
    'a time',
    { kind: 'time', time: Date.UTC(2026, 0, 2, 3, 4, 5, 6) },
    [`recovery_target_time = '2026-01-02 03:04:05.006+00'`, `recovery_target_inclusive = 'off'`],
  ],
  [
    'a place',
    { kind: 'lsn', lsn: 0x1_0000_0028n },
    [`recovery_target_lsn = '1/28'`, `recovery_target_inclusive = 'off'`],
  ],
  [
    'a restore point',
    { kind: 'name', name: "o'clock", lsn: null },
    [`recovery_target_name = 'o''clock'`],
  ],
])('to %s', (_, until, lines) => {
  const text = isolatedSettings({ ...isolation, until, action: 'pause' })
  for (const line of [...lines, `recovery_target_action = 'pause'`])
    expect(text).toContain(`${line}\n`)
})

test('to the end nothing is aimed at but the timeline', () => {
  const text = isolatedSettings({ ...isolation, until: null })
  expect(text.match(/recovery_target\w*/g)).toEqual(['recovery_target_timeline'])
})

test('only libraries that are asked for are loaded, and none that runs jobs', () => {
  const text = isolatedSettings({ ...isolation, preload: ['timescaledb', 'pg_cron'] })
  expect(text).toContain(`shared_preload_libraries = 'timescaledb'\n`)
})

test('of the settings of the source nothing is taken but its least sizes', () => {
  const settings = { max_connections: '300', archive_command: 'rm -rf /', 'max_x\nport': '1' }
  const text = isolatedSettings({ ...isolation, settings })
  expect(text).toContain(`max_connections = '300'\n`)
  expect(text).not.toContain('rm -rf')
  expect(text).not.toContain('port')
})

test('a path with a line break would be another setting: refused', () =>
  expect(() => isolatedSettings({ ...isolation, wal: '/a\nport = 1' })).toThrow('line breaks'))
