import { expect, test } from 'vitest'
import { loadSql, readSqlPayload } from '../../classify/payload-sql.ts'
import { readGraphqlPayload } from '../../classify/payload-graphql.ts'
import { readShell } from '../../classify/shell/read.ts'
import type { JsonObject } from '../../base/json.ts'
import { worstEffect } from '../../core/effect.ts'
import { readMcpCall } from './mcp-call.ts'

await loadSql()
const readers = { sql: readSqlPayload, graphql: readGraphqlPayload, file: () => null }

function effectOf(server: string, tool: string, given: JsonObject): string {
  const shell = (text: string): ReturnType<typeof readShell> =>
    readShell(text, { readers, cwd: null })
  const found = readMcpCall({ server, tool, arguments: given }, { ...readers, shell })
  return worstEffect(found.map(({ effect }) => effect))
}

test.each<[string, string, JsonObject]>([
  ['supabase', 'execute_sql', { query: 'TRUNCATE bookings' }],
  ['supabase', 'apply_migration', { name: 'x', query: '-- tidy\nDROP TABLE users' }],
  ['postgres', 'run', { statements: ['SELECT 1', 'DELETE FROM users'] }],
  ['railway', 'graphql', { query: 'mutation { volumeDelete(volumeId: "v") }' }],
  [
    'railway-api',
    'graphql',
    { query: 'mutation D($v: String!) { volumeDelete(volumeId: $v) }', variables: { v: 'x' } },
  ],
  ['fly', 'gql', { mutation: 'mutation { deleteVolume(input: {}) { id } }' }],
  ['shell', 'execute', { command: 'rm -rf /var/lib/postgresql' }],
  ['shell', 'run', { argv: ['rm', '-rf', '/var/lib/postgresql'] }],
  ['deep', 'batch', { steps: [{ run: { script: 'dropdb shop' } }] }],
  ['fetch', 'request', { method: 'DELETE', url: 'https://api.hetzner.cloud/v1/servers/1' }],
  ['railway', 'volume-delete', {}],
  ['supabase', 'reset_branch', { branch_id: 'b' }],
  ['neon', 'delete_project', { confirm: true }],
  ['x', 'restoreDatabase', {}],
])('%s %s is a destroy', (server, tool, given) => {
  expect(effectOf(server, tool, given)).toBe('destroy')
})

test.each<[string, string, JsonObject]>([
  ['supabase', 'execute_sql', { query: 'SELECT * FROM users' }],
  ['supabase', 'list_projects', {}],
  ['github', 'create_issue', { title: 'DROP TABLE users', body: 'rm -rf /' }],
  ['github', 'search_code', { query: 'language:sql DROP' }],
  ['memory', 'delete_entities', { entityNames: ['a'] }],
  ['slack', 'delete_message', { id: '1' }],
  ['files', 'write_file', { path: 'a.sql', content: 'DROP TABLE users' }],
  ['fetch', 'request', { method: 'GET', url: 'https://api.hetzner.cloud/v1/servers' }],
  ['gh', 'graphql', { query: 'query { deleteVolume }' }],
  ['railway', 'graphql', { query: '{ me { id } }' }],
  ['todo', 'reset_filter', {}],
])('%s %s is none', (server, tool, given) => {
  expect(['read', 'write']).toContain(effectOf(server, tool, given))
})
