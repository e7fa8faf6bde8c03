/** The schema by pg_dump: what no statement of ours makes again comes back, in a drill and in a restore. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { realChance, realTimer } from '../../src/app/world.ts'
import { Secret } from '../../src/base/secret.ts'
import { openLead } from '../../src/gateways/postgres/lead.ts'
import { defaultLimits, openBudget } from '../../src/vault/budget.ts'
import { differ } from '../../src/vault/drill-schema.ts'
import { drill } from '../../src/vault/drill.ts'
import {
  dumpOf,
  logicalManifestText,
  parseLogicalManifest,
  schemaBy,
} from '../../src/vault/logical-manifest.ts'
import { leansOn } from '../../src/vault/leans.ts'
import { damageIn } from '../../src/vault/point.ts'
import { beginCopy, scriptOf, textsOf } from '../../src/vault/schema-keep.ts'
import { compareLogical, restoreLogical } from '../../src/vault/logical-restore.ts'
import { startCluster } from '../postgres/cluster.ts'
import { openSession } from '../postgres/session.ts'
import { openDumpHouse } from './dump-house.ts'
import type { DumpHouse } from './dump-house.ts'

let world: DumpHouse
let made = 0

beforeAll(async () => {
  world = await openDumpHouse()
}, 60_000)
afterAll(async () => await world.stop())

function empty(): string {
  made += 1
  world.shop.cluster.sql(`CREATE DATABASE back_${made} TEMPLATE template0`)
  return `back_${made}`
}

test('recovery-first: one of every kind is taken, drilled and restored, and pg_dump tells both the same', async () => {
  const from = world.kinds()
  const { manifest, house } = await world.taken(from)
  expect(manifest.dump).toMatchObject({ by: expect.stringMatching(/^pg_dump \d+\.\d+$/) })
  expect(manifest.lacks).toEqual([])
  const found = await drill(manifest.id, ['SELECT count(*) = 2 FROM kinds.notes'], house)
  expect(found.wrong).toEqual([])
  expect(found.notes.join('\n')).toMatch(/kept by pg_dump [^]*is what pg_dump/)
  const into = empty()
  const session = await world.shop.open(into, 'postgres')
  expect(await restoreLogical(session, manifest, house.box)).toEqual([])
  expect(await compareLogical(session, manifest)).toEqual([])
  await session.close()
  const same = (text: string): string => text.replaceAll(from, 'it').replaceAll(into, 'it')
  expect(same(world.shop.dump(into))).toBe(same(world.shop.dump(from)))
  // Neither the socket of pg_dump nor the scratch server is left.
  expect(readdirSync(world.scratch)).toEqual([])
}, 120_000)

/** A pg_dump of ours, found where fetched programs lie, as one of a version that no server here has. */
function ownProgram(text: string): { scratch: string; end: () => void } {
  const scratch = mkdtempSync(join(tmpdir(), 'firebreak-own-'))
  const bin = join(scratch, 'postgresql-99', 'bin')
  mkdirSync(bin, { recursive: true })
  writeFileSync(join(bin, 'pg_dump'), text, { mode: 0o755 })
  return { scratch, end: () => rmSync(scratch, { recursive: true }) }
}

const lines = (what: readonly string[]): string => what.join('\n')
const lost = ['kinds.elsewhere', 'publication all_of_it', 'kinds.total', 'event trigger hears']

test('without pg_dump it is taken by plain SQL, as before, and says so; so are points from before', async () => {
  const from = world.kinds()
  const { manifest } = await world.taken(from, null)
  for (const part of lost) expect(lines(manifest.lacks)).toContain(part)
  expect(schemaBy(manifest)).toMatch(/^by plain SQL: fewer kinds of things come back \(/)
  const { dump: _, ...older } = manifest
  const read = parseLogicalManifest(logicalManifestText(older))
  expect(read).toEqual(older)
  expect(schemaBy(read)).toBe('by plain SQL: fewer kinds of things come back')
  const none = mkdtempSync(join(tmpdir(), 'firebreak-none-'))
  expect(await textsOf({ ...world.way(from), scratch: none }, 'none', 990_000)).toEqual({
    why: 'no pg_dump of PostgreSQL 99 or later is installed here',
  })
  rmSync(none, { recursive: true })
})

const failures: readonly (readonly [string, string, RegExp])[] = [
  ['fails', 'echo "pg_dump: error: it is ill" >&2; exit 1', /: it is ill$/],
  ['is killed when half is told', 'echo "CREATE SCHEMA a;"; kill -9 $$', /ended with SIGKILL$/],
  ['ends in the middle, and says that all is well', 'echo "CREATE SCHEMA a;"', /to its end/],
  [
    'tells what is no text of statements',
    'echo "CREATE SCHEMA a"; echo "-- PostgreSQL database dump complete"; echo',
    /cannot be read/,
  ],
]
for (const [name, text, why] of failures)
  test(`a pg_dump that ${name} keeps nothing from being taken, and nothing half is kept`, async () => {
    const { scratch, end } = ownProgram(`#!/bin/sh\n${text}\n`)
    const texts = await textsOf({ ...world.way('shop'), scratch }, 'none', 990_000)
    expect(texts).toEqual({ why: expect.stringMatching(why) })
    expect(readdirSync(scratch)).toEqual(['postgresql-99'])
    end()
  })

test('secret-stays: the program learns no password, and nothing else of this process', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'firebreak-told-'))
  const told = join(folder, 'told')
  const { scratch, end } = ownProgram(`#!/bin/sh\n{ env; echo "$@"; } > ${told}\nexit 1\n`)
  process.env['FIREBREAK_MARK'] = 'mark-of-this-process'
  await textsOf({ ...world.way('shop'), scratch }, 'none', 990_000)
  delete process.env['FIREBREAK_MARK']
  const heard = readFileSync(told, 'utf8')
  expect(heard).toContain('PGHOST=')
  expect(heard).not.toMatch(/PGPASS|mark-of-this-process|127\.0\.0\.1/)
  end()
  rmSync(folder, { recursive: true })
})

test('a table that the role may not read is told in one line', async () => {
  const from = world.kinds('CREATE TABLE kinds.mine (a int)')
  const session = await world.shop.open(from, 'postgres')
  const snapshot = await beginCopy(session.ask, true)
  const server = Number(world.shop.cluster.sql('SHOW server_version_num'))
  expect(await textsOf(world.way(from, 'shop_reader'), snapshot, server)).toEqual({
    why: expect.stringMatching(/^pg_dump did not come to its end: .*permission denied/),
  })
  await session.close()
})

test('no name and no text in the schema is a command to anybody', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'firebreak-open-'))
  chmodSync(folder, 0o777)
  const file = join(folder, 'planted')
  const bad = `x\n\\! touch ${file}\n; $$ /*`
  const from = world.shop.fresh()
  const owner = await world.shop.open(from, 'postgres')
  await owner.ask('CREATE SCHEMA kinds')
  await owner.ask(`CREATE TABLE kinds."${bad}" (a int)`)
  await owner.ask(`COMMENT ON TABLE kinds."${bad}" IS '\n\\! touch ${file}\n'`)
  await owner.ask(
    `CREATE FUNCTION kinds."f${bad}"() RETURNS int LANGUAGE sql AS $x$ SELECT 1 /* ;\n\\! touch ${file}\n*/ $x$`,
  )
  await owner.ask(`CREATE AGGREGATE kinds."a${bad}" (int) (sfunc = int4pl, stype = int)`)
  await owner.close()
  const { manifest, house } = await world.taken(from)
  expect(manifest.dump).toMatchObject({ by: expect.any(String) })
  expect(await drill(manifest.id, [], house)).toMatchObject({ wrong: [], passed: true })
  const session = await world.shop.open(empty(), 'postgres')
  expect(await restoreLogical(session, manifest, house.box)).toEqual([])
  expect(await compareLogical(session, manifest)).toEqual([])
  await session.close()
  expect(existsSync(file)).toBe(false)
  rmSync(folder, { recursive: true })
}, 120_000)

test('drill-proves: damage in the schema part fails the drill and the restore, and is named', async () => {
  const { manifest, house } = await world.taken(world.kinds())
  const name = house.box.name(dumpOf(manifest)?.after.sha256 ?? '')
  const file = join(house.place, 'objects', name.slice(0, 2), name)
  const bytes = readFileSync(file)
  const middle = Math.floor(bytes.length / 2)
  bytes[middle] = (bytes[middle] ?? 0) ^ 1
  chmodSync(file, 0o600)
  writeFileSync(file, bytes)
  const found = await drill(manifest.id, [], house)
  expect(found.passed).toBe(false)
  expect(lines(found.wrong)).toContain('the schema as pg_dump told it')
  expect(await leansOn(house.box, manifest.id)).toContain(dumpOf(manifest)?.after.sha256)
  const budget = openBudget(defaultLimits, house.clock, () => undefined)
  expect(await damageIn(manifest, house.box, { budget })).toBe('the schema as pg_dump told it')
  const session = await world.shop.open(empty(), 'postgres')
  await expect(restoreLogical(session, manifest, house.box)).rejects.toThrow(
    /the schema as pg_dump told it/,
  )
  await session.close()
}, 60_000)

test('drill-proves: a statement that did not come back is named, and one that nobody asked for', async () => {
  const { manifest, house } = await world.taken(world.kinds())
  const { after = [] } = (await scriptOf(manifest, house.box)) ?? {}
  const without = after.filter(({ shape }) => !shape.startsWith('CREATE EVENT TRIGGER '))
  const hears = 'CREATE EVENT TRIGGER hears ON ddl_command_end EXECUTE FUNCTION kinds.heard()'
  expect(differ(after, without)).toEqual([`\`${hears}\` did not come back`])
  expect(differ(without, after)).toEqual([`\`${hears}\` is there and was not`])
})

test('nothing of the copy commands the server of a drill: casts, validators, event triggers', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'firebreak-open-'))
  chmodSync(folder, 0o777)
  const file = join(folder, 'planted')
  const act = `EXECUTE 'COPY (SELECT 1) TO PROGRAM ''touch ${file}'''; EXCEPTION WHEN insufficient_privilege THEN NULL;`
  const from = world.kinds(`
CREATE FUNCTION kinds.named(tid) RETURNS text LANGUAGE plpgsql AS $$ BEGIN BEGIN ${act} END; RETURN 'x'; END $$;
CREATE CAST (tid AS text) WITH FUNCTION kinds.named(tid) AS IMPLICIT;
CREATE FUNCTION kinds.checks(text[], oid) RETURNS void LANGUAGE plpgsql AS $$ BEGIN ${act} END $$;
CREATE FOREIGN DATA WRAPPER checked VALIDATOR kinds.checks;
DROP EVENT TRIGGER hears;
CREATE FUNCTION kinds.acts() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN ${act} END $$;
CREATE EVENT TRIGGER acts ON ddl_command_end EXECUTE FUNCTION kinds.acts();`)
  const { manifest, house } = await world.taken(from)
  // In the source it was a superuser who made all that, and took a copy.
  rmSync(file, { force: true })
  const found = await drill(manifest.id, [], house)
  expect(found.wrong).toEqual([])
  const notes = lines(found.notes)
  expect(notes).toMatch(/not tried, since only a superuser may make it: `CREATE CAST \(tid/)
  expect(notes).toContain('`CREATE FOREIGN DATA WRAPPER checked')
  expect(existsSync(file)).toBe(false)
  rmSync(folder, { recursive: true })
}, 60_000)

test('whoever may read all, and is no superuser, has it too; who may not make all of it is told what', async () => {
  const { cluster } = world.shop
  cluster.sql('GRANT pg_read_all_data TO shop_clerk; ALTER ROLE shop_clerk BYPASSRLS')
  const from = world.kinds()
  const { manifest, house } = await world.taken(from, world.way(from, 'shop_clerk'))
  expect(manifest.dump).toMatchObject({ by: expect.any(String) })
  expect((await drill(manifest.id, [], house)).wrong).toEqual([])
  const into = empty()
  cluster.sql(`ALTER DATABASE ${into} OWNER TO shop_owner`)
  cluster.sql('CREATE EXTENSION postgres_fdw', into)
  const session = await world.shop.open(into)
  const left = lines(await restoreLogical(session, manifest, house.box))
  await session.close()
  expect(left).toMatch(
    /`CREATE EVENT TRIGGER hears [^\n]*: permission denied to create event trigger/,
  )
  expect(left).toMatch(/`CREATE FOREIGN DATA WRAPPER far`: permission denied/)
  const query = "SELECT kinds.total(n) || ' ' || count(*) FROM kinds.notes"
  expect(cluster.sql(query, into).trim()).toBe('6 2')
}, 120_000)

test('over TLS it is the same server by the same check, or none', async () => {
  const user = { name: 'keeper', password: 'its word', how: 'scram-sha-256' } as const
  const cluster = await startCluster({ tls: 'demanded', users: [user] })
  try {
    const session = await openSession(cluster.url())
    const snapshot = await beginCopy(session.ask, true)
    const server = Number(cluster.sql('SHOW server_version_num'))
    const texts = async (ca: string | null) =>
      await textsOf(
        {
          scratch: world.scratch,
          lead: async (socket) =>
            await openLead(
              {
                target: {
                  name: 'db',
                  host: 'localhost',
                  port: cluster.port,
                  user: 'keeper',
                  database: 'postgres',
                  tls: { kind: 'verify', ca },
                },
                secret: new Secret(user.password),
                chance: realChance,
                timer: realTimer,
                connectMs: 10_000,
              },
              socket,
            ),
        },
        snapshot,
        server,
      )
    expect(await texts(readFileSync(cluster.ca ?? '', 'utf8'))).toMatchObject({
      by: expect.stringMatching(/^pg_dump/),
    })
    expect(await texts(null)).toEqual({ why: expect.stringMatching(/certificate/) })
    await session.close()
  } finally {
    await cluster.stop()
  }
}, 60_000)
