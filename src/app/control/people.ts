/** Control commands about people: who approves. */
import * as v from 'valibot'
import { lendings } from '../../approvals/delegate.ts'
import { approvers, begin, confirm, removeApprover } from '../../approvals/enrol.ts'
import type { Begun } from '../../approvals/enrol.ts'
import type { Proven } from '../../approvals/factor.ts'
import { wordStill } from '../../approvals/signers.ts'
import { FirebreakError } from '../../base/error.ts'
import { realChance } from '../world.ts'
import { by, command } from './command.ts'
import type { ControlCommand } from './command.ts'
import { signed, signedWhere, words } from './signed.ts'

/** Begun enrolments live in memory alone: a restart forgets them, and they are begun again. */
export function peopleCommands(): Readonly<Record<string, ControlCommand>> {
  const begun = new Map<string, Pick<Begun, 'row' | 'by'> & { readonly proven: Proven | null }>()
  const seat = { name: v.string(), role: v.picklist(['viewer', 'approver', 'admin']) }
  return {
    'approver-list': command(v.object({}), async ({ state, seal, clock }) => {
      const [rows, lent] = await state.transact(
        async (tx) => [await approvers(tx), await lendings(seal, tx)] as const,
      )
      const lasting = lent.filter(({ row }) => row.until > clock.now())
      return rows.map(({ id, name, role, enrolledAt, enrolledBy }) => {
        const away = lasting.find(({ from }) => from.id === id)
        const place = lasting.find(({ to }) => to.id === id)
        return {
          name,
          role,
          enrolledAt,
          enrolledBy,
          // Who signs in their place, and in whose place they sign.
          lent: away === undefined ? null : { to: away.to.name, until: away.row.until },
          for: place === undefined ? null : { name: place.from.name, until: place.row.until },
        }
      })
    }),
    'approver-enrol': signedWhere(
      seat,
      async (firebreak, { name, role }) => {
        if ((await firebreak.state.transact(approvers)).length === 0) return null
        const why = new FirebreakError(
          'factor_refused',
          'enrolling needs an admin: somebody is enrolled already',
          'if that was not you, an agent was first: start over with a new state folder',
        )
        return { sign: { what: ['enrol', name, role], role: 'admin' }, why }
      },
      async (firebreak, { name, role }, { proven }) => {
        const admin = proven?.approver ?? null
        const house = { seal: firebreak.seal, now: () => firebreak.clock.now(), chance: realChance }
        const { uri, ...rest } = await firebreak.state.transact((tx) =>
          begin(house, tx, { name, role: admin === null ? 'admin' : role, by: admin }),
        )
        begun.set(name, { ...rest, proven })
        return { uri, role: rest.row.role }
      },
    ),
    'approver-confirm': command(
      v.strictObject({ name: v.string(), code: v.string(), by }),
      async (firebreak, { name, code }) => {
        const found = begun.get(name)
        if (found === undefined)
          throw new FirebreakError(
            'not_found',
            `no enrolment of \`${name}\` was begun`,
            `firebreak approver enrol ${name}`,
          )
        const house = { seal: firebreak.seal, now: () => firebreak.clock.now(), chance: realChance }
        await firebreak.state.transact(async (tx) => {
          const { proven } = found
          const word = proven === null ? {} : await wordStill(firebreak, tx, proven)
          const enrolled = await confirm(house, tx, found, code)
          const body = { name, role: enrolled.role, by: enrolled.enrolledBy, ...word }
          await firebreak.ledger.append(tx, [
            {
              kind: 'enrolled',
              at: firebreak.clock.now(),
              subject: enrolled.id,
              principal: null,
              body,
            },
          ])
        })
        begun.delete(name)
        return { name }
      },
    ),
    'approver-remove': signed(
      { name: v.string() },
      words(({ name }) => ['remove', name], 'admin'),
      async (firebreak, { name }, { proven: admin }) => {
        await firebreak.state.transact(async (tx) => {
          const word = await wordStill(firebreak, tx, admin)
          const row = await removeApprover(tx, name, firebreak.clock.now())
          const body = { name, by: admin.approver.name, ...word }
          await firebreak.ledger.append(tx, [
            { kind: 'removed', at: firebreak.clock.now(), subject: row.id, principal: null, body },
          ])
        })
        return { name }
      },
    ),
  }
}
