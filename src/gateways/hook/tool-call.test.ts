import { expect, test } from 'vitest'
import type { Json } from '../../base/json.ts'
import { callsOf } from './tool-call.ts'

test.each<[string, Json, string]>([
  ['bash', { command: ['bash', '-c', "rm -rf 'a b'"] }, `bash -c 'rm -rf '\\''a b'\\'''`],
  ['exec_command', { cmd: 'ls' }, 'ls'],
  ['write_bash', { sessionId: '1', input: 'dropdb shop\n' }, 'dropdb shop\n'],
  [
    'use_aws',
    {
      service_name: 's3api',
      operation_name: 'delete_bucket',
      parameters: { Bucket: 'my shop' },
    },
    "aws s3api delete-bucket --bucket 'my shop'",
  ],
  ['a tool that nobody knows', '{"command":"dropdb shop"}', 'dropdb shop'],
])('%s runs a shell text', (name, input, command) => {
  expect(callsOf({ name, input, cwd: '/srv' })).toEqual([{ kind: 'shell', command, cwd: '/srv' }])
})

test('where a tool says where it runs, that counts, and where the host is as well', () => {
  expect(callsOf({ name: 'bash', input: { command: 'ls', workdir: '/a' }, cwd: '/b' })).toEqual([
    { kind: 'shell', command: 'ls', cwd: '/b' },
    { kind: 'shell', command: 'ls', cwd: '/a' },
  ])
})

test('a patch names its files, an editor’s verb is no command', () => {
  const patch =
    '*** Begin Patch\n*** Delete File: a\n*** Update File: b\n*** Move to: c\n*** End Patch'
  const paths = (name: string, input: Json): readonly unknown[] =>
    callsOf({ name, input, cwd: null }).map((call) => (call.kind === 'file' ? call.path : call))
  expect(paths('apply_patch', { input: patch })).toEqual(['a', 'b', 'c'])
  expect(paths('fs_write', { command: 'create', path: 'd' })).toEqual(['d'])
  expect(paths('text_editor', { command: 'str_replace', path: 'e' })).toEqual(['e'])
})

test('a tool that only looks up has nothing to judge, where MCP tools have such names too', () => {
  const input = { query: 'DROP TABLE users', pattern: 'rm -rf' }
  expect(callsOf({ name: 'grep', input, cwd: null, hidesMcp: true })).toEqual([])
  expect(callsOf({ name: 'supabase_sql', input, cwd: null, hidesMcp: true })).toEqual([
    { kind: 'mcp', server: '', tool: 'supabase_sql', arguments: input },
  ])
})
