/** Control commands about grants: minted by a person's word, for whoever holds it then or for a client that has asked; listed; revoked. */
import * as v from 'valibot'
import { FirebreakError } from '../../base/error.ts'
import { toJson } from '../../base/json.ts'
import type { JsonObject } from '../../base/json.ts'
import { Secret } from '../../base/secret.ts'
import { lastHop } from '../../grants/grant.ts'
import type { Firebreak } from '../compose.ts'
import { answerTo, checkedAsk, readyAsk } from '../oauth/asks.ts'
import type { Ask } from '../oauth/ask.ts'
import { readDocument } from '../oauth/document.ts'
import { revokeGrant } from '../revoke.ts'
import { siteOf } from '../site.ts'
import { by, command } from './command.ts'
import type { ControlCommand } from './command.ts'
import { mint } from './minted.ts'
import { signed } from './signed.ts'
import { looksLikeGrant } from '../../grants/token.ts'

const names = v.optional(v.array(v.string()))
const caveats = v.strictObject({
  operations: v.array(v.string()),
  environments: v.array(v.string()),
  targets: names,
  resources: names,
  expiresMs: v.pipe(v.number(), v.integer(), v.minValue(1000)),
  rows: v.optional(v.number()),
  holder: v.optional(v.string()),
  delegate: v.optional(v.string()),
})
type Caveats = v.InferOutput<typeof caveats>
const principalName = v.pipe(
  v.string(),
  v.regex(/^[a-z][a-z0-9:._-]{0,79}$/, 'must be `a-z`, `0-9`, `:`, `.`, `_`, `-`'),
)
/** What a client asked for at `/authorize`, as it was sealed there. */
const sealedAsk = v.pipe(v.string(), v.maxLength(8192))

export const grantCommands: Readonly<Record<string, ControlCommand>> = {
  'grant-mint': signed(
    {
      principal: principalName,
      note: v.pipe(v.string(), v.maxLength(200)),
      caveats,
      /** Then the grant goes to that client by a code, and not to whoever mints. */
      ask: v.optional(sealedAsk),
    },
    async (firebreak, { principal, caveats: wished, ask: sealed }) => {
      mustBeDeclared(firebreak, wished)
      const ask = sealed === undefined ? null : askFor(firebreak, sealed, wished)
      const what = ['mint', principal, toJson(wished), ...(ask === null ? [] : [facts(ask)])]
      return await Promise.resolve({ sign: { what, role: 'approver' as const }, found: ask })
    },
    async (firebreak, { principal, note, caveats: wished }, { proven, found: ask }) => {
      const more = ask === null ? {} : { to: facts(ask) }
      const minted = await mint(firebreak, { principal, note, caveats: wished, by: proven, more })
      const { id, said } = minted
      if (ask === null) return { id, grant: minted.grant, caveats: said }
      const expiresAt = minted.expiresAt
      const code = firebreak.codes.put({ ask, grant: new Secret(minted.grant), id, expiresAt })
      return { id, caveats: said, back: answerTo(ask, siteOf(firebreak.config).origin, { code }) }
    },
  ),
  /** Who asks, for what, and where the answer goes: what a person reads before they sign. */
  'grant-ask': command(v.strictObject({ ask: sealedAsk, by }), async (firebreak, { ask }) => {
    const { ask: found, sealed } = await checkedAsk(firebreak, ask, readDocument)
    const entry = firebreak.config.targets[found.target]
    const environments = Object.keys(entry?.environments ?? {})
    const { name, target, until } = found
    return { ask: sealed, name, target, until, environments, to: facts(found) }
  }),
  /** The client is told that nobody gives it anything; it mints nothing, so it takes nobody's word. */
  'grant-ask-refuse': command(v.strictObject({ ask: sealedAsk, by }), async (firebreak, given) => {
    const ask = readyAsk(firebreak, given.ask)
    const said = { error: 'access_denied' }
    return await Promise.resolve({ back: answerTo(ask, siteOf(firebreak.config).origin, said) })
  }),
  'grant-list': command(v.object({}), async ({ state }) => {
    const rows = await state.transact((tx) => tx.find('grant', {}))
    return rows.map((row) => ({ ...row }))
  }),
  'grant-revoke': command(
    v.strictObject({ id: v.string(), by }),
    async (firebreak, { id: named, by: who }) => {
      const id = looksLikeGrant(named) ? lastHop(named) : named
      if (id === null || !/^(grant|hop)_[a-z0-9]+$/.test(id))
        throw new FirebreakError('bad_input', 'that is no grant, and no id of a grant or hop')
      await revokeGrant(firebreak, id, who)
      return { id }
    },
  ),
}

/** INVARIANT (approval-binds): to whom it goes is signed with it; another client, place or proof is another statement. */
function facts({ name, client, document, redirect, resource, challenge }: Ask): JsonObject {
  return { name, client, document, redirect, resource, challenge }
}

/** INVARIANT (one audience): what a client asked for at one server is good there and nowhere else. */
function askFor(firebreak: Firebreak, sealed: string, { targets }: Caveats): Ask {
  const ask = readyAsk(firebreak, sealed)
  const [target, ...more] = targets ?? []
  if (target === ask.target && more.length === 0) return ask
  throw new FirebreakError(
    'bad_input',
    `that was asked for \`${ask.target}\`, and for nothing else`,
  )
}

function mustBeDeclared({ config }: Firebreak, { environments }: Caveats): void {
  const known = new Set(
    Object.values(config.targets).flatMap((one) => Object.keys(one.environments)),
  )
  const unknown = environments.find((name) => name !== '*' && !known.has(name))
  if (unknown === undefined) return
  throw new FirebreakError(
    'bad_input',
    `no target declares the environment \`${unknown}\``,
    'declare its id in the config first',
  )
}
