/** Where the last head of the ledger is remembered: in the vault's folder where there is one, since a state is put back without that. */
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { openTurn } from '../base/turn.ts'
import type { State } from '../guard/ports.ts'
import { claimedCheckpoint } from '../ledger/checkpoint.ts'
import { discontinued } from '../ledger/head.ts'
import { readOrNull } from './archive.ts'
import type { Config } from './config.ts'

export interface Heads {
  readonly seen: () => string | null
  /** Remembers the newest checkpoint, unless the ledger does not continue the last: then it says why, and remembers that one still. */
  readonly keep: () => Promise<string | null>
  /** Remembers the newest checkpoint, whatever was before: a person has accepted it. */
  readonly renew: () => Promise<void>
}

/** Where it may lie. */
type Places = Pick<Config, 'state'> & { readonly vault?: { readonly store: string } | undefined }

/**
 * The note that was remembered last; null where none is. A `vault:` that was written into the config, or taken out of it, by hand
 * has another folder than before: both are looked into, and the longer ledger counts. One that cannot be read counts before all,
 * so that whoever looks at it says so.
 */
export function seenHead(places: Places, verifier: string): string | null {
  const notes = filesOf(places, verifier).flatMap((file) => {
    const bytes = readOrNull(file)
    return bytes === null ? [] : [Buffer.from(bytes).toString('utf8')]
  })
  const size = (note: string): number => claimedCheckpoint(note)?.size ?? Infinity
  return notes.toSorted((a, b) => size(b) - size(a))[0] ?? null
}

export function openHeads(places: Places, state: State, verifier: string): Heads {
  const [file, ...others] = filesOf(places, verifier)
  let kept: string | null = null
  // One after another, and down to the disk: half a note after a power cut would look like an attack.
  const inTurn = openTurn()
  const write = async (note: string | null): Promise<void> => {
    if (note === null || note === kept) return
    await mkdir(dirname(file), { recursive: true, mode: 0o700 })
    await writeFile(`${file}.new`, note, { mode: 0o600, flush: true })
    await rename(`${file}.new`, file)
    // Two would tell of two lengths once a person has accepted the shorter.
    for (const other of others) await rm(other, { force: true })
    kept = note
  }
  const keep = async (): Promise<string | null> => {
    const { note, why } = await state.read(async ({ log }) => {
      const newest = (await log.checkpoint())?.note ?? null
      const same = kept === null || newest === kept
      return { note: newest, why: same ? null : await discontinued(log, kept, verifier) }
    })
    if (why === null) await write(note)
    return why
  }
  const renew = async (): Promise<void> =>
    await write((await state.read(({ log }) => log.checkpoint()))?.note ?? null)
  return {
    seen: () => seenHead(places, verifier),
    keep: () => inTurn(keep),
    renew: () => inTurn(renew),
  }
}

/** Where it is kept first, then where it may lie still. The key's id is in the name: two that share a vault do not forget each other. */
function filesOf({ vault, state }: Places, verifier: string): readonly [string, ...string[]] {
  const name = `head-${verifier.split('+')[1] ?? ''}`
  const own = join(state, name)
  return vault === undefined ? [own] : [join(vault.store, name), own]
}
