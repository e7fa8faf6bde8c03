/** Saved pushes in the daemon: bundles, sealed, beside the state and outside of any repository; each proven to hold the old ids of its hold. */
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { FirebreakError } from '../base/error.ts'
import { canonical, isObject, parseJson, toJson } from '../base/json.ts'
import type { Clock } from '../base/clock.ts'
import { openBytes, sealBytes } from '../custody/seal-bytes.ts'
import type { OpenSeal } from '../custody/seal.ts'
import { pushIn } from '../gateways/hook/push.ts'
import type { Push } from '../gateways/hook/push.ts'
import type { Ledger, State, Tx } from '../guard/ports.ts'

export interface SavedPush {
  readonly push: Push
  readonly bytes: number
  readonly sha256: string
  readonly at: number
}

export interface SavedPushes {
  /** Keeps a bundle for a hold; throws where it is not whole or does not hold what the push writes over. */
  readonly keep: (hold: string, push: Push, bundle: Buffer) => Promise<void>
  readonly of: (tx: Tx, hold: string) => Promise<SavedPush | null>
  /** The bundle as it was given, read back and compared. */
  readonly open: (hold: string, saved: SavedPush) => Buffer
  /** Where a person's own git may read the opened one. */
  readonly file: (hold: string) => string
}

interface SavedHouse {
  readonly folder: string
  readonly state: State
  readonly seal: OpenSeal
  readonly ledger: Ledger
  readonly clock: Clock
}

/** All of them together: who pushes in a loop must not fill the disk. */
const mostBytes = 1024 ** 3

export function openSavedPushes({ folder, state, seal, ledger, clock }: SavedHouse): SavedPushes {
  const key = seal.derive('pushes')
  const fileOf = (hold: string): string => join(folder, `${hold}.sealed`)
  const idOf = (hold: string): string => `push:${hold}`
  const open: SavedPushes['open'] = (hold, { sha256 }) => {
    if (!existsSync(fileOf(hold)))
      throw new FirebreakError('broken_store', `what was saved for \`${hold}\` is gone`)
    const bundle = openBytes(key, readFileSync(fileOf(hold)), idOf(hold))
    if (sumOf(bundle) !== sha256)
      throw new FirebreakError('broken_store', `what was saved for \`${hold}\` is another bundle`)
    return bundle
  }
  return {
    open,
    file: (hold) => join(folder, `${hold}.bundle`),
    of: async (tx, hold) => {
      const row = await tx.get('meta', idOf(hold))
      return typeof row?.value === 'string' ? savedIn(seal.open(row.value, idOf(hold))) : null
    },
    keep: async (hold, push, bundle) => {
      mustHold(bundle, push)
      mkdirSync(folder, { recursive: true, mode: 0o700 })
      if (sizeOf(folder) + bundle.length > mostBytes)
        throw new FirebreakError(
          'too_large',
          `saved pushes take more than 1 GB: move old ones out of \`${folder}\``,
        )
      const at = clock.now()
      const saved = { push, bytes: bundle.length, sha256: sumOf(bundle), at }
      const temporary = `${fileOf(hold)}.new`
      writeFileSync(temporary, sealBytes(key, bundle, idOf(hold)), { mode: 0o600, flush: true })
      renameSync(temporary, fileOf(hold))
      // INVARIANT (recovery-first): it counts when it was read back from where it lies.
      open(hold, saved)
      const value = seal.seal(canonical(toJson(saved)), idOf(hold))
      const refs = push.refs.map(({ ref, old }) => `${ref} ${old}`)
      const body = { hold, to: push.url, refs, bytes: bundle.length, sha256: saved.sha256 }
      await state.transact(async (tx) => {
        await tx.put('meta', { id: idOf(hold), value })
        const entry = { kind: 'recovery-point', at, subject: hold, principal: null, body } as const
        await ledger.append(tx, [entry])
      })
    },
  }
}

/** A bundle of git's: a line that says so, then the ids that it brings, an empty line, and a pack that ends with its own sum (gitformat-bundle(5), gitformat-pack(5)). */
function mustHold(bundle: Buffer, { refs }: Push): void {
  const end = bundle.indexOf('\n\n')
  const [first = '', ...lines] = bundle.toString('latin1', 0, Math.max(0, end)).split('\n')
  const brings = new Set(lines.flatMap((line) => /^([0-9a-f]{40,64}) refs\//.exec(line)?.[1] ?? []))
  const missing = refs.find(({ old }) => !brings.has(old))
  const isBundle = end > 0 && /^# v[23] git bundle$/.test(first)
  if (!isBundle || missing !== undefined)
    throw new FirebreakError('bad_input', 'what was saved does not hold what the push writes over')
  const isLong = lines.some((line) => line === '@object-format=sha256')
  const [name, width] = isLong ? (['sha256', 32] as const) : (['sha1', 20] as const)
  const pack = bundle.subarray(end + 2)
  const sum = createHash(name).update(pack.subarray(0, -width)).digest()
  if (pack.toString('latin1', 0, 4) !== 'PACK' || !sum.equals(pack.subarray(-width)))
    throw new FirebreakError('bad_input', 'what was saved is damaged')
}

function sizeOf(folder: string): number {
  return readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0)
}

function sumOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}

function savedIn(text: string): SavedPush {
  const value = parseJson(text)
  const { bytes, sha256, at } = isObject(value) ? value : {}
  const push = isObject(value) ? pushIn(value['push']) : null
  if (
    push === null ||
    typeof bytes !== 'number' ||
    typeof sha256 !== 'string' ||
    typeof at !== 'number'
  )
    throw new FirebreakError('broken_store', 'a saved push is not as it was kept')
  return { push, bytes, sha256, at }
}
