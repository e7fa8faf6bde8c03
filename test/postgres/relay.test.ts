/** The relay before a real server: each client sees what it would see without. */
import { spawn } from 'node:child_process'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bin, openGateway, startServer, type Opened, type Server } from './relay-house.ts'

let server: Server
let opened: Opened

beforeAll(async () => {
  server = await startServer([], [])
  opened = await openGateway(
    {
      host: '127.0.0.1',
      port: server.port,
      user: 'boss',
      database: 'postgres',
      tls: { kind: 'off' },
    },
    'none',
  )
})
afterAll(async () => {
  await opened.gateway.close(100)
  await server.stop()
})

interface Ran {
  readonly status: number | null
  readonly out: string
  readonly err: string
}

/** psql, direct or through the gateway. */
function psql(where: 'direct' | 'through', args: readonly string[], input = ''): Promise<Ran> {
  const [port, database] = where === 'direct' ? [server.port, 'postgres'] : [opened.port, 'shop']
  const child = spawn(
    `${bin}/psql`,
    ['-X', '-h', '127.0.0.1', '-p', `${port}`, '-U', 'boss', '-d', database, ...args],
    { env: { PATH: '/usr/bin:/bin', PGPASSWORD: 'fbk_good' } },
  )
  let [out, err] = ['', '']
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString('utf8')))
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString('utf8')))
  child.stdin.end(input)
  return new Promise((resolve) => {
    child.on('close', (status) => resolve({ status, out, err }))
  })
}

const scripts: readonly (readonly [string, string])[] = [
  ['selects', 'SELECT 1, 2; SELECT generate_series(1, 5); SELECT NULL;'],
  ['an error, and on', 'SELECT 1/0; SELECT 2;'],
  [
    'a transaction',
    'BEGIN; CREATE TEMP TABLE a (i int); INSERT INTO a VALUES (1); COMMIT; TABLE a;',
  ],
  ['a failed one', 'BEGIN; SELECT 1/0; SELECT 1; ROLLBACK; SELECT 3;'],
  [
    'COPY in',
    'CREATE TEMP TABLE c (i int, t text);\nCOPY c FROM STDIN;\n1\tone\n2\ttwo\n\\.\nTABLE c;',
  ],
  ['COPY in that fails', 'CREATE TEMP TABLE c (i int);\nCOPY c FROM STDIN;\n1\nx\n\\.\nTABLE c;'],
  ['COPY out', 'COPY (SELECT generate_series(1, 1000)) TO STDOUT;'],
  ['notices', "DO $$ BEGIN RAISE NOTICE 'a notice'; RAISE WARNING 'b'; END $$;"],
  ['listings', '\\d pg_class\n\\df pg_catalog.now\n\\l\n\\dn+\n\\du'],
  ['a cursor', 'BEGIN; DECLARE d CURSOR FOR SELECT generate_series(1,10); FETCH 3 FROM d; COMMIT;'],
  ['gset and gdesc', 'SELECT 1 AS one \\gset\n\\echo :one\nSELECT 1 AS a \\gdesc'],
]

test.each(scripts)('psql sees the same: %s', async (_, script) => {
  const [direct, through] = [
    await psql('direct', ['-f', '-'], script),
    await psql('through', ['-f', '-'], script),
  ]
  expect(through).toEqual(direct)
  expect(direct.out.length + direct.err.length).toBeGreaterThan(0)
})
