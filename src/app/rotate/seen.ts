/** Which credentials of a scan are known: the one that is kept for a target, or an old one of it. */
import type { Tx } from '../../guard/ports.ts'
import { markOf } from '../../custody/custody.ts'
import { replacedOf } from '../../custody/replaced.ts'
import type { Firebreak } from '../compose.ts'
import { filesOfSetup } from '../setup/kept-files.ts'
import { holds } from './texts.ts'

/** A credential that lies somewhere, as a scan has found it. */
export interface Lying {
  readonly where: string
  readonly text: string
}

/** The places of those that are the target's kept one, or an old one of it, dead ones too. */
export async function placesOf(
  { state, seal }: Pick<Firebreak, 'state' | 'seal'>,
  target: string,
  lying: readonly Lying[],
): Promise<readonly string[]> {
  const marks = await state.transact(async (tx) => [
    (await tx.get('credential', target))?.mark,
    ...(await replacedOf(seal, tx, target)).map(({ mark }) => mark),
  ])
  return lying
    .filter(({ text }) => forms(text).some((form) => marks.includes(markOf(seal, form))))
    .map(({ where }) => where)
}

/** The files in which the kept one of a target stood when Firebreak was set up: whoever read them can use it still. None once another has taken its place. */
export async function exposedIn(
  { seal }: Pick<Firebreak, 'seal'>,
  tx: Tx,
  { target, secret }: { readonly target: string; readonly secret: string },
): Promise<readonly string[]> {
  if ((await replacedOf(seal, tx, target)).length > 0) return []
  const files = await filesOfSetup(seal, tx)
  return files
    .filter(({ before, path }) => before !== null && holds(before, path, secret))
    .map(({ path }) => path)
}

/** In a URL some signs are written by their code. */
export function forms(text: string): readonly string[] {
  try {
    return [text, decodeURIComponent(text)]
  } catch {
    // No code: it is what it is.
    return [text]
  }
}
