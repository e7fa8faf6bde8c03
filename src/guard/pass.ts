/**
 * The order of every request, here and nowhere else:
 * halt, measure, halt again, scope, what is known of it already, closed classes and leases, policy, record; then go, wait or no.
 */
import { FirebreakError, messageOf } from '../base/error.ts'
import { actionDigest } from '../core/action.ts'
import type { Action } from '../core/action.ts'
import { Clearance } from '../core/clearance.ts'
import { allow } from '../core/verdict.ts'
import type { Finding } from '../core/verdict.ts'
import { barred } from './barred.ts'
import { decide } from './decide.ts'
import type { Halts } from './halt.ts'
import { findHold, openHold, openHolds, tooLarge } from './hold.ts'
import type { House } from './house.ts'
import { destroys, isGrave, measure, outside } from './measure.ts'
import type { Lane, Lanes } from './lanes.ts'
import type { MeasuredAction } from './measure.ts'
import type { Guard, Passed } from './passed.ts'
import type { Asked, Decision, Entry, Tx } from './ports.ts'
import { openReads } from './reads.ts'
import type { KnownRead } from './reads.ts'
import { actionEntry } from './record.ts'
import type { Recorder, RequestLine } from './record.ts'
import { cheapWayBack, foreseen, withFindings } from './safeguard.ts'
import { barredTold, deniedTold, standing } from './told.ts'

/** INVARIANT (one order): every gateway's request comes through here; nothing else mints a clearance for one. */
export function passes(
  house: House,
  halts: Halts,
  { recorder, lanes }: { readonly recorder: Recorder; readonly lanes: Lanes },
): Guard['pass'] {
  const reads = openReads(house.policy)
  /** INVARIANT (what was looked at is what runs): from the look until the target has answered, what could change it waits. */
  return (asked) => {
    const lane = house.isOrdered(asked.target) ? null : laneOf(asked)
    // What is stopped is told at once; it has no turn to wait for.
    if (lane === null || barred(house, halts, asked.principal) !== null) return pass(asked)
    const entered = lanes.enter(asked.target, lane)
    return entered instanceof Promise
      ? entered.then((leave) => passOn(asked, leave))
      : passOn(asked, entered)
  }

  function passOn(asked: Asked, leave: () => void): Passed | Promise<Passed> {
    const left = (thrown: unknown): never => {
      leave()
      throw thrown
    }
    const landed = (passed: Passed): Passed => {
      if (passed.kind === 'allowed') return landing(passed, leave)
      leave()
      return passed
    }
    try {
      const passed = pass(asked)
      return passed instanceof Promise ? passed.then(landed, left) : landed(passed)
    } catch (thrown) {
      return left(thrown)
    }
  }

  /** At once where nothing is asked or written down first: most requests are reads, and waiting costs each of them. */
  function pass(asked: Asked): Passed | Promise<Passed> {
    const barredNow = barred(house, halts, asked.principal)
    if (barredNow !== null) return stop(asked, barredNow)
    const known = reads.of(asked)
    if (known !== null) return quietly(asked, known)
    const looked = look(asked)
    return looked instanceof Promise ? looked.then(go) : go(looked)
  }

  function go(weighed: Weighed): Passed | Promise<Passed> {
    const barredSince = barred(house, halts, weighed.asked.principal)
    if (barredSince !== null) return stop(weighed.asked, barredSince)
    return runs(weighed) && !isGrave(weighed.measured.action)
      ? goQuietly(weighed)
      : goGravely(weighed)
  }

  /** A read or an ordinary write: no transaction, a line in the next batch. */
  function goQuietly({ asked, measured: { action }, decision }: Weighed): Passed {
    const { findings } = decision.verdict
    const known = { action, digest: actionDigest(action), findings }
    reads.keep(asked, known)
    return quietly(asked, known)
  }

  function quietly(asked: Asked, known: KnownRead): Passed {
    recorder.check()
    const { action, digest } = known
    const noted = action.operations.every(({ effect }) => effect === 'read') ? null : digest
    return allowed(known, (status) => recorder.note(line(house, asked, { digest: noted, status })))
  }

  async function goGravely(weighed: Weighed): Promise<Passed> {
    const ready = await copied(weighed)
    return await house.state.transact((tx) => weigh(tx, ready))
  }

  /** With a cheap way back, where one is wanted; a copy takes its time, so the platform is asked again behind it. */
  async function copied(weighed: Weighed): Promise<Weighed> {
    const { asked, measured } = weighed
    const decision = await foreseen(house, measured, weighed.decision)
    const extra = runs(weighed) ? await cheapWayBack(house, measured, decision) : []
    if (extra.length === 0) return { ...weighed, decision }
    const again = judge(asked, await measure(house, asked, 'measureFresh'))
    return { ...again, decision: withFindings(again.decision, extra) }
  }

  /** INVARIANT (fresh yes): what the platform said to an earlier request may refuse this one, and never lets it run. */
  function look(asked: Asked): Weighed | Promise<Weighed> {
    const measured = measure(house, asked)
    // What is known at once is not waited for: most requests ask the platform nothing.
    if (measured instanceof Promise || measured.kept) return lookAgain(asked, measured)
    return judge(asked, measured)
  }

  async function lookAgain(asked: Asked, measured: Late): Promise<Weighed> {
    const first = judge(asked, await measured)
    return first.measured.kept && runs(first)
      ? judge(asked, await measure(house, asked, 'measureFresh'))
      : first
  }

  function judge(asked: Asked, measured: MeasuredAction): Weighed {
    const beyond = outside(house, asked.principal, measured)
    return { asked, measured, beyond, decision: decide(house, measured, asked.platform) }
  }

  function stop(asked: Asked, why: Finding): Passed {
    recorder.refused(line(house, asked, { digest: null, status: 403 }))
    const names = asked.operations.map((operation) => operation.name).join(', ')
    return { kind: 'denied', told: barredTold(names, why) }
  }

  /** INVARIANT (intent-first): the verdict and its entry are durable together, before anything is forwarded. */
  async function weigh(tx: Tx, weighed: Weighed): Promise<Passed> {
    const { asked, measured, decision, beyond } = weighed
    const { action, radius } = measured
    const digest = actionDigest(action)
    const known = await findHold(house, tx, digest)
    if (known !== null && mayWait(weighed)) return standing(house, known)
    const attempts = known === null ? destroys(action) : 0
    if (attempts > 0) await halts.attemptIn(tx, action.principal, attempts)
    await house.look(tx)
    // The burst's own halt counts here too: the attempt that is one too many does not run.
    const stopped = barred(house, halts, asked.principal)
    const others = await refusals(tx, { asked, measured, decision, beyond })
    const against = stopped === null ? others : [...others, stopped]
    const noted = against.length > 0 || decision.verdict.kind !== 'allow'
    if (house.mode === 'shadow' && stopped === null && noted)
      return await letPass(tx, { asked, measured, decision, beyond, digest }, against)
    if (against.length > 0) {
      const facts = { digest, findings: against, radius }
      const entry = await append(tx, actionEntry('denied', house.clock.now(), action, facts))
      return { kind: 'denied', told: deniedTold(house, measured, { findings: against, entry }) }
    }
    if (decision.verdict.kind === 'hold') {
      const opening = { asked, measured, decision, digest }
      return standing(house, await openHold(house, tx, opening))
    }
    await append(tx, actionEntry('intent', house.clock.now(), action, { digest, radius }))
    return gravely(house, { action, digest }, decision.verdict.findings)
  }

  async function refusals(tx: Tx, weighed: Weighed): Promise<readonly Finding[]> {
    const { asked, measured, decision, beyond } = weighed
    const { action, radius } = measured
    if (beyond !== null) return [beyond]
    const closed = await house.closed(tx, action, radius)
    const leased = await house.leased(tx, radius)
    const waits = decision.verdict.kind === 'hold'
    const large = waits ? tooLarge(asked, measured) : null
    const flood = waits && large === null ? await flooded(tx, action.root) : null
    const leans = leaning(weighed)
    const found = [closed, leased, leans, large, flood].filter((finding) => finding !== null)
    const isTold = decision.verdict.kind === 'deny' || leans !== null
    return isTold ? [...found, ...decision.verdict.findings] : found
  }

  /** More open holds than a person can read are a way to tire people: the next is refused, not queued. */
  async function flooded(tx: Tx, root: string): Promise<Finding | null> {
    const most = house.limits.openHolds
    if ((await openHolds(tx, root)) < most) return null
    return {
      rule: 'too-many-holds',
      message: `${most} holds of this grant wait for a person already`,
    }
  }

  async function letPass(
    tx: Tx,
    { measured, decision, digest }: Weighed & { readonly digest: string },
    against: readonly Finding[],
  ): Promise<Passed> {
    const { action, radius } = measured
    const { verdict } = decision
    const would = against.length > 0 ? 'deny' : verdict.kind
    const findings = against.length > 0 ? against : verdict.findings
    const facts = { digest, radius, findings, extra: { would } }
    await append(tx, actionEntry('shadowed', house.clock.now(), action, facts))
    return gravely(house, { action, digest }, findings)
  }

  async function append(tx: Tx, entry: Entry): Promise<number> {
    return await house.ledger.append(tx, [entry])
  }
}

type Allowed = Extract<Passed, { readonly kind: 'allowed' }>

/** Reads keep to no lane: they change nothing that is looked at. */
function laneOf({ operations }: Asked): Lane | null {
  if (operations.every(({ effect }) => effect === 'read')) return null
  return operations.every(({ effect }) => effect === 'read' || effect === 'write')
    ? 'together'
    : 'alone'
}

function landing(passed: Allowed, leave: () => void): Allowed {
  const { done } = passed
  return {
    ...passed,
    landed: leave,
    done: (status, summary) => {
      leave()
      done(status, summary)
    },
  }
}

type Late = MeasuredAction | Promise<MeasuredAction>

interface Weighed {
  readonly asked: Asked
  readonly measured: MeasuredAction
  readonly decision: Decision
  readonly beyond: Finding | null
}

function mayWait(weighed: Weighed): boolean {
  return weighed.beyond === null && leaning(weighed) === null
}

/** Why what would be held cannot wait; null where it can, or need not. */
function leaning({ asked, decision }: Weighed): Finding | null {
  return decision.verdict.kind === 'hold' ? (asked.leans ?? null) : null
}

/** True where neither the grant nor the policy keeps it. */
function runs({ beyond, decision }: Weighed): boolean {
  return beyond === null && decision.verdict.kind === 'allow'
}

function line(
  house: House,
  asked: Asked,
  { digest, status }: Pick<RequestLine, 'digest' | 'status'>,
): RequestLine {
  const operation = asked.operations.map(({ name }) => name).join(', ')
  return {
    at: house.clock.now(),
    principal: asked.principal.name,
    target: asked.target,
    operation,
    digest,
    status,
  }
}

/** A clearance for what was allowed just now. */
function mint(digest: string): Clearance {
  const clearance = Clearance.clear(digest, allow, null)
  if (clearance === null) throw new FirebreakError('internal', 'an allowed action was not cleared')
  return clearance
}

/** It may go, with a clearance of its own. */
function allowed({ action, digest, findings }: KnownRead, done: Allowed['done']): Allowed {
  const clearance = mint(digest)
  return { kind: 'allowed', action, digest, clearance, findings, landed: () => {}, done }
}

/** What was written down as an intent: its outcome is an entry of its own. */
function gravely(
  house: House,
  { action, digest }: { readonly action: Action; readonly digest: string },
  findings: readonly Finding[],
): Passed {
  const done = (status: number, summary: string): void => {
    const ok = status >= 200 && status < 400
    const extra = { ok, status, summary }
    const entry = actionEntry('outcome', house.clock.now(), action, { digest, extra })
    // The answer is on its way already: a ledger that breaks now is told, and refuses the next request.
    house.state
      .transact((tx) => house.ledger.append(tx, [entry]))
      .catch((thrown: unknown) => house.notices.tell('ledger', messageOf(thrown), digest))
  }
  return allowed({ action, digest, findings }, done)
}
