/** The control command that draws the blast radius from what is known. */
import * as v from 'valibot'
import { mapOf } from '../map.ts'
import { by, command } from './command.ts'
import type { ControlCommand } from './command.ts'

export const mapCommands: Readonly<Record<string, ControlCommand>> = {
  map: command(
    v.strictObject({ by }),
    async ({ state, config, clock }) => await state.read((tx) => mapOf(config, tx, clock.now())),
  ),
}
