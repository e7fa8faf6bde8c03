/** What the approver sees: from the stored action and the measured radius alone; the agent's words are marked as its words. */
import { createHash } from 'node:crypto'
import { canonical, digest } from '../base/json.ts'
import type { Operation } from '../core/operation.ts'
import type { Resource } from '../core/resource.ts'
import type { HoldRow } from '../guard/rows.ts'
import { longest, plain } from '../base/plain.ts'

/** More lines than this of one sort are counted, not shown. */
const mostLines = 30

/** The finding of a recovery point that is there before the one that is taken: a way back, and no reason. */
const thereAlready = 'recovery-point'

/** The whole text, a line each. What an agent or a platform wrote has its control and direction characters made visible. */
export function showHold(hold: HoldRow, name: (environment: string) => string): string {
  const { action, radius } = hold
  const sections: readonly (readonly string[])[] = [
    [`${hold.id}: ${hold.state}`, askedBy(hold)],
    firstOf(
      'would run',
      action.operations.flatMap((op) => operationLines(op, action.target)),
    ),
    lossLines(hold, name),
    [
      `would stay ${radius.left.length === 0 ? 'no other way back that the platform knows' : radius.left.map(told).join(', ')}`,
    ],
    firstOf(
      'because',
      hold.findings
        .filter(({ rule }) => rule !== thereAlready)
        .map(({ rule, message }) => `because    ${plain(message)} (${plain(rule)})`),
    ),
    [wayBack(hold)],
    firstOf(
      'there is',
      hold.findings
        .filter(({ rule }) => rule === thereAlready)
        .map(({ message }) => `there is   ${plain(message)}`),
    ),
    [
      hold.graceMs === 0
        ? 'runs       at once when approved'
        : `runs       ${sayTime(hold.graceMs)} after the approval; until then undo works`,
    ],
    [
      `approvals  ${hold.approvals.length} of ${hold.approvalsNeeded}${hold.factor === 'passkey' ? ', by passkey alone' : ''}`,
    ],
    hold.reason === null
      ? []
      : [`it says    “${plain(hold.reason)}” (the agent's own words, not checked)`],
    [`digest     ${hold.digest}`],
  ]
  return sections.flat().join('\n')
}

/** What is told of a hold where it leaves this machine: no parameter, no word of the agent's, the rest as it is shown. */
export function tellHold(hold: HoldRow, name: (environment: string) => string): readonly string[] {
  return [askedBy(hold), ...lossLines(hold, name), wayBack(hold)]
}

function askedBy({ principal }: HoldRow): string {
  const chain =
    principal.chain.length === 0
      ? ''
      : ` for ${principal.chain.map((each) => plain(each)).join(' for ')}`
  return `asked by   ${plain(principal.name)}${chain} (grant minted by ${plain(principal.mintedBy)})`
}

function lossLines({ radius }: HoldRow, name: (environment: string) => string): readonly string[] {
  return [
    ...(radius.known
      ? []
      : [
          `UNKNOWN    ${radius.unknown.map((why) => plain(why)).join('; ')}: it may take everything`,
        ]),
    ...goneLines('would go', radius.resources, name),
    ...goneLines('with it', radius.backups, name),
    ...(radius.environments.length === 0
      ? []
      : [`environments ${radius.environments.map((id) => plain(name(id))).join(', ')}`]),
  ]
}

/** SHA-256 of what was shown, in hex: kept with the approval. */
export function shownDigest(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex')
}

/** The name that an approver types: the first thing that goes, else the operation. */
export function confirmName(hold: HoldRow): string {
  const [first] = hold.radius.resources
  const [operation] = hold.action.operations
  return plain(first?.name ?? operation?.name ?? hold.id)
}

/** One operation, then a line for each parameter: a long one cannot push the next out of sight. Masked where it is secret. */
function operationLines(op: Operation, target: string): readonly string[] {
  const parameters = Object.entries(op.shown)
  const one = `would run  ${plain(op.name)} ${plain(canonical(op.shown))} on ${plain(target)}`
  if (canonical(op.shown).length <= longest) return [one]
  const all = `would run  ${plain(op.name)} on ${plain(target)}, parameters ${digest(op.shown)}`
  const lines = parameters.map(
    ([key, value]) => `           ${plain(key)} = ${plain(canonical(value))}`,
  )
  return [all, ...lines]
}

/** The first lines, and how many there are beyond: nothing is left out without a word. */
function firstOf(label: string, lines: readonly string[]): readonly string[] {
  if (lines.length <= mostLines) return lines
  const more = `${label.padEnd(10)} … AND ${lines.length - mostLines} LINES MORE THAN ARE SHOWN`
  return [...lines.slice(0, mostLines), more]
}

function goneLines(
  label: string,
  things: readonly Resource[],
  name: (id: string) => string,
): readonly string[] {
  const lines = things.map((thing) => {
    const where = thing.environment === null ? '' : ` in ${plain(name(thing.environment))}`
    const size = thing.bytes === null ? '' : `, ${sayBytes(thing.bytes)}`
    return `${label.padEnd(10)} ${told(thing)}${where}${size}`
  })
  return firstOf(label, lines)
}

function told(thing: Resource): string {
  return `${plain(thing.type)} ${plain(thing.name)} (${plain(thing.id)})`
}

function wayBack(hold: HoldRow): string {
  if (hold.recoveryPoints.length > 0)
    return `way back   recovery points ${hold.recoveryPoints.map((id) => plain(id)).join(', ')}`
  return hold.needsRecoveryPoint
    ? 'way back   one is taken and verified before it runs, or it does not run'
    : 'way back   none is asked for'
}

/** `48 hours`, `90 minutes`: the largest unit that says it exactly, to the minute. */
function sayTime(ms: number): string {
  const minutes = Math.max(1, Math.round(ms / 60_000))
  const [count, unit] = minutes % 60 === 0 ? [minutes / 60, 'hour'] : [minutes, 'minute']
  return `${count} ${unit}${count === 1 ? '' : 's'}`
}

/** `12.3 MB`; decimal units. */
function sayBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3))
  const scaled = bytes / 1000 ** power
  return `${power === 0 ? scaled : scaled.toFixed(1)} ${units[power] ?? 'B'}`
}
