/** Two credentials of one platform that reach the same thing show it once, whatever account each is of. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { kestrel, startKestrel } from '../../sim/tenant.ts'
import type { RehearsalRailway } from '../../sim/railway/railway.ts'
import { reachOf } from '../../src/app/reach.ts'
import type { Reached } from '../../src/app/reach.ts'
import { findIn } from '../../src/scan/find.ts'
import { merge } from '../../src/scan/merged.ts'
import { nounOf, sentenceOf } from '../../src/scan/radius-words.ts'
import { drawn } from './planted.ts'
import { startPlatforms } from './reach-server.ts'

const dir = mkdtempSync(join(tmpdir(), 'firebreak-scan-joined-'))
let railway: RehearsalRailway
beforeAll(async () => {
  railway = await startKestrel({ dir: join(dir, 'platform'), port: 0 })
})
afterAll(async () => {
  await railway.close()
  rmSync(dir, { recursive: true, force: true })
})

const asked = async (text: string, name: string, url: string): Promise<Reached> =>
  await reachOf(merge(findIn(text, '.env')), {
    instead: new Map([[name, url]]),
    before: () => {},
    progress: () => {},
    place: () => '.env',
  })
const many = ({ graph }: Reached, kind: string): number =>
  graph.nodes.filter((node) => node.kind === kind).length

test('railway: a token of the account and one of a project show each volume, backup and environment once', async () => {
  const { tokens } = kestrel
  const account = `RAILWAY_TOKEN=${railway.token(tokens.domains)}\n`
  const project = `RAILWAY_STAGING_TOKEN=${railway.token(tokens.staging)}\n`
  const url = new URL(railway.graphql).origin
  const alone = await asked(account, 'railway', url)
  // Whichever stands first in the file.
  for (const text of [account + project, project + account]) {
    const both = await asked(text, 'railway', url)
    expect(both.held.map(({ reach }) => reach.kind)).toEqual(['told', 'told'])
    for (const kind of ['resource', 'backup', 'environment'])
      expect([kind, many(both, kind)]).toEqual([kind, many(alone, kind)])
    const subjects = (reached: Reached): ReadonlySet<string> =>
      new Set(reached.findings.flatMap(({ finding, subject }) => (finding === null ? subject : [])))
    expect(subjects(both)).toEqual(subjects(alone))
    const sentences = both.held.map((one) => sentenceOf(both.graph, one, nounOf('railway-token')))
    expect(new Set(sentences)).toEqual(
      new Set([
        'this token can delete production and its 3 backups, and staging too',
        expect.stringMatching(/^this token can delete staging/),
      ]),
    )
  }
  expect(railway.mutations()).toBe(0)
})

test('supabase: the key of a project and the token of its account show one project', async () => {
  const platforms = await startPlatforms()
  const ref = 'abcdefghijklmnopqrst'
  platforms.say({
    'api.supabase.com/v1/projects': {
      body: [{ id: ref, ref, organization_slug: 'kestrel', name: 'shop' }],
    },
    [`api.supabase.com/v1/projects/${ref}/database/backups`]: {
      body: { backups: [{ id: 1, status: 'COMPLETED', inserted_at: '2026-11-26' }] },
    },
    [`${ref}.supabase.co/rest/v1/`]: { body: { definitions: { bookings: {} } } },
  })
  const key = ['{"alg":"HS256"}', JSON.stringify({ role: 'service_role', ref }), drawn('s', 32)]
    .map((part) => Buffer.from(part).toString('base64url'))
    .join('.')
  const text = `A=sbp_${drawn('supabase', 40)
    .toLowerCase()
    .replaceAll(/[^0-9a-f]/g, 'a')}\nB=${key}\n`
  const both = await asked(text, 'supabase', platforms.url)
  await platforms.close()
  expect(both.held.map(({ reach }) => reach.kind)).toEqual(['told', 'told'])
  expect(many(both, 'resource')).toBe(1)
  expect(many(both, 'backup')).toBe(1)
  // The key empties every table; the platform's own backups go by the account's token alone.
  const said = both.held.map((one) => sentenceOf(both.graph, one, nounOf('supabase-key')))
  expect(new Set(said)).toEqual(
    new Set([
      'this key can delete project shop and its 1 backup',
      'this key can delete project shop; 1 copy would be left',
    ]),
  )
})
