/** The restore of a drill: by two roles, then held against what was taken. */
import type { Session } from '../platforms/postgres/questions.ts'
import { quoted } from '../platforms/postgres/radius-count.ts'
import { holdsIn } from './assertions.ts'
import type { Box } from './box.ts'
import { compareSchema, openHands, untriedOf } from './drill-schema.ts'
import type { Copied, Hands } from './drill-schema.ts'
import { schemaBy } from './logical-manifest.ts'
import type { LogicalManifest } from './logical-manifest.ts'
import {
  compareLogical,
  differs,
  isBeside,
  makeExtensions,
  restoreLogical,
  restoreRest,
  sayFailed,
} from './logical-restore.ts'
import { scriptOf } from './schema-keep.ts'
import type { Script } from './schema-keep.ts'
import type { Part } from './table-describe.ts'

export interface Sessions {
  /** The superuser, who runs no code of the copy's. */
  readonly over: Session
  readonly session: Session
}

export interface Judged {
  /** What is not as it was, one line each. */
  readonly wrong: readonly string[]
  readonly notes: readonly string[]
}

interface Restoring {
  readonly box: Box
  /** Hears how many bytes are restored. */
  readonly progress?: (bytes: number) => void
  /** The low role, as whom `session` is in. */
  readonly user: string
  readonly copied: Copied
}

/**
 * INVARIANT (nothing of the copy's commands the server): a function that stands in a check, an index, a default or a view runs when the
 * copy comes in, and somebody may have put it there for that. So rows and all that computes come in as the low role, and
 * what it may not bring in is not brought in by anybody else; the superuser makes only what runs nothing as it is made.
 */
export async function restoredAs(
  sessions: Sessions,
  manifest: LogicalManifest,
  assertions: readonly string[],
  restoring: Restoring,
): Promise<Judged> {
  const { over, session } = sessions
  const { box, user, copied } = restoring
  await over.ask('BEGIN')
  await makeExtensions(over.ask, manifest)
  for (const { schema } of manifest.extensions)
    await over.ask(`ALTER SCHEMA ${quoted(schema)} OWNER TO ${user}`)
  await over.ask('COMMIT')
  const script = await scriptOf(manifest, box)
  const hands = await openHands(over, session, user)
  const left = await brought(sessions, manifest, { ...restoring, script, hands })
  const found = await judged(over, manifest, { script, hands, copied })
  const wrong = [...left.high, ...found.wrong]
  // Why it could not be made; that it could not is of no account where it is there by now.
  if (wrong.length > 0) wrong.push(...left.low.filter((line) => !line.endsWith(differs(''))))
  wrong.push(...(await holdsIn(session, assertions)))
  return { wrong: [...new Set(wrong)], notes: found.notes }
}

/** What the low role left, and what the superuser did. */
async function brought(
  { over, session }: Sessions,
  manifest: LogicalManifest,
  { box, progress, script, hands }: Restoring & With,
): Promise<{ readonly low: readonly string[]; readonly high: readonly string[] }> {
  const low = await restoreLogical(session, manifest, box, {
    leaves: (part) => isBeside(part) || isRight(part),
    run: hands.low,
    turns: ['now', 'reach'],
    ...(progress === undefined ? {} : { progress }),
  })
  await hands.end()
  if (script !== null) await hands.give(script, 'right')
  const high = await restoreRest(over, manifest, runsNothing)
  if (script !== null) await hands.give(script, 'last')
  return { low, high }
}

interface With {
  readonly script: Script | null
  readonly hands: Hands
}

async function judged(
  over: Session,
  manifest: LogicalManifest,
  { script, hands, copied }: With & { readonly copied: Copied },
): Promise<Judged> {
  const { server, parts } = manifest
  const untried = untriedOf(hands.failed)
  const loose = untried.length === 0 ? [] : parts.filter((part) => !part.exact)
  const compared = (await compareLogical(over, manifest)).filter(
    (line) => !loose.some(({ id }) => line === differs(id)),
  )
  const schema = script === null ? null : await compareSchema({ script, server, untried }, copied)
  const wrong = [...compared, ...(schema?.wrong ?? [])]
  const reasons = hands.failed.filter((one) => !untried.includes(one)).map(sayFailed)
  // Where nobody tells the schema once more, what could not be made is all there is to go by.
  if (wrong.length > 0 || schema?.isTold === false) wrong.push(...reasons)
  const notes = [
    `its schema is kept ${schemaBy(manifest)}`,
    ...(schema === null ? [] : [schema.note]),
    ...untried.map((one) => `not tried, since only a superuser may make it: ${sayFailed(one)}`),
  ]
  return { wrong, notes }
}

/**
 * Whatever hangs on a function of a language that is not trusted can be made by a superuser alone: it stands there, and nobody
 * calls it here.
 */
function runsNothing(part: Part): boolean {
  const { kind, make } = part
  return isRight(part) || inert.has(kind) || (kind === 'view' && make.startsWith('CREATE VIEW '))
}

const inert = new Set([
  'function',
  'trigger',
  'trigger state',
  'comment',
  'default',
  'rule',
  'policy',
])

/** What only a superuser can give to others. */
function isRight({ kind }: Part): boolean {
  return kind === 'owner' || kind === 'privilege' || kind === 'column privilege'
}
