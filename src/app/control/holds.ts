/** Control commands about holds: show, approve, deny, undo; and what a no has closed. */
import * as v from 'valibot'
import { isAsker, objection, shortOf, signerNamed, withApproval } from '../../approvals/approve.ts'
import { closeClasses, closedClasses, closedFinding, reopen } from '../../approvals/closed.ts'
import { confirmName, showHold, shownDigest } from '../../approvals/show.ts'
import { wordOf } from '../../approvals/factor.ts'
import { signers, wordStill } from '../../approvals/signers.ts'
import { FirebreakError } from '../../base/error.ts'
import { toJson } from '../../base/json.ts'
import type { Json, JsonObject } from '../../base/json.ts'
import { settled } from '../../core/hold.ts'
import { sealApproval } from '../../guard/approved.ts'
import { holdById, move, openStored } from '../../guard/hold.ts'
import type { Signer } from '../../guard/house.ts'
import { actionEntry } from '../../guard/record.ts'
import type { Tx } from '../../guard/ports.ts'
import type { HoldRow, RecoveryPointRow } from '../../guard/rows.ts'
import type { Firebreak } from '../compose.ts'
import { detailOf, goesLine } from '../console/detail.ts'
import { environmentsOf } from '../environments.ts'
import { siteOf } from '../site.ts'
import { openSaved, savedLine } from '../push-open.ts'
import { undoAsks, undoHold } from '../undo.ts'
import { by, command } from './command.ts'
import type { ControlCommand } from './command.ts'
import { signed, signedWhere, words } from './signed.ts'

const one = v.strictObject({ id: v.string(), by })

export const holdCommands: Readonly<Record<string, ControlCommand>> = {
  'hold-list': command(
    v.strictObject({ all: v.boolean(), by }),
    async ({ state, config }, { all }) => {
      const rows = await state.transact((tx) => tx.find('hold', {}))
      const wanted = all ? rows.slice(-200) : rows.filter((row) => !settled(row.state))
      return wanted.map((row) => ({
        ...brief(row),
        goes: goesLine(row, environmentsOf(config, row.action.target).name),
      }))
    },
  ),
  'hold-show': command(one, async (firebreak, { id }) => {
    const [hold, able, all] = await firebreak.state.transact(
      async (tx) =>
        [await holdById(tx, id), await signing(firebreak, tx), await tx.find('point', {})] as const,
    )
    const text = shownText(firebreak, hold)
    const confirm = confirmName(hold)
    const lost = firebreak.guard.deferral.isLost(hold) ? lostLine : null
    const short = shortOf(hold, able)
    const { config } = firebreak
    const name = environmentsOf(config, hold.action.target).name
    const detail = toJson(detailOf(hold, name, pointsFor(hold, all)))
    const saved = await savedLine(firebreak, id)
    const site = config.console === undefined ? null : siteOf(config).origin
    return {
      ...brief(hold),
      text,
      shown: shownDigest(text),
      confirm,
      short,
      lost,
      saved,
      site,
      detail,
    }
  }),
  'hold-approve': signed(
    { id: v.string(), shown: v.string() },
    async (firebreak, { id, shown }, approver) => {
      const [found, able] = await firebreak.state.transact(
        async (tx) => [await holdById(tx, id), await signing(firebreak, tx)] as const,
      )
      const why = objection(found, approver, able)
      if (why !== null) throw new FirebreakError('factor_refused', why)
      if (shownDigest(shownText(firebreak, found)) !== shown)
        throw new FirebreakError(
          'wrong_state',
          `\`${id}\` has changed since it was shown`,
          'look at it again',
        )
      const { digest, factor } = found
      const sign = { digest, shown, ...(factor === undefined ? {} : { factor }) }
      return { sign, found: null }
    },
    async (firebreak, { id, shown }, { proven }) => {
      const approved = await firebreak.state.transact(async (tx) => {
        const hold = await holdById(tx, id)
        await unchanged(firebreak, tx, hold, shown)
        const given = withApproval(hold, proven, { ...(await signing(firebreak, tx)), shown })
        const { enough } = given
        const mine = given.approvals.at(-1)
        const sealed = mine === undefined ? [] : [sealApproval(firebreak.seal, id, mine)]
        const approvals = [...given.approvals.slice(0, -1), ...sealed]
        const extra: JsonObject = {
          approver: proven.approver.name,
          ...(await wordStill(firebreak, tx, proven)),
          shown,
          enough,
        }
        if (enough)
          return await move(firebreak.mover, tx, hold, {
            event: 'approve',
            entry: 'approved',
            change: { approvals },
            extra,
          })
        const last = await firebreak.ledger.append(tx, [
          actionEntry('approved', firebreak.clock.now(), hold.action, {
            digest: hold.digest,
            subject: id,
            extra,
          }),
        ])
        const row = { ...hold, approvals, last }
        await tx.put('hold', row)
        return row
      })
      const receipt = await receiptOf(firebreak, approved)
      if (approved.state !== 'approved') {
        const short = shortOf(
          approved,
          await firebreak.state.transact((tx) => signing(firebreak, tx)),
        )
        const closing = `approved; ${short ?? 'another person must approve too'}`
        return { ...brief(approved), closing, receipt }
      }
      return { ...brief(await firebreak.guard.deferral.advance(id)), receipt }
    },
  ),
  'hold-deny': command(one, async (firebreak, { id, by: who }) => {
    const denied = await firebreak.state.transact(async (tx) => {
      const hold = await holdById(tx, id)
      const closing = `denied by ${who}`
      const row = await move(firebreak.mover, tx, hold, {
        event: 'reject',
        entry: 'rejected',
        change: { closing },
        extra: { by: who },
      })
      await closeClasses(tx, row, who, firebreak.clock.now())
      return row
    })
    firebreak.guard.moved(denied)
    return { ...brief(denied), receipt: await receiptOf(firebreak, denied) }
  }),
  'hold-undo': signedWhere(
    { id: v.string() },
    async (firebreak, { id }) => {
      if (!(await undoAsks(firebreak, id))) return null
      const why = new FirebreakError(
        'factor_refused',
        `undoing \`${id}\` writes over what lives now, so it needs an approver`,
        'give `--approver NAME --code CODE`',
      )
      return { sign: { what: ['undo', id], role: 'stand-in' }, why }
    },
    async (firebreak, { id }, { proven, by: who }) => {
      const word = proven === null ? {} : wordOf(proven)
      return { done: [...(await undoHold(firebreak, id, { by: who, word }))] }
    },
  ),
  // What a push of a hold wrote over, opened for a person's own git; null where there is none.
  'push-saved': command(
    one,
    async (firebreak, { id, by: who }) => await openSaved(firebreak, id, who),
  ),
  'hold-settle': signed(
    { id: v.string(), happened: v.boolean() },
    async (firebreak, { id, happened }, approver) => {
      const [hold, able] = await firebreak.state.transact(
        async (tx) => [await holdById(tx, id), await signing(firebreak, tx)] as const,
      )
      const place = signerNamed(able.signers, approver, able.now)?.for ?? approver
      if ([approver, place].some((name) => isAsker(hold.principal, name)))
        throw new FirebreakError(
          'factor_refused',
          `\`${approver}\` asked for it, or handed it on: another person must say`,
        )
      if (!firebreak.guard.deferral.isLost(hold)) {
        const state = hold.state === 'executing' ? 'running now' : hold.state
        throw new FirebreakError('wrong_state', `\`${id}\` is ${state}: there is nothing to settle`)
      }
      return { sign: { what: ['settle', id, happened], role: 'stand-in' }, found: null }
    },
    async (firebreak, { id, happened }, { proven }) => {
      const { name } = proven.approver
      const said = { approver: name, ...wordOf(proven) }
      const { deferral } = firebreak.guard
      const settled = await deferral.settle(id, { happened, by: name, proof: said })
      return { ...brief(settled), receipt: await receiptOf(firebreak, settled) }
    },
  ),
  'closed-list': command(v.object({}), async ({ state, clock }) => {
    const rows = await state.transact((tx) => closedClasses(tx, clock.now()))
    return rows.map((row) => ({ ...row }))
  }),
  reopen: signed(
    { id: v.string() },
    words(({ id }) => ['reopen', id], 'stand-in'),
    async (firebreak, { id }, { proven }) => {
      const at = firebreak.clock.now()
      await firebreak.state.transact(async (tx) => {
        const body = { by: proven.approver.name, ...(await wordStill(firebreak, tx, proven)) }
        if ((await reopen(tx, id, at)) === null)
          throw new FirebreakError('not_found', `no class \`${id}\` is closed`)
        await firebreak.ledger.append(tx, [
          { kind: 'reopened', at, subject: id, principal: null, body },
        ])
      })
      return { id }
    },
  ),
}

const lostLine =
  'it was cut off while it ran, and the target has not said whether it has happened: look there, also whether it still runs, then `firebreak holds settle HOLD --happened` or `--did-not`'

/** Who may sign, and the time by which that is told. */
async function signing(
  { seal, clock }: Firebreak,
  tx: Tx,
): Promise<{ readonly now: number; readonly signers: readonly Signer[] }> {
  return { now: clock.now(), signers: await signers(seal, tx) }
}

/** What was shown must be what is approved, and no other no may have closed its class meanwhile. */
async function unchanged(
  firebreak: Firebreak,
  tx: Tx,
  hold: HoldRow,
  shown: string,
): Promise<void> {
  if (shownDigest(shownText(firebreak, hold)) !== shown)
    throw new FirebreakError(
      'wrong_state',
      `\`${hold.id}\` has changed since it was shown`,
      'look at it again',
    )
  const closed = await closedFinding(tx, hold.action, hold.radius, firebreak.clock.now())
  if (closed !== null)
    throw new FirebreakError('wrong_state', closed.message, 'reopen the class first')
}

/** Throws where the row is not the hold that was opened: nobody shall read, or approve, what a hand wrote into the state. */
function shownText(firebreak: Firebreak, hold: HoldRow): string {
  openStored(firebreak, hold)
  return showHold(hold, environmentsOf(firebreak.config, hold.action.target).name)
}

/** The receipt of the newest entry about a hold, for the person who has just had it written. */
async function receiptOf({ state, ledger }: Firebreak, { last }: HoldRow): Promise<Json> {
  return (await state.transact((tx) => ledger.receipt(tx, last)))?.text ?? null
}

/** Those that it leans on; before it leans on any, the newest that there are of its target. */
function pointsFor(
  { recoveryPoints, action: { target } }: HoldRow,
  all: readonly RecoveryPointRow[],
): readonly RecoveryPointRow[] {
  const leaned = all.filter(({ id }) => recoveryPoints.includes(id))
  if (leaned.length > 0) return leaned
  return all
    .filter(({ covers }) => covers.some((key) => key.target === target))
    .toSorted((a, b) => b.takenAt - a.takenAt)
    .slice(0, 3)
}

function brief(hold: HoldRow): JsonObject & { readonly state: Json } {
  return {
    id: hold.id,
    state: hold.state,
    principal: hold.principal.name,
    target: hold.action.target,
    operation: hold.action.operations.map(({ name }) => name).join(', '),
    digest: hold.digest,
    requestedAt: hold.requestedAt,
    expiresAt: hold.expiresAt,
    executesAt: hold.executesAt,
    approvals: hold.approvals.length,
    approvalsNeeded: hold.approvalsNeeded,
    factor: hold.factor ?? null,
    recoveryPoints: [...hold.recoveryPoints],
    closing: hold.closing,
    entry: hold.last,
  }
}
