/** A person's no closes its class: target, kind and resource family, for that grant's principal, for a day. */
import { actionEffect, actionKinds } from '../core/action.ts'
import type { Action } from '../core/action.ts'
import type { BlastRadius } from '../core/blast-radius.ts'
import { resourceKey } from '../core/resource.ts'
import type { Finding } from '../core/verdict.ts'
import type { Tx } from '../guard/ports.ts'
import type { ClosedClassRow, HoldRow } from '../guard/rows.ts'

/** How long a class stays closed without a person. */
export const closedMs = 24 * 3_600_000

/**
 * Closes every class of the denied hold, by kind and by family. A family is the type of what goes: after a no to one
 * volume, another way to destroy that or any other volume asks in vain.
 */
export async function closeClasses(
  tx: Tx,
  hold: HoldRow,
  by: string,
  now: number,
): Promise<readonly ClosedClassRow[]> {
  const rows = kindsOf(hold.action).flatMap((kind) =>
    families(hold.action, hold.radius).map((family): ClosedClassRow => ({
      id: `${hold.principal.name}|${hold.action.target}|${kind}|${family}`,
      principal: hold.principal.name,
      target: hold.action.target,
      kind,
      family,
      by,
      hold: hold.id,
      at: now,
      until: now + closedMs,
      reopenedAt: null,
    })),
  )
  for (const row of rows) await tx.put('closed', row)
  return rows
}

/** INVARIANT (denial-closes): the finding that refuses an action of a closed class, without another prompt; else null. */
export async function closedFinding(
  tx: Tx,
  action: Action,
  radius: BlastRadius,
  now: number,
): Promise<Finding | null> {
  const rows = await tx.find('closed', { principal: action.principal })
  const open = rows.filter(
    (row) => row.reopenedAt === null && row.until > now && row.target === action.target,
  )
  const mine = new Set(families(action, radius))
  const kinds = new Set(kindsOf(action))
  const hit =
    open.find((row) => kinds.has(row.kind) && mine.has(row.family)) ?? sameThing(open, mine)
  if (hit === undefined) return null
  const message = `${hit.by} said no to ${hit.kind} of ${hit.family} (${hit.hold}): the class is closed until ${new Date(hit.until).toISOString()}`
  return { rule: 'denied-class', message }
}

/** Containers are named by every act inside them: a no to one thing must not close all that shares its environment. */
const containers = /^[^/]+\/(environment|project|workspace)\//

/** Another kind of act on the very thing that a no was about is the same wish in another form. */
function sameThing(
  open: readonly ClosedClassRow[],
  mine: ReadonlySet<string>,
): ClosedClassRow | undefined {
  return open.find(
    (row) => row.family.includes('/') && !containers.test(row.family) && mine.has(row.family),
  )
}

/** Classes that are closed now. */
export async function closedClasses(tx: Tx, now: number): Promise<readonly ClosedClassRow[]> {
  return (await tx.find('closed', { reopenedAt: null })).filter((row) => row.until > now)
}

/** Reopens one class; null where it is not closed. The caller has checked a factor. */
export async function reopen(tx: Tx, id: string, now: number): Promise<ClosedClassRow | null> {
  const row = await tx.get('closed', id)
  if (row === null || row.reopenedAt !== null) return null
  const opened = { ...row, reopenedAt: now }
  await tx.put('closed', opened)
  return opened
}

function kindsOf(action: Action): readonly string[] {
  const kinds = actionKinds(action)
  return kinds.length > 0 ? kinds : [actionEffect(action)]
}

/** The types of what the action names and takes, and each thing itself; the operation's name where it names nothing. */
function families(action: Action, radius: BlastRadius): readonly string[] {
  const things = [
    ...action.operations.flatMap(({ names }) => names),
    ...radius.resources,
    ...radius.backups,
  ]
  const found = things.flatMap((thing) => [thing.type, resourceKey(thing)])
  const names = action.operations.map(({ name }) => `operation ${name}`)
  return [...new Set([...found, ...(found.length === 0 ? names : [])])]
}
