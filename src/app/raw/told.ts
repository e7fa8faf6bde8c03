/** Raw credentials of a checkout, each known by an id: which of them are new, whose they are, and what is written down and told of them. */
import { timingSafeEqual } from 'node:crypto'
import { sep } from 'node:path'
import { canonical, objectOf, parseJson, textsIn } from '../../base/json.ts'
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

/** In an hour so many that are not kept here are told one by one; of the others that they are. */
const mostTold = 20
const hourMs = 3_600_000

export interface Teller {
  /** What is new among all that lies there now. INVARIANT (once): over restarts too, until it is gone and comes back. */
  tell(found: readonly Found[]): Promise<readonly Raw[]>
}

export function openTeller(firebreak: Firebreak): Teller {
  const { clock, notices } = firebreak
  /** When strangers were told one by one. */
  let told: readonly number[] = []
  return {
    tell: async (found) => {
      const now = clock.steady()
      told = told.filter((at) => now - at < hourMs)
      const { alarms, fresh } = await written(firebreak, found, mostTold - told.length)
      const strangers = alarms.filter(({ target, id }) => target === null && id !== many)
      told = [...told, ...strangers.map(() => now)]
      for (const { id, message } of alarms) notices.tell('raw-credential', message, id)
      return fresh.map(({ file, line, target }) => ({ file, line, target }))
    },
  }
}

interface Written {
  readonly fresh: readonly Sighted[]
  /** What is told of them. */
  readonly alarms: readonly Sighted[]
}

async function written(
  firebreak: Firebreak,
  found: readonly Found[],
  room: number,
): Promise<Written> {
  const { state, seal, ledger, clock } = firebreak
  return await state.transact(async (tx) => {
    const before = await knownIn(tx)
    const known = before ?? new Set<string>()
    const kept = await keptMarks(firebreak, tx)
    const now = found.flatMap((one) => rawOf(firebreak, one, kept)).toSorted(byTarget)
    const there = now.slice(0, mostKnown)
    const fresh = there.filter(
      ({ id, target }) => !known.has(id) && (before !== null || target !== null),
    )
    const ids = there.map(({ id }) => id)
    if (before === null || ids.length !== known.size || ids.some((id) => !known.has(id)))
      await tx.put('meta', { id: row, value: seal.seal(canonical({ ids }), row) })
    const alarms = alarmsOf(fresh, room)
    for (const { id, file, line, target, message } of alarms) {
      const subject = `${file}:${line}`
      const body = { rule: 'raw-credential', id, file, line, target, message }
      await ledger.append(tx, [{ kind: 'alarm', at: clock.now(), subject, principal: null, body }])
    }
    return { fresh, alarms }
  })

  /** Null before the first look. */
  async function knownIn(tx: Tx): Promise<ReadonlySet<string> | null> {
    const value = (await tx.get('meta', row))?.value
    if (typeof value !== 'string') return null
    return new Set(textsIn(objectOf(parseJson(seal.open(value, row)))['ids']))
  }
}

interface Sighted extends Raw {
  readonly id: string
  readonly message: string
}

/** What is kept here comes first: no crowd of others hides it. */
const byTarget = (a: Sighted, b: Sighted): number =>
  Number(a.target === null) - Number(b.target === null)

const many = 'raw-credentials'

/** Each that is kept here; of strangers as many as there is room for, and the rest in one. */
function alarmsOf(fresh: readonly Sighted[], room: number): readonly Sighted[] {
  const own = fresh.filter(({ target }) => target !== null)
  const strangers = fresh.filter(({ target }) => target === null)
  const rest = strangers.slice(Math.max(0, room))
  const [first] = rest
  if (first === undefined) return fresh
  const message = `${rest.length} more credentials that reach infrastructure turned up in the checkout, the first in ${first.file}: \`firebreak doctor\` names them`
  return [...own, ...strangers.slice(0, Math.max(0, room)), { ...first, id: many, message }]
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
