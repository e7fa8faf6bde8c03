/** PostgreSQL's programs from npm: only what is known is unpacked, and a scratch server starts on them. */
import { chmodSync, chownSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { dialScratch } from '../../src/app/databases.ts'
import { fetchPrograms } from '../../src/app/fetch-programs.ts'
import { realChance } from '../../src/app/world.ts'
import { fetchable } from '../../src/vault/programs-known.ts'
import { findPrograms, programsFor } from '../../src/vault/programs.ts'
import { startScratch } from '../../src/vault/scratch.ts'
import { firebreak } from '../run.ts'

// The newest that is known: no distribution's package of it is on the machine.
const major = 18
let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'firebreak-fetch-'))
  // Servers run as another user where this is root.
  chmodSync(folder, 0o755)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('where none is installed, the way to get it is said', async () => {
  await expect(programsFor(major, { exact: true, folder })).rejects.toMatchObject({
    code: 'not_found',
    hint: expect.stringContaining('firebreak drill --fetch 18'),
  })
  expect(fetchable(9)).toBeNull()
  expect(fetchable(major, 'plan9-mips')).toBeNull()
})

test('what npm gives is held to the known hash: another is not unpacked, and nothing is left of it', async () => {
  const known = fetchable(major)
  if (known === null) throw new Error('no package for this machine')
  const other = { ...known, integrity: `sha512-${'A'.repeat(86)}==` }
  await expect(fetchPrograms(major, folder, other)).rejects.toMatchObject({ code: 'broken_store' })
  expect(readdirSync(folder)).toEqual([])
})

test('drill-proves: `drill --fetch` brings programs on which a scratch server with amcheck starts; a second time says that they are there', async () => {
  const config = join(folder, 'firebreak.yaml')
  writeFileSync(
    config,
    `version: 1\nstate: ${folder}/state\nlisten: 127.0.0.1:0\ntargets: { r: { platform: railway, url: "https://railway.example/graphql", environments: { p: { id: p } } } }\nvault: { store: ${folder}/store, scratch: ${folder}/scratch }\n`,
  )
  const fetched = await firebreak(['drill', '--fetch', String(major), '--config', config])
  expect(fetched).toBe(`PostgreSQL 18 for drills is in ${folder}/scratch/postgresql-18\n`)
  const scratch = join(folder, 'scratch')
  const programs = await programsFor(major, { exact: true, folder: scratch })
  const server = await startScratch({ programs, folder: scratch, chance: realChance })
  try {
    const session = await dialScratch({ ...server, database: 'postgres' })
    await session.ask('CREATE EXTENSION amcheck')
    const [row] = await session.ask(`SELECT current_setting('server_version') AS version`)
    expect(row?.['version']).toMatch(/^18\./)
    await session.close()
  } finally {
    await server.stop()
  }
  const again = await firebreak(['drill', '--fetch', String(major), '--config', config])
  expect(again).toContain('is there already')
}, 120_000)

test.runIf(process.getuid?.() === 0)(
  'programs in a folder that is somebody else’s are none',
  async () => {
    const scratch = join(folder, 'scratch')
    chownSync(scratch, 65_534, 65_534)
    expect(await findPrograms(major, { exact: true, folder: scratch })).toBeNull()
  },
)
