/** Who can open a vault, from when on, and what of it is to be believed. */
import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  copyFileSync,
  readdirSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { beforeEach, expect, test } from 'vitest'
import { openBox } from '../../src/vault/box.ts'
import { keyIdOf, keyText, parseKeyFile } from '../../src/vault/keys-file.ts'
import { wrapKey } from '../../src/vault/keys-age.ts'
import { openOwnKeys } from '../../src/vault/keys-own.ts'
import type { Store } from '../../src/vault/store.ts'
import {
  asOwner,
  daemonOf,
  freshFolder,
  keyFilesIn,
  manifestOf,
  person,
  putPoint,
  read,
  start,
  storeIn,
} from './keys-house.ts'
import { bytesOf } from './store-contract.ts'

let folder: string
let store: Store
const [daemon, stranger] = [daemonOf(1), daemonOf(2)]
const [ada, ben, eve] = [await person(), await person(), await person()]

beforeEach(async () => {
  folder = freshFolder()
  store = await storeIn(folder)
})

/** Writes a key file as someone who can write to the store does. */
async function plant(name: string, text: string, house = stranger): Promise<void> {
  await store.putKey(name, bytesOf(`${text}\n${house.signing.sign?.(text) ?? ''}`))
}

async function forgedKey(key: Uint8Array, signer = stranger.signer): Promise<string> {
  const age = await wrapKey(key, [ada.recipient])
  const recipients = [ada.recipient]
  return keyText({ key: keyIdOf(key), of: 'data', at: 1, signer, recipients, sealed: 'x', age })
}

test('an owner opens with the store and an identity what the daemon put, before and after', async () => {
  const early = await start(store, daemon, [])
  await putPoint(early, 'point_early', 'before there were owners')
  const late = await start(store, daemon, [ada])
  await putPoint(late, 'point_late', 'after')
  for (const box of [late, await start(store, daemon, []), await asOwner(store, ada)]) {
    expect(await read(box, 'point_early', 'before there were owners')).toMatch(/^before/)
    expect(await read(box, 'point_late', 'after')).toBe('after')
    expect(await box.proof('point_early')).toMatchObject({ key: null, signed: true })
    expect(await box.proof('point_late')).toMatchObject({
      key: late.keys.current().id,
      signed: true,
    })
  }
  expect((await asOwner(store, ada)).machine).toEqual(daemon.machine)
  // A person has accepted them while it ran.
  await early.keys.letIn([ada.recipient])
  expect(early.keys.current()).toEqual(late.keys.current())
  expect(await read(early, 'point_late', 'after')).toBe('after')
})

test('key files that somebody took away while it runs are put back before a point counts', async () => {
  const box = await start(store, daemon, [ada])
  const { keys } = box
  await putPoint(box, 'point_before', 'before')
  const current = keys.current().id
  for (const name of readdirSync(join(folder, 'keys'))) unlinkSync(join(folder, 'keys', name))
  await box.stand()
  expect(keys.current().id).toBe(current)
  for (const again of [await start(store, daemon, []), await asOwner(store, ada)])
    expect(await read(again, 'point_before', 'before')).toBe('before')
})

test('the key of the daemon is not among what an owner gets, and none is in clear in the store', async () => {
  const { keys } = await start(store, daemon, [ada])
  const texts = keyFilesIn(folder).join('')
  for (const { key } of keys.all())
    for (const encoding of ['hex', 'base64', 'base64url'] as const)
      expect(texts).not.toContain(Buffer.from(key).toString(encoding))
  expect(keyFilesIn(folder)).toHaveLength(2)
})

test('who is not among the recipients opens nothing', async () => {
  await start(store, daemon, [ada])
  await expect(asOwner(store, eve)).rejects.toMatchObject({
    code: 'custody_locked',
    message: expect.stringContaining('this identity opens no key'),
  })
  await expect(asOwner(await storeIn(freshFolder()), ada)).rejects.toMatchObject({
    message: expect.stringContaining('no key that was wrapped to anybody'),
  })
})

test('who comes in opens all, who goes opens nothing that is put from then on', async () => {
  const first = await start(store, daemon, [ada])
  await putPoint(first, 'point_one', 'one')
  const second = await start(store, daemon, [ada, ben])
  await putPoint(second, 'point_two', 'two')
  expect(second.keys.current()).toEqual(first.keys.current())
  expect(await read(await asOwner(store, ben), 'point_one', 'one')).toBe('one')
  const third = await start(store, daemon, [ben])
  await putPoint(third, 'point_three', 'three')
  expect(third.keys.current().id).not.toBe(first.keys.current().id)
  const gone = await asOwner(store, ada)
  expect(await read(gone, 'point_two', 'two')).toBe('two')
  expect(await read(gone, 'point_three', 'three')).toBe('broken_store')
  await expect(gone.proof('point_three')).rejects.toThrow(String(third.keys.current().id))
  for (const id of ['one', 'two', 'three'])
    for (const box of [third, await asOwner(store, ben)])
      expect(await read(box, `point_${id}`, id)).toBe(id)
})

test('the same owners again, and an empty list, change nothing', async () => {
  const { keys } = await start(store, daemon, [ada, ben])
  const before = keyFilesIn(folder)
  for (const people of [[ben, ada], [], [ada, ada, ben]]) {
    const again = await start(store, daemon, people)
    expect(again.keys.current()).toEqual(keys.current())
    expect(keyFilesIn(folder)).toEqual(before)
  }
})

test('a clock that was set back makes no new key an old one', async () => {
  await start(store, daemonOf(1, 2_000_000_000_000), [ada])
  const back = await start(store, daemonOf(1, 1_000_000_000_000), [ben])
  await putPoint(back, 'point_back', 'back')
  const files = keyFilesIn(folder).length
  const again = await start(store, daemonOf(1, 1_000_000_000_000), [ben])
  expect(again.keys.current()).toEqual(back.keys.current())
  expect(keyFilesIn(folder)).toHaveLength(files)
  expect(await read(await asOwner(store, ada), 'point_back', 'back')).toBe('broken_store')
})

test('signed-points: who holds the key forges no point', async () => {
  const box = await start(store, daemon, [ada])
  await putPoint(box, 'point_true', 'true')
  const { keys } = await asOwner(store, ada)
  const readers = [box, await asOwner(store, ada), await asOwner(store, ada, daemon.signer)]
  const unsigned = openBox(store, { ...keys, signing: null }, randomBytes)
  await putPoint(unsigned, 'point_bare', 'forged')
  const other = openBox(store, { ...keys, signing: stranger.signing }, randomBytes)
  await putPoint(other, 'point_other', 'forged')
  // The daemon's own signature, of another point.
  const signed = openBox(store, { ...keys, signing: null }, randomBytes)
  const lines = (await signed.proof('point_true')).text
  expect(lines).toContain('\n— firebreak ')
  for (const [id, text] of [
    ['point_moved', lines],
    ['point_longer', lines.replace('[{', '[{},{')],
    ['point_twice', `${lines}${lines.split('\n')[1] ?? ''}\n`],
  ] as const) {
    const staging = await store.stage()
    await staging.name(id, signed.sealManifest(id, text))
    await staging.discard()
  }
  for (const reader of readers)
    for (const id of ['point_bare', 'point_other', 'point_moved', 'point_longer', 'point_twice'])
      await expect(reader.proof(id), id).rejects.toMatchObject({ code: 'broken_store' })
  for (const reader of readers) expect(await read(reader, 'point_true', 'true')).toBe('true')
})

test('a point from before there were signatures is told as such, and does not count where a signer is named', async () => {
  await putPoint(openBox(store, daemon.machine, randomBytes), 'point_old', 'old')
  const box = await start(store, daemon, [ada])
  for (const reader of [box, await asOwner(store, ada)]) {
    expect(await reader.proof('point_old')).toEqual({
      text: manifestOf('point_old', 'old'),
      key: null,
      signed: false,
    })
    expect(await read(reader, 'point_old', 'old')).toBe('old')
  }
  const pinned = await asOwner(store, ada, daemon.signer)
  await expect(pinned.proof('point_old')).rejects.toThrow('is not signed')
})

test('a key that a stranger wrapped to the owner, under the first name, counts for nobody', async () => {
  await plant('key_000', await forgedKey(new Uint8Array(32).fill(5)))
  const box = await start(store, daemon, [ada])
  expect(box.keys.odd()).toEqual(['key_000'])
  await putPoint(box, 'point_true', 'true')
  const mine = openBox(
    store,
    {
      current: () => ({ id: keyIdOf(new Uint8Array(32).fill(5)), key: new Uint8Array(32).fill(5) }),
      all: () => [],
      signing: stranger.signing,
      unsigned: 'taken',
    },
    randomBytes,
  )
  await putPoint(mine, 'point_forged', 'forged')
  expect(await read(box, 'point_forged', 'forged')).toBe('broken_store')
  // Nobody says which of the two is right: so the owner must.
  await expect(asOwner(store, ada)).rejects.toMatchObject({
    code: 'broken_store',
    message: expect.stringContaining(stranger.signer),
    hint: expect.stringContaining('--signer'),
  })
  const pinned = await asOwner(store, ada, daemon.signer)
  expect(await read(pinned, 'point_true', 'true')).toBe('true')
  expect(await read(pinned, 'point_forged', 'forged')).toBe('broken_store')
  await expect(asOwner(store, ada, daemonOf(3).signer)).rejects.toMatchObject({
    code: 'broken_store',
    message: expect.stringContaining('no key in the vault is signed by the signer'),
  })
})

test("a key file in the daemon's name that it has not signed counts for nobody", async () => {
  const key = new Uint8Array(32).fill(5)
  await plant('key_000', await forgedKey(key, daemon.signer))
  await plant('key_zzz', await forgedKey(key, daemon.signer))
  const box = await start(store, daemon, [ada])
  expect(box.keys.odd()).toEqual(['key_000', 'key_zzz'])
  expect(box.keys.all().map((each) => each.id)).not.toContain(keyIdOf(key))
  const owner = await asOwner(store, ada)
  expect(owner.keys.all().map((each) => each.id)).not.toContain(keyIdOf(key))
})

test('the age file of one key in the place of another is noticed by its signature', async () => {
  await start(store, daemon, [ada])
  const [one = '', two = ''] = keyFilesIn(folder)
  const ageOf = (text: string): string =>
    /-----BEGIN[^]*END AGE ENCRYPTED FILE-----\n/.exec(text)?.[0] ?? ''
  await store.putKey('key_zzz', bytesOf(one.replace(ageOf(one), ageOf(two))))
  expect((await openOwnKeys(store, daemon)).odd()).toEqual(['key_zzz'])
})

const files = (): readonly string[] =>
  readdirSync(join(folder, 'keys')).map((name) => join(folder, 'keys', name))

test.each<[string, () => void]>([
  [
    'swapped',
    () => {
      const [one = '', two = ''] = files()
      renameSync(one, `${folder}/kept`)
      renameSync(two, one)
      renameSync(`${folder}/kept`, two)
    },
  ],
  ['copied', () => files().forEach((file) => copyFileSync(file, file.replace('key_', 'key_000')))],
  ['joined by rubbish', () => writeFileSync(join(folder, 'keys/key_000.key'), randomBytes(99))],
  [
    'joined by a long one',
    () => writeFileSync(join(folder, 'keys/key_000.key'), 'a'.repeat(99_999)),
  ],
])('key files that were %s change nothing', async (_, change) => {
  const box = await start(store, daemon, [ada])
  await putPoint(box, 'point_a', 'a')
  change()
  const again = await start(store, daemon, [ada])
  expect(again.keys.current()).toEqual(box.keys.current())
  expect(await read(again, 'point_a', 'a')).toBe('a')
  expect(await read(await asOwner(store, ada), 'point_a', 'a')).toBe('a')
})

test('a key file that was cut at any place opens nothing, and hides no other', async () => {
  const box = await start(store, daemon, [ada])
  await putPoint(box, 'point_a', 'a')
  const file = files().find((each) => readFileSync(each, 'utf8').includes('of data')) ?? ''
  const whole = readFileSync(file)
  chmodSync(file, 0o600)
  for (const at of [0, 10, 200, whole.length - 80, whole.length - 1]) {
    writeFileSync(file, whole.subarray(0, at))
    const cut = await openOwnKeys(store, daemon)
    expect([cut.odd().length, cut.current().id], `${at}`).toEqual([1, null])
    await expect((await asOwner(store, ada)).proof('point_a')).rejects.toThrow(
      'which is not at hand',
    )
  }
  // A new key takes its place, and the old one is there again when its file is.
  const after = await start(store, daemon, [ada])
  await putPoint(after, 'point_b', 'b')
  writeFileSync(file, whole)
  const mended = await asOwner(store, ada)
  expect([await read(mended, 'point_a', 'a'), await read(mended, 'point_b', 'b')]).toEqual([
    'a',
    'b',
  ])
})

test('a key file that was printed reads the same, and any other bit is none or not signed', async () => {
  await start(store, daemon, [ada, ben])
  for (const note of keyFilesIn(folder)) {
    const found = parseKeyFile(note)
    expect(found === null ? '' : `${keyText(found.file)}\n${found.line}`).toBe(note)
    fc.assert(
      fc.property(fc.nat(note.length - 1), fc.integer({ min: 0, max: 6 }), (at, bit) => {
        const bytes = Buffer.from(note)
        bytes[at] = (bytes[at] ?? 0) ^ (1 << bit)
        const changed = parseKeyFile(bytes.toString('utf8'))
        expect(changed !== null && daemon.signing.check(changed.text, changed.line), `${at}`).toBe(
          false,
        )
      }),
    )
  }
})

test('a recipient that no key can be wrapped to is told, and nothing is put', async () => {
  const keys = await openOwnKeys(store, daemon)
  const mistyped = `${ada.recipient.slice(0, -1)}${ada.recipient.endsWith('q') ? 'p' : 'q'}`
  await expect(keys.letIn([mistyped])).rejects.toMatchObject({
    code: 'bad_config',
    message: expect.stringContaining(`\`${mistyped}\` is no age recipient`),
  })
  expect(await store.keys()).toEqual([])
})
