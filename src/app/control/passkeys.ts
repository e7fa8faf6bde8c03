/** Control commands about passkeys: invited, made at the page, confirmed by the terminal that invited, listed, taken away. */
import * as v from 'valibot'
import { approvers } from '../../approvals/enrol.ts'
import { approverByName } from '../../approvals/factor.ts'
import { arrived, confirmed, invite, opened } from '../../approvals/invite.ts'
import { passkeysOf, removePasskey } from '../../approvals/passkey-factor.ts'
import { wordStill } from '../../approvals/signers.ts'
import { FirebreakError } from '../../base/error.ts'
import type { Json } from '../../base/json.ts'
import type { Firebreak } from '../compose.ts'
import { siteOf } from '../site.ts'
import { realChance } from '../world.ts'
import { by, command } from './command.ts'
import type { ControlCommand } from './command.ts'
import { base64url, signed, signedWhere } from './signed.ts'

const name = v.pipe(v.string(), v.maxLength(80))
const role = v.picklist(['viewer', 'approver', 'admin'])

export const passkeyCommands: Readonly<Record<string, ControlCommand>> = {
  'approver-invite': signedWhere(
    { name, role },
    async (firebreak, given, approver) => {
      const people = await firebreak.state.transact(approvers)
      if (people.length === 0) return null
      // A further key for oneself takes one's own word; whoever is new, an admin's.
      const isOwn = given.name === approver && people.some((one) => one.name === given.name)
      const why = new FirebreakError(
        'factor_refused',
        'inviting takes an admin: somebody is enrolled already',
        'if that was not you, an agent was first: start over with a new state folder',
      )
      const what = ['invite', given.name, given.role]
      return { sign: { what, role: isOwn ? 'approver' : 'admin' }, why }
    },
    async (firebreak, wish, { proven }) => {
      const by = proven?.approver.name ?? null
      const { token, ...rest } = await firebreak.state.transact(async (tx) => {
        const word = proven === null ? {} : await wordStill(firebreak, tx, proven)
        const invited = await invite(houseOf(firebreak), tx, { ...wish, by })
        const body = { ...wish, by, ...word, until: invited.until }
        const at = firebreak.clock.now()
        const entry = { kind: 'invited', at, subject: wish.name, principal: null, body } as const
        await firebreak.ledger.append(tx, [entry])
        return invited
      })
      // Behind the `#` it reaches no server, and no log.
      return { ...rest, url: `${siteOf(firebreak.config).origin}/#invited=${token}` }
    },
  ),
  'passkey-open': command(
    v.strictObject({ token: base64url, by }),
    async (firebreak, { token }): Promise<Json> => {
      const open = await firebreak.state.transact((tx) => opened(houseOf(firebreak), tx, token))
      return { ...open, rpId: siteOf(firebreak.config).rpId }
    },
  ),
  'passkey-arrive': command(
    v.strictObject({
      token: base64url,
      given: v.strictObject({
        id: base64url,
        clientDataJSON: base64url,
        authenticatorData: base64url,
        publicKey: base64url,
        publicKeyAlgorithm: v.number(),
      }),
      by,
    }),
    async (firebreak, { token, given }): Promise<Json> => {
      const site = siteOf(firebreak.config)
      const number = await firebreak.state.transact((tx) =>
        arrived(houseOf(firebreak), tx, { token, given, site }),
      )
      return { number }
    },
  ),
  'passkey-confirm': command(
    v.strictObject({ terminal: base64url, number: v.pipe(v.string(), v.maxLength(20)), by }),
    async (firebreak, { terminal, number }): Promise<Json> => {
      const done = await firebreak.state.transact(async (tx) => {
        const result = await confirmed(houseOf(firebreak), tx, { terminal, number })
        if (typeof result === 'string') return result
        const { seat, key, by: inviter } = result
        const body = { name: seat.name, role: seat.role, by: inviter, passkey: { ...key } }
        const at = firebreak.clock.now()
        await firebreak.ledger.append(tx, [
          { kind: 'enrolled', at, subject: seat.id, principal: null, body },
        ])
        return { name: seat.name, role: seat.role, passkey: key.id }
      })
      if (typeof done === 'string') {
        // Somebody who reads that terminal may have been quicker: people shall hear of it.
        firebreak.notices.tell('invitation', done, 'console')
        throw new FirebreakError('factor_refused', done)
      }
      return done
    },
  ),
  'passkey-list': command(v.strictObject({ by }), async ({ state }) =>
    state.transact(async (tx) => {
      const people = await approvers(tx)
      const keys = await Promise.all(people.map((person) => passkeysOf(tx, person)))
      return people.flatMap((person, nth) =>
        (keys[nth] ?? []).map(({ id, addedAt, usedAt }) => ({
          id,
          name: person.name,
          addedAt,
          usedAt,
        })),
      )
    }),
  ),
  'passkey-remove': signed(
    { name, id: base64url },
    async (firebreak, given, approver) => {
      const seat = await firebreak.state.transact((tx) => approverByName(tx, given.name))
      if (seat === null)
        throw new FirebreakError('not_found', `nobody \`${given.name}\` is enrolled`)
      const role = given.name === approver ? 'approver' : 'admin'
      return { sign: { what: ['passkey-remove', given.name, given.id], role }, found: seat }
    },
    async (firebreak, { id }, { proven, found: seat }) => {
      const at = firebreak.clock.now()
      await firebreak.state.transact(async (tx) => {
        const word = await wordStill(firebreak, tx, proven)
        await removePasskey(tx, seat, id, at)
        const body = { name: seat.name, passkey: id, by: proven.approver.name, ...word }
        await firebreak.ledger.append(tx, [
          { kind: 'removed', at, subject: seat.id, principal: null, body },
        ])
      })
      return { name: seat.name, id }
    },
  ),
}

function houseOf({ seal, clock }: Firebreak): Parameters<typeof invite>[0] {
  return { seal, now: () => clock.now(), chance: realChance }
}
