/** Raw credentials of a checkout, each known by an id: which of them are new, whose they are, and what is written down and told of them. */
import { timingSafeEqual } from 'node:crypto'
import { sep } from 'node:path'
import { canonical, isObject, parseJson } from '../../base/json.ts'
import { plain } from '../../base/plain.ts'
import { markOf } from '../../custody/custody.ts'
import { replacedOf } from '../../custody/replaced.ts'
import type { Tx } from '../../guard/ports.ts'
import type { Found } from '../../scan/found.ts'
import { merge } from '../../scan/merged.ts'
import type { Firebreak } from '../compose.ts'
import { forms } from '../rotate/seen.ts'

/** A credential that lies in the checkout, and did not at the look before. */
export interface Raw {
  readonly file: string
  readonly line: number
  /** The target whose credential it is; null for one that Firebreak does not keep. */
  readonly target: string | null
}

const row = 'raw-seen'
/** So many are known by their ids; of a checkout with more the rest is not told of. */
const mostKnown = 2000

/** What is new among all that lies there now. INVARIANT (once): over restarts too, until it is gone and comes back. */
export async function tellRaw(
  firebreak: Firebreak,
  found: readonly Found[],
): Promise<readonly Raw[]> {
  const { state, seal, ledger, notices, clock } = firebreak
  const fresh = await state.transact(async (tx) => {
    const before = await knownIn(tx)
    const known = before ?? new Set<string>()
    const kept = await keptMarks(firebreak, tx)
    const now = found.flatMap((one) => rawOf(firebreak, one, kept)).slice(0, mostKnown)
    const isNew = ({ id, target }: Sighted): boolean =>
      !known.has(id) && (before !== null || target !== null)
    const added = now.filter(isNew)
    const ids = now.map(({ id }) => id)
    if (before === null || ids.length !== known.size || ids.some((id) => !known.has(id)))
      await tx.put('meta', { id: row, value: seal.seal(canonical({ ids }), row) })
    for (const { id, file, line, target, message } of added) {
      const subject = `${file}:${line}`
      const body = { rule: 'raw-credential', id, file, line, target, message }
      await ledger.append(tx, [{ kind: 'alarm', at: clock.now(), subject, principal: null, body }])
    }
    return added
  })
  for (const { id, message } of fresh) notices.tell('raw-credential', message, id)
  return fresh.map(({ file, line, target }) => ({ file, line, target }))

  /** Null before the first look. */
  async function knownIn(tx: Tx): Promise<ReadonlySet<string> | null> {
    const value = (await tx.get('meta', row))?.value
    if (typeof value !== 'string') return null
    const kept = parseJson(seal.open(value, row))
    const ids = isObject(kept) && Array.isArray(kept['ids']) ? kept['ids'] : []
    return new Set(ids.filter((id) => typeof id === 'string'))
  }
}

interface Sighted extends Raw {
  readonly id: string
  readonly message: string
}

interface Mark {
  readonly target: string
  readonly mark: string
  readonly state: 'kept' | 'old' | 'dead'
}

/** Of what is kept, and of what was before it. */
async function keptMarks({ seal }: Firebreak, tx: Tx): Promise<readonly Mark[]> {
  const rows = await tx.find('credential', {})
  const all: Mark[] = []
  for (const { id, mark } of rows) {
    all.push({ target: id, mark, state: 'kept' })
    for (const old of await replacedOf(seal, tx, id))
      all.push({ target: id, mark: old.mark, state: old.dead === null ? 'old' : 'dead' })
  }
  return all
}

/** What is kept here, whatever it is; else what reaches infrastructure or data. INVARIANT (secret-stays): nothing of it is said. */
function rawOf({ seal }: Firebreak, found: Found, kept: readonly Mark[]): readonly Sighted[] {
  const { id, rule, name, at } = found
  const own = forms(found.secret.reveal()).map((form) => markOf(seal, form))
  const match = kept.find(({ mark }) => own.some((each) => isSame(each, mark)))
  const isGreat = merge([found]).some(({ weight }) => weight === 'infrastructure')
  // What is proven dead opens nothing.
  if (match === undefined ? !isGreat : match.state === 'dead') return []
  const file = plain(at.file.replaceAll(sep, '/'), 300)
  const whose = `${match?.state === 'old' ? 'the old credential' : 'the credential'} of \`${match?.target ?? ''}\`, which is in custody,`
  const what = match === undefined ? `${rule}${name === null ? '' : ` (${name})`}` : whose
  const message = plain(
    `${what} lies in ${file}, line ${at.line}: whoever reads it there goes past Firebreak; take it out, and make it new: \`firebreak scan --fix\``,
    800,
  )
  return [{ id, file, line: at.line, target: match?.target ?? null, message }]
}

/** In a time that tells nothing. */
function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)]
  return a.length === b.length && timingSafeEqual(a, b)
}
