/** A program in another language, sharing no code, opens a vault with the store and an identity, and gives the same bytes. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sealBytes } from '../../src/vault/chunks.ts'
import { keyIdOf, keyText, parseKeyFile } from '../../src/vault/keys-file.ts'
import { signPoint } from '../../src/vault/keys-sign.ts'
import {
  asOwner,
  daemonOf,
  manifestOf,
  person,
  putPoint,
  read,
  start,
  storeIn,
} from './keys-house.ts'
import type { Person } from './keys-house.ts'
import { bytesOf, gather } from './store-contract.ts'

const folder = mkdtempSync(join(tmpdir(), 'firebreak-second-vault-'))
const binary = join(folder, 'second-reader')

// Without Go or age this fails and does not skip: the promise that others can read is not kept by a test that did not run.
beforeAll(() => {
  if (spawnSync('age', ['--version']).error !== undefined)
    throw new Error('the second reader cannot run: no `age`; install the Debian package `age`')
  const source = join(import.meta.dirname, 'second-reader/main.go')
  const built = spawnSync('go', ['build', '-o', binary, source], {
    env: {
      ...process.env,
      GO111MODULE: 'off',
      GOFLAGS: '',
      CGO_ENABLED: '0',
      GOCACHE: join(tmpdir(), 'firebreak-go-cache'),
    },
    encoding: 'utf8',
  })
  if (built.status !== 0)
    throw new Error(
      `the second reader cannot be built: ${built.error?.message ?? built.stderr}; install the Debian package \`golang-go\``,
    )
}, 300_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Second {
  readonly status: number | null
  readonly manifest: string
  readonly why: string
  readonly contents: readonly string[]
}

function second(store: string, who: Person, signer: string, id: string): Second {
  const home = mkdtempSync(join(folder, 'home-'))
  const identity = join(home, 'identity')
  writeFileSync(identity, `# made for a test\n${who.identity}\n`, { mode: 0o600 })
  const out = join(home, 'out')
  mkdirSync(out)
  const { status, stdout, stderr } = spawnSync(binary, [store, identity, signer, id, out], {
    encoding: 'utf8',
  })
  const contents = readdirSync(out).map((name) => readFileSync(join(out, name), 'utf8'))
  return { status, manifest: stdout, why: stderr, contents }
}

const daemon = daemonOf(1)

test('points under the key of the machine, and under two keys of the store', async () => {
  const [ada, ben, eve] = [await person(), await person(), await person()]
  const place = join(folder, 'store')
  const store = await storeIn(place)
  const long = 'three cars '.repeat(20_000)
  await putPoint(await start(store, daemon, []), 'point_one', 'one')
  await putPoint(await start(store, daemon, [ada, ben]), 'point_two', long)
  const last = await start(store, daemon, [ben])
  await putPoint(last, 'point_three', '')
  for (const [id, content] of [
    ['point_one', 'one'],
    ['point_two', long],
    ['point_three', ''],
  ] as const)
    expect(second(place, ben, daemon.signer, id)).toEqual({
      status: 0,
      manifest: manifestOf(id, content),
      why: '',
      contents: [content],
    })
  expect(second(place, ada, daemon.signer, 'point_three').why).toContain('does not open')
  expect(second(place, eve, daemon.signer, 'point_two').why).toContain('opens no key')
  expect(second(place, ben, daemonOf(2).signer, 'point_two').why).toContain('opens no key')
}, 60_000)

interface Vector {
  readonly identity: string
  readonly recipient: string
  readonly signer: string
  readonly machineKey: string
  readonly dataKey: string
  readonly point: string
  readonly content: string
  /** Path in the store, and its bytes in base64. */
  readonly files: Readonly<Record<string, string>>
}

const vector: Vector = JSON.parse(
  readFileSync(join(import.meta.dirname, '../vectors/recovery-point/keyed.json'), 'utf8'),
)

test('the vector: both readers give its content, and writing it anew gives its bytes', async () => {
  const place = join(folder, 'vector')
  for (const [path, base64] of Object.entries(vector.files)) {
    mkdirSync(dirname(join(place, path)), { recursive: true })
    writeFileSync(join(place, path), Buffer.from(base64, 'base64'))
  }
  const { point, content, signer } = vector
  const text = manifestOf(point, content)
  const found = second(place, vector, signer, point)
  expect(found).toEqual({ status: 0, manifest: text, why: '', contents: [content] })
  expect(signer).toBe(daemon.signer)
  const store = await storeIn(place)
  const owner = await asOwner(store, vector, signer)
  expect(await read(owner, point, content)).toBe(content)
  expect(Buffer.from(owner.machine ?? []).toString('hex')).toBe(vector.machineKey)
  expect(await read(await start(store, daemon, []), point, content)).toBe(content)

  const key = Buffer.from(vector.dataKey, 'hex')
  const by = { id: keyIdOf(key), key }
  const sealed = async (path: string, plain: string, context: string): Promise<void> => {
    const bytes = Buffer.from(vector.files[path] ?? '', 'base64')
    // Salt and nonces are what is left to chance.
    const again = await gather(
      sealBytes(bytesOf(plain), { ...by, context }, bytes.subarray(24, 56)),
    )
    expect(again.toString('base64'), path).toBe(vector.files[path])
  }
  const object = Object.keys(vector.files).find((path) => path.startsWith('objects/')) ?? ''
  await sealed(object, content, 'object')
  await sealed(`points/${point}.manifest`, signPoint(point, text, daemon.signing), `point ${point}`)
  const keys = Object.keys(vector.files).filter((path) => path.startsWith('keys/'))
  expect(keys).toHaveLength(2)
  for (const path of keys) {
    const note = Buffer.from(vector.files[path] ?? '', 'base64').toString('utf8')
    const file = parseKeyFile(note)?.file
    const again = file === undefined ? '' : keyText(file)
    expect(`${again}\n${daemon.signing.sign?.(again) ?? ''}`).toBe(note)
    expect(file?.recipients).toEqual([vector.recipient])
  }
})
