/** The files of a set-up as they were and as they are, sealed in the state: what `firebreak uninstall` puts back. */
import * as v from 'valibot'
import { canonical, parseJson, toJson } from '../../base/json.ts'
import type { Json } from '../../base/json.ts'
import type { OpenSeal } from '../../custody/seal.ts'
import type { Tx } from '../../guard/ports.ts'

const text = v.pipe(v.string(), v.maxLength(4_000_000))

export const setupFiles = v.pipe(
  v.array(v.strictObject({ path: text, before: v.nullable(text), after: text })),
  v.maxLength(500),
)

export type SetupFiles = v.InferOutput<typeof setupFiles>

export const setupRow = 'setup'

/** Empty where nothing was set up. */
export async function filesOfSetup(seal: OpenSeal, tx: Tx): Promise<SetupFiles> {
  const value: Json | undefined = (await tx.get('meta', setupRow))?.value
  return typeof value === 'string' ? v.parse(setupFiles, parseJson(seal.open(value, setupRow))) : []
}

export async function putSetupFiles(seal: OpenSeal, tx: Tx, all: SetupFiles): Promise<void> {
  await tx.put('meta', { id: setupRow, value: seal.seal(canonical(toJson(all)), setupRow) })
}
