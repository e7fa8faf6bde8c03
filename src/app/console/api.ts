/** The console's calls: the control commands, by whoever is signed in, in their own name; and the few that need no session. */
import * as v from 'valibot'
import { standsFor } from '../../approvals/delegate.ts'
import { approverByName, ranks } from '../../approvals/factor.ts'
import type { Power } from '../../approvals/factor.ts'
import { FirebreakError } from '../../base/error.ts'
import type { Json, JsonObject } from '../../base/json.ts'
import type { ApproverRow } from '../../guard/rows.ts'
import { lookedAt } from '../../notices/outbox.ts'
import type { Firebreak } from '../compose.ts'
import { checked } from '../control/command.ts'
import type { ControlCommand } from '../control/command.ts'
import { pushKey, subscribe, unsubscribe } from '../push.ts'
import { roles } from './roles.ts'
import type { Session, Sessions, Shown } from './sessions.ts'
import { signedIn, signInStatement } from './sign-in.ts'
import type { CameIn } from './sign-in.ts'
import { openCompanyDoor } from './oidc.ts'
import type { CompanyDoor } from './oidc.ts'
import { openPace } from './pace.ts'

/** What a request carries of its session. */
export interface Carried {
  /** Every one of the name: a page on another port of this host may have put its own before ours (RFC 6265, §5.4). */
  readonly cookies: readonly string[]
  readonly page: string
}

export interface Answered {
  readonly body: Json
  /** A cookie to set; empty takes it away, null leaves it. */
  readonly cookie: string | null
}

export class SignedOut extends FirebreakError {
  constructor() {
    super('factor_refused', 'nobody is signed in here', 'sign in with your passkey')
  }
}

export interface Api {
  /** Throws `FirebreakError`: `SignedOut` where there is no session. */
  call(name: string, input: JsonObject, carried: Carried): Promise<Answered>
  /** Who sits there now; throws `SignedOut`. */
  sitting(carried: Carried): Promise<Sitting>
}

export interface Sitting extends Shown {
  readonly role: ApproverRow['role']
  /** In whose place they sign now; null where for nobody else. */
  readonly standsFor: string | null
}

type Open = (input: JsonObject) => Promise<Answered>

export function openApi(
  firebreak: Firebreak,
  sessions: Sessions,
  commands: ReadonlyMap<string, ControlCommand>,
): Api {
  const pace = openPace(firebreak.clock)
  const run = async (name: string, input: JsonObject): Promise<Json> =>
    (await commands.get(name)?.run(firebreak, input)) ?? null
  const plainly = async (body: Promise<Json>): Promise<Answered> => ({
    body: await body,
    cookie: null,
  })
  const opened = async ({ seat, by }: CameIn): Promise<Answered> => {
    const { session, cookie, page } = sessions.open(seat)
    const body = { name: seat.name, how: by, session: session.id }
    const at = firebreak.clock.now()
    const entry = { kind: 'signed-in', at, subject: seat.id, principal: null, body } as const
    await firebreak.state.transact((tx) => firebreak.ledger.append(tx, [entry]))
    const place = await firebreak.state.read((tx) => placeOf(firebreak, tx, seat))
    return { body: { ...told(session, { role: seat.role, standsFor: place }), page }, cookie }
  }
  const company = openCompanyDoor(firebreak)
  const open: Readonly<Record<string, Open>> = {
    'sign-in-statement': async (input) => await plainly(signInStatement(firebreak, input)),
    'sign-in': async (input) => await opened(await signedIn(firebreak, input)),
    door: async () => await plainly(Promise.resolve({ company: company?.name ?? null })),
    'oidc-begin': async () => await plainly(companyOrThrow(company).begin()),
    'oidc-finish': async (input) =>
      await opened({ seat: await companyOrThrow(company).finish(input), by: 'oidc' }),
    'passkey-open': async (input) => await plainly(run('passkey-open', input)),
    'passkey-arrive': async (input) => await plainly(run('passkey-arrive', input)),
  }
  const sitting = async (carried: Carried): Promise<Sitting> => {
    const shown = sessions.find(carried.cookies, carried.page)
    if (shown === null) throw new SignedOut()
    const { session } = shown
    const [seat, place] = await firebreak.state.read(async (tx) => {
      const row = await approverByName(tx, session.name)
      return [row, row === null ? null : await placeOf(firebreak, tx, row)] as const
    })
    // Removed, or removed and enrolled anew: another person, perhaps.
    if (seat?.id !== session.seat) {
      sessions.end(({ seat: of }) => of === session.seat)
      throw new SignedOut()
    }
    return { ...shown, role: seat.role, standsFor: place }
  }
  const own: Readonly<
    Record<
      string,
      (
        sitting: Sitting,
        input: JsonObject,
      ) => Promise<Omit<Answered, 'cookie'> & { readonly cookie?: string }>
    >
  > = {
    me: async (who) => await Promise.resolve({ body: told(who.session, who) }),
    'sign-out': async ({ session }) => {
      sessions.end(({ id }) => id === session.id)
      return await Promise.resolve({ body: {}, cookie: '' })
    },
    'push-key': async () => await Promise.resolve({ body: { key: pushKey(firebreak) } }),
    'push-subscribe': async ({ session }, given) => ({
      body: await subscribe(firebreak, { id: session.seat }, given),
    }),
    'push-unsubscribe': async ({ session }, given) => ({
      body: await unsubscribe(firebreak, { id: session.seat }, given),
    }),
    statement: async (who, given) => {
      const { session } = who
      const asked = checked(asking, given)
      mustMay(asked.command, who)
      const input = inNameOf(session, asked.input)
      const { name } = session
      return { body: await run('statement', { command: asked.command, input, approver: name }) }
    },
  }
  return {
    sitting,
    call: async (name, input, carried) => {
      const free = Object.hasOwn(open, name) ? open[name] : undefined
      if (free !== undefined) {
        pace(name)
        return await free(input)
      }
      const who = await sitting(carried)
      const { cookie } = who
      const act = Object.hasOwn(own, name) ? own[name] : undefined
      if (act !== undefined) return { cookie, ...(await act(who, input)) }
      mustMay(name, who)
      const body = await run(name, { ...inNameOf(who.session, input), by: who.session.name })
      // A person who could decide has seen it: nobody else need be called. An agent that lists holds is no such person.
      if (name === 'hold-show' && powerOf(who) !== 'viewer' && typeof input['id'] === 'string')
        await looked(firebreak, input['id'])
      return { body, cookie }
    },
  }
}

const asking = v.strictObject({
  command: v.string(),
  input: v.custom<JsonObject>((value) => typeof value === 'object' && value !== null),
  approver: v.optional(v.string()),
})

function companyOrThrow(door: CompanyDoor | null): CompanyDoor {
  if (door !== null) return door
  throw new FirebreakError('not_found', 'the config names no `console.oidc`')
}

function told(
  { id, name, until }: Session,
  { role, standsFor: place }: Pick<Sitting, 'role' | 'standsFor'>,
): JsonObject {
  return { session: id, name, role, until, for: place }
}

async function placeOf(
  { seal, clock }: Firebreak,
  tx: Parameters<typeof standsFor>[1],
  { id }: ApproverRow,
): Promise<string | null> {
  return (await standsFor(seal, tx, { id, now: clock.now() }))?.name ?? null
}

function powerOf({ role, standsFor: place }: Pick<Sitting, 'role' | 'standsFor'>): Power {
  return role === 'viewer' && place !== null ? 'stand-in' : role
}

/** INVARIANT (a-person-signs): a name that was not proven at the door is not taken behind it. */
function inNameOf({ name }: Session, input: JsonObject): JsonObject {
  const { by: _, ...rest } = input
  if (rest['approver'] !== undefined && rest['approver'] !== name)
    throw new FirebreakError(
      'factor_refused',
      `\`${name}\` is signed in here, and signs here`,
      'whoever else signs comes in on a page of their own',
    )
  return rest
}

function mustMay(name: string, who: Sitting): void {
  const wanted = roles.get(name)
  if (wanted === undefined)
    throw new FirebreakError('not_found', `the console has no command \`${name}\``)
  const power = powerOf(who)
  if (ranks.indexOf(power) < ranks.indexOf(wanted))
    throw new FirebreakError(
      'factor_refused',
      `a ${power} cannot do that: it takes ${article(wanted)}`,
    )
}

async function looked({ state }: Firebreak, hold: string): Promise<void> {
  await state.transact((tx) => lookedAt(tx, hold))
}

function article(power: Power): string {
  if (power === 'viewer') return 'a viewer'
  return power === 'admin' ? 'an admin' : 'an approver'
}
