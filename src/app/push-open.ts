/** What was saved before a push, for a person: told, and opened for their own git. */
import { writeFileSync } from 'node:fs'
import { toJson } from '../base/json.ts'
import type { Json } from '../base/json.ts'
import { holdById, openStored } from '../guard/hold.ts'
import type { Tx } from '../guard/ports.ts'
import type { Firebreak } from './compose.ts'

/** One line of what is there; null where nothing was saved. */
export async function savedLine({ state, pushes }: Firebreak, id: string): Promise<string | null> {
  const saved = await state.transact((tx) => pushes.of(tx, id))
  if (saved === null) return null
  const { push, bytes, at } = saved
  const refs = push.refs.map(({ ref, old }) => `${ref} at ${old.slice(0, 12)}`).join(', ')
  return `saved before the push: ${refs} (${bytes} bytes, ${new Date(at).toISOString()}); \`firebreak undo ${id}\` puts it back`
}

/** Writes the bundle where only this user reads it, and that it was handed out into the ledger. Null where nothing was saved, or nothing pushed yet. */
export async function openSaved(firebreak: Firebreak, id: string, by: string): Promise<Json> {
  const { state, pushes, ledger, clock } = firebreak
  const saved = await state.transact(async (tx) =>
    (await isPassed(firebreak, tx, id)) ? await pushes.of(tx, id) : null,
  )
  if (saved === null) return null
  const bundle = pushes.open(id, saved)
  const file = pushes.file(id)
  const { sha256, push } = saved
  const body = { by, sha256, to: push.url, refs: push.refs.map(({ ref }) => ref) }
  const entry = { kind: 'restored', at: clock.now(), subject: id, principal: null, body } as const
  await state.transact((tx) => ledger.append(tx, [entry]))
  writeFileSync(file, bundle, { mode: 0o600 })
  return toJson({ push, file })
}

/** False while the push could still be let through: then undo takes its pass back. */
async function isPassed({ seal, passes }: Firebreak, tx: Tx, id: string): Promise<boolean> {
  const hold = await holdById(tx, id)
  if (hold.state !== 'executed') return false
  const pass = await passes.of(tx, openStored({ seal }, hold).action)
  return pass?.digest !== hold.digest || pass.state === 'used'
}
