/** Control commands that widen power, or take it back: credentials, halt, the accepted config. */
import * as v from 'valibot'
import { approvers } from '../../approvals/enrol.ts'
import { wordStill } from '../../approvals/signers.ts'
import { FirebreakError } from '../../base/error.ts'
import { toJson } from '../../base/json.ts'
import { keptCredentials } from '../../custody/custody.ts'
import { acceptPower, powerState } from '../accepted.ts'
import { by, command } from './command.ts'
import { vaultCredentials, wantedCredentials } from '../vault-credentials.ts'
import type { ControlCommand } from './command.ts'
import { keep } from './minted.ts'
import { signed, words } from './signed.ts'

export const powerCommands: Readonly<Record<string, ControlCommand>> = {
  'custody-add': signed(
    { target: v.string(), secret: v.string() },
    async (firebreak, { target }) => {
      const { config } = firebreak
      const isKnown =
        Object.hasOwn(config.targets, target) || vaultCredentials(config).includes(target)
      if (!isKnown) throw new FirebreakError('bad_input', `the config has no target \`${target}\``)
      return await Promise.resolve({
        sign: { what: ['custody', target], role: 'approver' as const },
        found: null,
      })
    },
    async (firebreak, { target, secret }, { proven: by }) => {
      await keep(firebreak, { target, secret, by })
      return { target }
    },
  ),
  /** What `firebreak protect` knows before it asks for a code. */
  'protect-look': command(
    v.strictObject({ target: v.string(), by }),
    async (firebreak, { target }) => {
      const { changes, odd, digest } = await powerState(firebreak)
      const kept = await firebreak.state.transact(keptCredentials)
      const people = await firebreak.state.transact(approvers)
      return {
        known: Object.hasOwn(firebreak.config.targets, target),
        kept: kept.some(({ id }) => id === target),
        enrolled: people.length,
        changes: [...changes],
        odd: [...odd],
        power: digest,
      }
    },
  ),
  /** The config that names a database, accepted, and its password kept: one word of one person. `power`: null where nothing has changed. */
  'protect-keep': signed(
    { target: v.string(), secret: v.nullable(v.string()), power: v.nullable(v.string()) },
    async (firebreak, { target, power }) => {
      if (!Object.hasOwn(firebreak.config.targets, target))
        throw new FirebreakError('bad_input', `the config has no target \`${target}\``)
      const { digest, odd } = await powerState(firebreak)
      if (power !== null && power !== digest) throw another()
      const role = power === null ? 'approver' : 'admin'
      return { sign: { what: ['protect', target, power], role }, found: odd }
    },
    async (firebreak, { target, secret, power }, { proven: by, found: odd }) => {
      if (power !== null) await acceptPower(firebreak, by, odd)
      if (secret !== null) await keep(firebreak, { target, secret, by })
      return { target }
    },
  ),
  'custody-remove': signed(
    { target: v.string() },
    words(({ target }) => ['custody-remove', target]),
    async (firebreak, { target }, { proven }) => {
      await firebreak.state.transact(async (tx) => {
        const word = await wordStill(firebreak, tx, proven)
        await tx.remove('credential', target)
        await firebreak.ledger.append(tx, [
          {
            kind: 'custody',
            at: firebreak.clock.now(),
            subject: target,
            principal: null,
            body: { what: 'removed', by: proven.approver.name, ...word },
          },
        ])
      })
      firebreak.credential.forget()
      return { target }
    },
  ),
  'custody-list': command(v.object({}), async ({ state }) => {
    const rows = await state.transact(keptCredentials)
    return rows.map(({ id, ...facts }) => ({ target: id, ...facts }))
  }),
  /** Every name that something of the config takes a credential by, and where that goes. */
  'custody-wanted': command(
    v.strictObject({ by }),
    async ({ config }) => await Promise.resolve(toJson(wantedCredentials(config))),
  ),
  halt: command(
    v.strictObject({ who: v.string(), reason: v.pipe(v.string(), v.maxLength(300)), by }),
    async ({ guard }, { who, reason, by: from }) => {
      const unstored = await guard.halts.throwNow(who, from, reason)
      return { who, stored: unstored === null, ...(unstored === null ? {} : { why: unstored }) }
    },
  ),
  resume: signed(
    { who: v.string() },
    words(({ who }) => ['resume', who], 'stand-in'),
    async (firebreak, { who }, { proven }) => {
      const { state, guard } = firebreak
      const lifted = await state.transact(async (tx) => {
        const word = await wordStill(firebreak, tx, proven)
        return await guard.halts.liftIn(tx, who, proven.approver.name, word)
      })
      await guard.halts.load()
      if (!lifted) throw new FirebreakError('not_found', `\`${who}\` is not halted`)
      return { who }
    },
  ),
  'power-changes': command(v.object({}), async (firebreak) => {
    const { changes, odd, digest } = await powerState(firebreak)
    return { changes: [...changes], odd: [...odd], power: digest }
  }),
  accept: signed(
    { power: v.string() },
    async (firebreak, { power }) => {
      const { digest, odd } = await powerState(firebreak)
      if (power !== digest) throw another()
      return { sign: { what: ['accept', power], role: 'admin' }, found: odd }
    },
    async (firebreak, { power }, { proven, found: odd }) => {
      await acceptPower(firebreak, proven, odd)
      return { power }
    },
  ),
}

function another(): FirebreakError {
  return new FirebreakError('wrong_state', 'the config is not the one that was shown', 'look again')
}
