/** A vault on a disk with the keys of a daemon and of its owners, for tests of who can open it. */
import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generateX25519Identity, identityToRecipient } from 'age-encryption'
import { afterAll } from 'vitest'
import { ownSigning, signingOf } from '../../src/app/signing.ts'
import { openSeal } from '../../src/custody/seal.ts'
import { openBox } from '../../src/vault/box.ts'
import type { Box } from '../../src/vault/box.ts'
import { openOwnKeys } from '../../src/vault/keys-own.ts'
import type { KeyHouse } from '../../src/vault/keys-own.ts'
import { openOwnerKeys } from '../../src/vault/keys-owner.ts'
import type { Keys } from '../../src/vault/keys.ts'
import { openDiskStore } from '../../src/vault/store-disk.ts'
import type { Store } from '../../src/vault/store.ts'
import { bytesOf, textOf } from './store-contract.ts'

export interface Person {
  readonly identity: string
  readonly recipient: string
}

export async function person(): Promise<Person> {
  const identity = await generateX25519Identity()
  return { identity, recipient: await identityToRecipient(identity) }
}

/** What a daemon with this key has. */
export function daemonOf(fill: number, now = Date.now()): KeyHouse {
  const seal = openSeal(new Uint8Array(32).fill(fill))
  return {
    ...ownSigning(seal),
    machine: seal.derive('vault'),
    seal,
    clock: { now: () => now, steady: () => 0 },
    chance: randomBytes,
  }
}

const made = mkdtempSync(join(tmpdir(), 'firebreak-keys-'))
afterAll(() => rmSync(made, { recursive: true, force: true }))

export function freshFolder(): string {
  return mkdtempSync(join(made, 'store-'))
}

export async function storeIn(folder: string): Promise<Store> {
  return await openDiskStore(folder, randomBytes, Date.now())
}

/** A daemon that starts on this store, and lets these people in. */
export async function start(
  store: Store,
  house: KeyHouse,
  people: readonly Person[],
): Promise<Box & { readonly keys: Awaited<ReturnType<typeof openOwnKeys>> }> {
  const keys = await openOwnKeys(store, house)
  await keys.letIn(people.map(({ recipient }) => recipient))
  return { ...openBox(store, keys, randomBytes), keys }
}

/** The store as its owner opens it, who has nothing else. */
export async function asOwner(
  store: Store,
  { identity }: Person,
  signer: string | null = null,
): Promise<Box & { readonly keys: Keys; readonly machine: Uint8Array | null }> {
  const opened = await openOwnerKeys(store, { identities: [identity], signer, signingOf })
  return { ...openBox(store, opened.keys, randomBytes), ...opened }
}

/** Puts content and a point that names it, as an engine does. */
export async function putPoint(box: Box, id: string, content: string): Promise<void> {
  const sha256 = sha256Of(content)
  const staging = await box.store.stage()
  await staging.put(box.name(sha256), box.seal(bytesOf(content)), false)
  await staging.settle()
  await staging.name(id, box.sealManifest(id, manifestOf(id, content)))
  await staging.discard()
}

export function manifestOf(id: string, content: string): string {
  return JSON.stringify({ id, items: [{ sha256: sha256Of(content) }] })
}

/** What a reader of the point gets: its content, or the code of why not. */
export async function read(box: Box, id: string, content: string): Promise<string> {
  try {
    if ((await box.manifestText(id)) !== manifestOf(id, content)) return 'another manifest'
    return await textOf(box.open(sha256Of(content)))
  } catch (thrown) {
    return thrown instanceof Error && 'code' in thrown ? String(thrown.code) : String(thrown)
  }
}

export function keyFilesIn(folder: string): readonly string[] {
  const keys = join(folder, 'keys')
  return readdirSync(keys)
    .toSorted()
    .map((name) => readFileSync(join(keys, name), 'utf8'))
}

function sha256Of(content: string): string {
  return createHash('sha256').update(content).digest('hex')
}
