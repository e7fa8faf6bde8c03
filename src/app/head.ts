/** Where the last head of the ledger is remembered: in the vault's folder where there is one, since a state is put back without that. */
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { openTurn } from '../base/turn.ts'
import type { State } from '../guard/ports.ts'
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

/** The note that was remembered last; null where none is. */
export function seenHead(config: Config, verifier: string): string | null {
  const bytes = readOrNull(fileOf(config, verifier))
  return bytes === null ? null : Buffer.from(bytes).toString('utf8')
}

export function openHeads(config: Config, state: State, verifier: string): Heads {
  const file = fileOf(config, verifier)
  let kept: string | null = null
  // One after another, and down to the disk: half a note after a power cut would look like an attack.
  const inTurn = openTurn()
  const write = async (note: string | null): Promise<void> => {
    if (note === null || note === kept) return
    await mkdir(dirname(file), { recursive: true, mode: 0o700 })
    await writeFile(`${file}.new`, note, { mode: 0o600, flush: true })
    await rename(`${file}.new`, file)
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
    seen: () => seenHead(config, verifier),
    keep: () => inTurn(keep),
    renew: () => inTurn(renew),
  }
}

/** The key's id is in the name: two that share a vault do not forget each other. */
function fileOf(config: Config, verifier: string): string {
  return join(config.vault?.store ?? config.state, `head-${verifier.split('+')[1] ?? ''}`)
}
