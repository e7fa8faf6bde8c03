/** A hook's question answered: it passes the guard as an action on the shell target that the grant is for, and an approved one is let through once. */
import { messageOf } from '../base/error.ts'
import { parseJson, toJson } from '../base/json.ts'
import type { Json } from '../base/json.ts'
import { closedFinding } from '../approvals/closed.ts'
import { actionDigest } from '../core/action.ts'
import type { Action } from '../core/action.ts'
import type { Principal } from '../core/principal.ts'
import type { Operation } from '../core/operation.ts'
import type { Push } from '../gateways/hook/push.ts'
import { isForced } from '../gateways/hook/question.ts'
import type { Answered, Told } from '../gateways/hook/question.ts'
import { readBody } from '../gateways/http/body.ts'
import type { Mount } from '../gateways/http/house.ts'
import type { Passed } from '../guard/passed.ts'
import { holdById, openStored } from '../guard/hold.ts'
import type { Tx } from '../guard/ports.ts'
import type { HoldRow } from '../guard/rows.ts'
import { isWritten } from '../ledger/seek.ts'
import type { Firebreak } from './compose.ts'
import type { Pass } from './passes.ts'
import { jsonAnswer } from './json-answer.ts'
import type { ShellTarget } from './shell-target.ts'

/** Null where there is nothing to say: no shell target, or shadow mode. Total. */
export async function hookAsked(
  firebreak: Firebreak,
  principal: Principal,
  request: Json,
): Promise<Answered | null> {
  try {
    return await asked(firebreak, principal, request)
  } catch (thrown) {
    // What breaks here lets nothing through.
    return { kind: 'held', text: `Firebreak could not open a hold: ${messageOf(thrown)}.` }
  }
}

/** The same over HTTP, for hooks that are processes. */
export function hookMount(firebreak: Firebreak): Mount {
  const { bodyBytes } = firebreak.config.limits
  return {
    serve: async ({ principal, incoming }) => {
      const text = Buffer.from(await readBody(incoming, bodyBytes)).toString('utf8')
      const told = await hookAsked(firebreak, principal, parseJson(text))
      return jsonAnswer(toJson(told ?? { kind: 'none' }))
    },
  }
}

/** For a hook that the daemon is itself: it has no repository, so it can save nothing. */
export async function hookSelf(
  firebreak: Firebreak,
  principal: Principal,
  request: Json,
): Promise<Told | null> {
  const told = await hookAsked(firebreak, principal, request)
  return told?.kind === 'save' ? held(byProcess) : told
}

async function asked(
  firebreak: Firebreak,
  principal: Principal,
  request: Json,
): Promise<Answered | null> {
  const { guard, state, passes } = firebreak
  const found = shellFor(firebreak, principal)
  if (found === null || typeof found === 'string') return found === null ? null : held(found)
  const { target, shell } = found
  const { operations, isLifeline, push } = shell.read(request)
  if (isLifeline) return { kind: 'denied', text: 'Nobody can approve this here.' }
  if (operations.length === 0) return null
  if (push === null && operations.some(({ name }) => isForced(name))) return held(byProcess)
  const bare = actionOf(principal, target, operations)
  const pass = await state.transact((tx) => passes.of(tx, bare))
  const action = { ...bare, key: keyAfter(pass, firebreak.clock.now()) }
  const passed = await guard.pass({
    principal,
    target,
    platform: 'shell',
    operations,
    key: action.key,
    request: toJson(request),
    reason: null,
  })
  if (passed.kind === 'settled' && passed.ok && passed.told.holdId !== null)
    return await take(firebreak, principal, { action, hold: passed.told.holdId, push })
  return inWords(passed)
}

/** The one that the grant is for; why there is none to choose; null where there is nothing to ask. */
function shellFor(
  { config, shells }: Firebreak,
  { scope }: Principal,
): { readonly target: string; readonly shell: ShellTarget } | string | null {
  const names = [...shells.keys()].filter((name) => scope.targets?.includes(name) ?? true)
  const [target, ...others] = names
  const shell = target === undefined ? undefined : shells.get(target)
  // What shadow mode lets pass is the gateways' to record: a hook judges as it does alone.
  if (target === undefined || shell === undefined || config.mode === 'shadow') return null
  if (others.length === 0) return { target, shell }
  return `the grant is for several shell targets (${names.join(', ')}): let it name one.`
}

function actionOf(
  { name: principal, root }: Principal,
  target: string,
  operations: readonly Operation[],
): Action {
  return { principal, root, target, key: null, operations }
}

/** INVARIANT (once): a call whose pass is used, void or too old is a new action, and waits for a person anew. */
function keyAfter(pass: Pass | null, now: number): string | null {
  if (pass === null) return null
  return pass.state === 'open' && pass.until > now ? pass.key : `after ${pass.digest}`
}

interface Taking {
  readonly action: Action
  readonly hold: string
  readonly push: Push | null
}

/** In one transaction: what bars it by now, the pass itself, and the entry that it was used. */
async function take(firebreak: Firebreak, principal: Principal, taking: Taking): Promise<Answered> {
  const { state, clock, ledger, passes, pushes } = firebreak
  const { action, hold, push } = taking
  const digest = actionDigest(action)
  return await state.transact(async (tx) => {
    const why = await bars(firebreak, tx, principal, taking)
    if (why !== null) return why
    const pass = await passes.of(tx, action)
    const at = clock.now()
    if (pass?.digest !== digest || pass.state !== 'open' || pass.until <= at)
      return held(`${hold} has no pass any more: ask again.`)
    // INVARIANT (recovery-first): what is written over lies here before it may be.
    if (push !== null && push.refs.length > 0 && (await pushes.of(tx, hold)) === null)
      return { kind: 'save', hold }
    await passes.put(tx, action, { ...pass, state: 'used' })
    const operation = action.operations.map(({ name }) => name).join(', ')
    const body = { hold, digest, operation, target: action.target, pass: 'used' }
    const entry = {
      kind: 'intent',
      at,
      subject: subjectOf(digest),
      principal: principal.name,
      body,
    }
    await ledger.append(tx, [{ ...entry, kind: 'intent' }])
    return { kind: 'pass' }
  })
}

async function bars(
  firebreak: Firebreak,
  tx: Tx,
  principal: Principal,
  { action, hold }: Taking,
): Promise<Told | null> {
  await firebreak.look(tx)
  const barred = firebreak.guard.bars(principal)
  if (barred !== null) return { kind: 'denied', text: barred.message }
  const row = await holdById(tx, hold)
  const closed = await closedFinding(tx, action, row.radius, firebreak.clock.now())
  if (closed !== null) return { kind: 'denied', text: closed.message }
  // INVARIANT (E4): the row of the pass may be an older one that was put back; the ledger forgets no use.
  const subject = subjectOf(actionDigest(action))
  const isUsed = await isWritten(tx.log, { kinds: ['intent', 'undone'], subject }, row.entry)
  return isUsed
    ? { kind: 'denied', text: `the pass of ${hold} was used or taken back before` }
    : null
}

const byProcess =
  'What the remote has can only be saved where the hook is a process (`firebreak hook`) and the push a plain command of its own: so it cannot wait for a person.'

function subjectOf(digest: string): string {
  return `pass:${digest}`
}

function held(text: string): Told {
  return { kind: 'held', text }
}

function inWords(passed: Passed): Told {
  if (passed.kind === 'allowed') {
    passed.done(200, 'let through by the policy')
    return { kind: 'pass' }
  }
  const { told } = passed
  const id = told.holdId ?? ''
  const [why = { message: 'the policy says so' }] = told.findings
  switch (passed.kind) {
    case 'held':
      return held(
        `It waits as ${id}: a person runs \`firebreak approve ${id}\`; then run the very same again, in the same folder.`,
      )
    case 'scheduled':
      return held(
        `${id} is approved and waits for its time${timeOf(told.executesAt)}: run it then.`,
      )
    case 'denied':
      return { kind: 'denied', text: id === '' ? why.message : `${id}: ${why.message}` }
    case 'settled':
      return { kind: 'denied', text: `${id} is ${told.state ?? 'over'}: ${why.message}` }
  }
}

function timeOf(at: number | null): string {
  return at === null ? '' : ` (${new Date(at).toISOString()})`
}

/** Makes a pass void that nobody has used yet; null where there is none. */
export async function takePassBack(
  { state, clock, seal, ledger, passes }: Firebreak,
  hold: HoldRow,
  by: string,
): Promise<string | null> {
  if (hold.state !== 'executed') return null
  const { action, platform } = openStored({ seal }, hold)
  if (platform !== 'shell') return null
  return await state.transact(async (tx) => {
    const pass = await passes.of(tx, action)
    const at = clock.now()
    if (pass?.digest !== hold.digest || pass.state !== 'open' || pass.until <= at) return null
    await passes.put(tx, action, { ...pass, state: 'void' })
    const body = { by, hold: hold.id, pass: 'void' }
    const subject = subjectOf(hold.digest)
    await ledger.append(tx, [{ kind: 'undone', at, subject, principal: null, body }])
    return `${hold.id} is not let through any more: its pass was not used`
  })
}
