/** Control commands about recovery points: list, take, verify, drill, restore. */
import * as v from 'valibot'
import { toJson } from '../../base/json.ts'
import type { Firebreak } from '../compose.ts'
import { drilled } from '../drills.ts'
import { by, command, proof, withFactor } from './command.ts'
import type { ControlCommand } from './command.ts'

const id = v.pipe(v.string(), v.maxLength(100))

export const vaultCommands: Readonly<Record<string, ControlCommand>> = {
  'vault-list': command(v.object({}), async ({ vault, state }) => {
    const listed = await vault.list()
    const rows = await state.transact((tx) => tx.find('point', {}))
    const drills = new Map(rows.map((row) => [row.id, row.detail['drill'] ?? null]))
    return listed.map((each) =>
      each.kind === 'point'
        ? toJson({ ...each.point, source: each.source, drill: drills.get(each.point.id) ?? null })
        : toJson(each),
    )
  }),
  'vault-verify': command(v.object({ id }), async ({ vault }, given) => ({
    whole: await vault.verify(given.id),
  })),
  'vault-backup': command(v.object({ target: v.string() }), async ({ vault }, { target }) =>
    toJson(await vault.backup(target)),
  ),
  'vault-drill': command(v.object({ id }), async (firebreak, given) =>
    toJson(await drilled(firebreak, given.id)),
  ),
  'vault-restore': command(
    v.strictObject({
      id,
      into: v.pipe(v.string(), v.maxLength(63)),
      trust: v.optional(v.boolean(), false),
      ...proof,
      by,
    }),
    async (firebreak, { id: point, into, trust, ...given }) => {
      const proven = await withFactor(firebreak, given, {
        what: ['restore', point, into, trust],
        role: 'approver',
      })
      return await restored(firebreak, { point, into, trust, by: proven.approver.name })
    },
  ),
}

async function restored(
  { vault, state, ledger, clock }: Firebreak,
  {
    point,
    into,
    trust,
    by: name,
  }: {
    readonly point: string
    readonly into: string
    readonly trust: boolean
    readonly by: string
  },
): Promise<{ readonly done: string }> {
  const done = await vault.restoreInto(point, { database: into, trusts: trust })
  const body = { by: name, points: [point], done: [done] }
  const entry = {
    kind: 'restored',
    at: clock.now(),
    subject: point,
    principal: null,
    body,
  } as const
  await state.transact((tx) => ledger.append(tx, [entry]))
  return { done }
}
