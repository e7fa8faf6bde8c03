/** tamper-shows: the last head is found whichever folder the config named before. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { signCheckpoint } from '../ledger/checkpoint.ts'
import { openLedger } from '../ledger/ledger.ts'
import { openSigner } from '../ledger/note.ts'
import { openSqlite } from '../store/sqlite.ts'
import { openHeads, seenHead } from './head.ts'

const signer = openSigner('firebreak', new Uint8Array(32).fill(1))
const name = `head-${signer.verifier.split('+')[1] ?? ''}`
const noted = (size: number): string =>
  signCheckpoint({ origin: 'firebreak', size, root: new Uint8Array(32).fill(size) }, signer)
let dir: string
let places: { readonly state: string; readonly vault: { readonly store: string } }

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'firebreak-head-'))
  places = { state: join(dir, 'state'), vault: { store: join(dir, 'vault') } }
  for (const folder of [places.state, places.vault.store]) mkdirSync(folder)
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

test.each<[string, string | null, string | null, string | null]>([
  ['nothing was seen', null, null, null],
  ['a first `vault:` was written by hand', noted(7), null, noted(7)],
  ['there was always a vault', null, noted(7), noted(7)],
  ['the vault was there before, and then was not for a while', noted(9), noted(7), noted(9)],
  ['the state was put back from before the vault', noted(7), noted(9), noted(9)],
  ['what is in the vault was changed', noted(7), 'no note', 'no note'],
])('%s', (_, inState, inVault, seen) => {
  if (inState !== null) writeFileSync(join(places.state, name), inState)
  if (inVault !== null) writeFileSync(join(places.vault.store, name), inVault)
  expect(seenHead(places, signer.verifier)).toBe(seen)
})

test('once it is remembered in the vault, the state has none that would tell of another length', async () => {
  const state = openSqlite(':memory:')
  const ledger = openLedger(signer)
  const entry = { kind: 'halted', at: 1, subject: null, principal: null, body: {} } as const
  await state.transact(async (tx) => ledger.append(tx, [entry]))
  writeFileSync(join(places.state, name), noted(7))
  const heads = openHeads(places, state, signer.verifier)
  await heads.renew()
  expect(readdirSync(places.state)).toEqual([])
  expect(heads.seen()).toMatch(/^firebreak\n1\n/)
  state.close()
})
