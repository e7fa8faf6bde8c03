/** Credentials whose place another has taken: each stays sealed until it is proven dead, so that one read can say whether it is. */
import * as v from 'valibot'
import { canonical, parseJson, toJson } from '../base/json.ts'
import type { Secret } from '../base/secret.ts'
import type { Tx } from '../guard/ports.ts'
import { credentialOf, keepCredential, markOf } from './custody.ts'
import type { CredentialWish } from './custody.ts'
import type { OpenSeal } from './seal.ts'

const old = v.object({
  /** Null once it is dead: nobody needs it any more. */
  secret: v.nullable(v.string()),
  /** By which it is known when it is seen again. */
  mark: v.string(),
  /** When another took its place. */
  replacedAt: v.number(),
  /** True where Firebreak made the other itself: then nobody else knows that one. */
  made: v.boolean(),
  dead: v.nullable(v.object({ at: v.number(), said: v.string() })),
})

export type Old = v.InferOutput<typeof old>

/** More than so many is a habit, and the oldest is long gone. */
const mostKept = 8

/** The newest last. INVARIANT (secret-stays): of `secret` nothing is ever shown. */
export async function replacedOf(seal: OpenSeal, tx: Tx, target: string): Promise<readonly Old[]> {
  const value = (await tx.get('meta', rowId(target)))?.value
  if (typeof value !== 'string') return []
  return v.parse(v.array(old), parseJson(seal.open(value, rowId(target))))
}

/** Keeps a credential for its target, and what it takes the place of beside it; gives that, null where there was none or it is the same. */
export async function replaceCredential(
  seal: OpenSeal,
  tx: Tx,
  wish: CredentialWish & { readonly made: boolean },
): Promise<Secret | null> {
  const before = await credentialOf(seal, tx, wish.target)
  await keepCredential(seal, tx, wish)
  if (before === null || before.reveal() === wish.secret.reveal().trim()) return null
  const was = await replacedOf(seal, tx, wish.target)
  const one: Old = {
    secret: before.reveal(),
    mark: markOf(seal, before.reveal()),
    replacedAt: wish.now,
    made: wish.made,
    dead: null,
  }
  await putReplaced(seal, tx, wish.target, [...was, one].slice(-mostKept))
  return before
}

/** The credential that is kept, where Firebreak made it itself: nobody else knows it. */
export async function madeOf(seal: OpenSeal, tx: Tx, target: string): Promise<Secret | null> {
  const last = (await replacedOf(seal, tx, target)).at(-1)
  return last?.made === true ? await credentialOf(seal, tx, target) : null
}

/** Writes down that one of them opens nothing any more, and forgets it. False where it was known. */
export async function buryReplaced(
  seal: OpenSeal,
  tx: Tx,
  {
    target,
    secret,
    at,
    said,
  }: {
    readonly target: string
    readonly secret: string
    readonly at: number
    readonly said: string
  },
): Promise<boolean> {
  const all = await replacedOf(seal, tx, target)
  if (!all.some((each) => each.secret === secret)) return false
  const told = all.map((each) =>
    each.secret === secret ? { ...each, secret: null, dead: { at, said } } : each,
  )
  await putReplaced(seal, tx, target, told)
  return true
}

async function putReplaced(
  seal: OpenSeal,
  tx: Tx,
  target: string,
  all: readonly Old[],
): Promise<void> {
  const value = seal.seal(canonical(toJson(all)), rowId(target))
  await tx.put('meta', { id: rowId(target), value })
}

function rowId(target: string): string {
  return `replaced:${target}`
}
