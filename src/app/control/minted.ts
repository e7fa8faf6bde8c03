/** A grant minted, and a credential kept: what several commands do once a person has signed for it. */
import type { Proven } from '../../approvals/factor.ts'
import { wordStill } from '../../approvals/signers.ts'
import { newId } from '../../base/clock.ts'
import type { Json, JsonObject } from '../../base/json.ts'
import { sayCaveat } from '../../grants/caveat.ts'
import { mintGrant } from '../../grants/grant.ts'
import type { Firebreak } from '../compose.ts'
import { caveatsOf } from '../narrow.ts'
import type { CaveatWish } from '../narrow.ts'
import { putInPlace } from '../rotate/place.ts'
import { realChance } from '../world.ts'

interface Wish {
  readonly principal: string
  readonly note: string
  readonly caveats: CaveatWish & { readonly expiresMs: number }
  readonly by: Proven
  /** What else its entry says. */
  readonly more?: JsonObject
}

export interface Minted {
  readonly id: string
  readonly grant: string
  /** In words. */
  readonly said: readonly string[] & Json
  readonly expiresAt: number
}

/** With its row and its entry in the ledger; it works from now on. */
export async function mint(
  firebreak: Firebreak,
  { principal, note, caveats: wished, by: proven, more = {} }: Wish,
): Promise<Minted> {
  const now = firebreak.clock.now()
  const id = newId('grant', now, realChance)
  const list = caveatsOf(wished, now)
  const grant = mintGrant(firebreak.seal.derive('grants'), id, list)
  const said = list.map(sayCaveat)
  const expiresAt = now + wished.expiresMs
  const { name: mintedBy } = proven.approver
  await firebreak.state.transact(async (tx) => {
    const word = await wordStill(firebreak, tx, proven)
    await tx.put('grant', {
      id,
      principal,
      mintedBy,
      mintedAt: now,
      expiresAt,
      note,
      caveats: said,
      revokedAt: null,
    })
    const body = { by: mintedBy, ...word, caveats: said, note, ...more }
    await firebreak.ledger.append(tx, [{ kind: 'minted', at: now, subject: id, principal, body }])
  })
  await firebreak.grants.load()
  return { id, grant, said, expiresAt }
}

interface Kept {
  readonly target: string
  readonly secret: string
  readonly by: Proven
}

/** Into custody, and into the ledger that it is there; not while a rotation is under way. */
export async function keep(firebreak: Firebreak, wish: Kept): Promise<void> {
  await firebreak.credential.alone(async () => await kept(firebreak, wish))
}

async function kept(firebreak: Firebreak, { target, secret, by: proven }: Kept): Promise<void> {
  const now = firebreak.clock.now()
  const { name } = proven.approver
  await firebreak.state.transact(async (tx) => {
    const word = await wordStill(firebreak, tx, proven)
    await putInPlace(firebreak, tx, { target, secret, by: name, made: false })
    await firebreak.ledger.append(tx, [
      {
        kind: 'custody',
        at: now,
        subject: target,
        principal: null,
        body: { what: 'added', by: name, ...word },
      },
    ])
  })
  firebreak.credential.forget()
}
