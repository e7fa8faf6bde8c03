/** Coming in: a statement that says so and nothing else, signed by a passkey, or a code of one's own. */
import * as v from 'valibot'
import { approverByName } from '../../approvals/factor.ts'
import { passkeysOf } from '../../approvals/passkey-factor.ts'
import { FirebreakError } from '../../base/error.ts'
import { digest, toJson } from '../../base/json.ts'
import type { Json, JsonObject } from '../../base/json.ts'
import type { ApproverRow } from '../../guard/rows.ts'
import type { Firebreak } from '../compose.ts'
import { checked } from '../control/command.ts'
import { proofIn, proveBound } from '../control/signed.ts'
import { siteOf } from '../site.ts'

const asking = v.strictObject({ approver: v.pipe(v.string(), v.maxLength(80)) })

/** What is signed: at this console, and for nothing but coming in. */
function wordsOf({ config }: Firebreak): Json {
  return ['sign-in', siteOf(config).origin]
}

/** Puts the statement before whoever wants to come in. */
export async function signInStatement(firebreak: Firebreak, input: JsonObject): Promise<Json> {
  const { approver } = checked(asking, input)
  const what = wordsOf(firebreak)
  const wish = { approver, digest: digest(what), what, shown: null }
  return await firebreak.state.read(async (tx) => {
    const seat = await approverByName(tx, approver)
    const keys = seat === null ? [] : await passkeysOf(tx, seat)
    // The same words for who is unknown and who has none.
    if (keys.length === 0)
      throw new FirebreakError(
        'factor_refused',
        'nobody of that name comes in with a passkey',
        'an admin invites: `firebreak approver invite NAME`',
      )
    const { challenge, statement } = firebreak.statements.put(wish)
    return { challenge, statement: toJson(statement), allow: keys.map(({ id }) => id) }
  })
}

export interface CameIn {
  readonly seat: ApproverRow
  readonly by: 'passkey' | 'totp' | 'oidc'
}

/** Who has come in; throws `factor_refused`, and counts it. */
export async function signedIn(firebreak: Firebreak, input: JsonObject): Promise<CameIn> {
  const bound = { digest: digest(wordsOf(firebreak)), shown: null, role: 'viewer' as const }
  const { approver: seat, kind: by } = await proveBound(firebreak, proofIn(input), bound)
  return { seat, by }
}
