/** What a passkey is asked to sign for a command, and put before a person for some minutes. */
import * as v from 'valibot'
import { approverByName } from '../../approvals/factor.ts'
import { passkeysOf } from '../../approvals/passkey-factor.ts'
import { FirebreakError } from '../../base/error.ts'
import { toJson } from '../../base/json.ts'
import type { Json, JsonObject } from '../../base/json.ts'
import { by, command } from './command.ts'
import type { ControlCommand } from './command.ts'
import { boundOf } from './signed.ts'

/** The command that answers for all others. */
export function statementCommand(
  commands: ReadonlyMap<string, ControlCommand>,
): Readonly<Record<string, ControlCommand>> {
  const input = v.custom<JsonObject>((value) => typeof value === 'object' && value !== null)
  return {
    statement: command(
      v.strictObject({ command: v.string(), input, approver: v.string(), by }),
      async (firebreak, asked): Promise<Json> => {
        const purpose = commands.get(asked.command)?.purpose ?? null
        const wanted = await purpose?.(firebreak, asked.input, asked.approver)
        if (wanted === undefined || wanted === null)
          throw new FirebreakError('bad_input', `\`${asked.command}\` takes no signature`)
        return await firebreak.state.read(async (tx) => {
          const seat = await approverByName(tx, asked.approver)
          const keys = seat === null ? [] : await passkeysOf(tx, seat)
          if (keys.length === 0)
            throw new FirebreakError(
              'factor_refused',
              `\`${asked.approver}\` has no passkey`,
              'firebreak approver invite NAME',
            )
          const { digest } = boundOf(wanted)
          const told =
            'what' in wanted
              ? { what: wanted.what, shown: null }
              : { what: null, shown: wanted.shown }
          const wish = { approver: asked.approver, digest, ...told }
          const { challenge, statement } = firebreak.statements.put(wish)
          return { challenge, statement: toJson(statement), allow: keys.map(({ id }) => id) }
        })
      },
    ),
  }
}
