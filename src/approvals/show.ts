/** What the approver sees: from the stored action and the measured radius alone; the agent's words are marked as its words. */
import { createHash } from 'node:crypto'
import { canonical } from '../base/json.ts'
import type { Resource } from '../core/resource.ts'
import type { HoldRow } from '../guard/rows.ts'

/** What one line may show of text that others wrote. */
const longest = 200
const mostLines = 30

/** The whole text, a line each. What an agent or a platform wrote has its control and direction characters made visible. */
export function showHold(hold: HoldRow, name: (environment: string) => string): string {
  const { action, radius, principal } = hold
  const chain =
    principal.chain.length === 0 ? '' : ` for ${principal.chain.map(plain).join(' for ')}`
  const sections: readonly (readonly string[])[] = [
    [
      `${hold.id}: ${hold.state}`,
      `asked by   ${plain(principal.name)}${chain} (grant minted by ${plain(principal.mintedBy)})`,
    ],
    action.operations
      .slice(0, mostLines)
      .map(
        (op) =>
          `would run  ${plain(op.name)} ${plain(canonical(op.parameters))} on ${plain(action.target)}`,
      ),
    radius.known
      ? []
      : [`UNKNOWN    ${radius.unknown.map(plain).join('; ')}: it may take everything`],
    goneLines('would go', radius.resources, name),
    goneLines('and backup', radius.backups, name),
    radius.environments.length === 0
      ? []
      : [`environments ${radius.environments.map((id) => plain(name(id))).join(', ')}`],
    [
      `would stay ${radius.left.length === 0 ? 'no other way back that the platform knows' : radius.left.map(told).join(', ')}`,
    ],
    hold.findings
      .slice(0, mostLines)
      .map(({ rule, message }) => `because    ${plain(message)} (${rule})`),
    [`way back   ${wayBack(hold)}`],
    [
      hold.graceMs === 0
        ? 'runs       at once when approved'
        : `runs       ${Math.round(hold.graceMs / 60_000)} minutes after the approval; until then undo works`,
    ],
    [`approvals  ${hold.approvals.length} of ${hold.approvalsNeeded}`],
    hold.reason === null
      ? []
      : [`it says    “${plain(hold.reason)}” (the agent's own words, not checked)`],
    [`digest     ${hold.digest}`],
  ]
  return sections.flat().join('\n')
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

/** Text on one line, short, and with nothing in it that moves a cursor, changes a colour or turns the direction of reading. */
export function plain(text: string): string {
  const shown = text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}]/gu, visible)
  return shown.length <= longest
    ? shown
    : `${shown.slice(0, longest)}… (${shown.length - longest} more)`
}

function visible(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`
}

function goneLines(
  label: string,
  things: readonly Resource[],
  name: (id: string) => string,
): readonly string[] {
  const lines = things.slice(0, mostLines).map((thing) => {
    const where = thing.environment === null ? '' : ` in ${plain(name(thing.environment))}`
    const size = thing.bytes === null ? '' : `, ${sayBytes(thing.bytes)}`
    return `${label.padEnd(10)} ${told(thing)}${where}${size}`
  })
  return things.length <= mostLines
    ? lines
    : [...lines, `${label.padEnd(10)} and ${things.length - mostLines} more`]
}

function told(thing: Resource): string {
  return `${plain(thing.type)} ${plain(thing.name)} (${plain(thing.id)})`
}

function wayBack(hold: HoldRow): string {
  if (hold.recoveryPoints.length > 0) return `recovery points ${hold.recoveryPoints.join(', ')}`
  return hold.needsRecoveryPoint
    ? 'one is taken and verified before it runs, or it does not run'
    : 'none is asked for'
}

/** `12.3 MB`; decimal units. */
function sayBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3))
  const scaled = bytes / 1000 ** power
  return `${power === 0 ? scaled : scaled.toFixed(1)} ${units[power] ?? 'B'}`
}
