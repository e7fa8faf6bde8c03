/** Control commands that read the ledger: looked up, and one entry with all that proves it. */
import * as v from 'valibot'
import { toJson } from '../../base/json.ts'
import { incident } from '../../ledger/incident.ts'
import { readVerifier } from '../../ledger/note.ts'
import { receiptOf } from '../../ledger/receipt.ts'
import { incidentIn } from '../../ledger/window.ts'
import { flawAt } from '../evidence.ts'
import { lookUp, mostFound } from '../looked-up.ts'
import { by, command } from './command.ts'
import type { ControlCommand } from './command.ts'

const index = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
const word = v.optional(v.nullable(v.pipe(v.string(), v.minLength(1), v.maxLength(300))), null)
const time = v.optional(v.nullable(v.number()), null)

export const ledgerCommands: Readonly<Record<string, ControlCommand>> = {
  /** Newest first; `next`, where it is not null, is the `before` of the next call: an empty page may have one. */
  'ledger-search': command(
    v.strictObject({
      kinds: v.optional(v.pipe(v.array(v.pipe(v.string(), v.maxLength(40))), v.maxLength(60)), []),
      principal: word,
      subject: word,
      text: word,
      since: time,
      until: time,
      before: v.optional(v.nullable(index), null),
      limit: v.optional(
        v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(mostFound)),
        mostFound,
      ),
      by,
    }),
    async ({ state }, wanted) => await state.read((tx) => lookUp(tx.log, wanted)),
  ),
  /** The bundle, as files and in parts: of a hold or an action's digest, or of a window of time. */
  incident: command(
    v.union([
      v.strictObject({ id: v.pipe(v.string(), v.minLength(1), v.maxLength(300)), by }),
      v.strictObject({ since: v.number(), until: v.number(), by }),
    ]),
    async ({ state, signer }, asked) => {
      const key = readVerifier(signer.verifier)
      return await state.read(async ({ log }) => {
        const told =
          'id' in asked ? await incident(log, asked.id, key) : await incidentIn(log, asked, key)
        const { account, text, files } = told
        return toJson({ account, text, files })
      })
    },
  ),
  /** The receipt holds the entry's own bytes, its way to the root, and the signed checkpoint: whoever has the key needs no more. */
  'ledger-proof': command(
    v.strictObject({ index, by }),
    async ({ state, signer }, { index: at }) =>
      await state.read(async ({ log }) => ({
        receipt: await receiptOf(log, at),
        verifier: signer.verifier,
        size: (await log.checkpoint())?.size ?? 0,
        flaw: await flawAt(log, at),
      })),
  ),
}
