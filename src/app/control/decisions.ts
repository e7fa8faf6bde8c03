/** The control command about what people are asked, and what they say. */
import * as v from 'valibot'
import { decisionsOf } from '../decisions.ts'
import { by, command } from './command.ts'
import type { ControlCommand } from './command.ts'

export const decisionCommands: Readonly<Record<string, ControlCommand>> = {
  decisions: command(
    v.strictObject({ days: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(365)), by }),
    async ({ state, clock }, { days }) =>
      await state.read(({ log }) => decisionsOf(log, { now: clock.now(), days })),
  ),
}
