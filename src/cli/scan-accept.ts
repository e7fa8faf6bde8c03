/** `firebreak scan --accept`: a finding that somebody lives with, with a day, a reason and perhaps an end. */
import { randomBytes } from 'node:crypto'
import { ignoredIn, keepIgnored, today } from '../app/ignore-file.ts'
import type { Scanned } from '../app/scan.ts'
import { aboutId } from '../app/scan-live.ts'
import type { Live } from '../app/scan-live.ts'
import { idUnder } from '../scan/find.ts'
import { inForce, isDay } from '../scan/ignore.ts'
import { isRadiusId } from '../scan/radius-findings.ts'
import type { Told } from '../scan/sarif.ts'
import { unreadId } from '../scan/unread.ts'
import { exits, usage } from './command.ts'
import type { Io } from './io.ts'
import { word } from './table.ts'

export interface AcceptWish {
  readonly ids: readonly string[]
  readonly reason: string | null
  /** Its last day; null: no end. */
  readonly until: string | null
}

interface Accepting {
  readonly scanned: Scanned
  readonly live: Live | null
  readonly io: Io
}

/** Writes down what was accepted; the first time a salt is drawn, and ids are of it from then on. */
export function accept(folder: string, wish: AcceptWish, { scanned, live, io }: Accepting): number {
  const reason = wish.reason?.replaceAll(/\s+/g, ' ').trim() ?? ''
  if (reason === '')
    throw usage('`--accept` goes with a reason: `--reason "revoked, kept for a test"`')
  const day = today()
  const { until } = wish
  if (until !== null && (!isDay(until) || until < day))
    throw usage(`\`--until ${word(until)}\`: it is a day from today on, \`${day}\``)
  const { salt, accepted } = ignoredIn(folder)
  const newSalt = salt === '' ? randomBytes(16).toString('hex') : salt
  const added = wish.ids.map((id) => {
    return { id: newId(id, newSalt, { scanned, live }), day, until, reason, line: 0 }
  })
  const known = new Set(inForce(accepted, day).map(({ id }) => id))
  const fresh = added.filter(({ id }) => !known.has(id))
  // What is accepted anew takes the place of what had ended.
  const kept = accepted.filter(({ id }) => !fresh.some((each) => each.id === id))
  keepIgnored(folder, { salt: newSalt, accepted: [...kept, ...fresh] })
  for (const { id } of fresh) io.say(`accepted: ${id}`)
  io.give({ accepted: fresh.map(({ id }) => id) })
  return exits.done
}

/** The id that a finding goes by under the salt that is drawn now. */
function newId(id: string, salt: string, { scanned, live }: Omit<Accepting, 'io'>): string {
  const foundBy = (wanted: string | null): Told | undefined =>
    scanned.told.find(({ finding }) => finding.id === wanted)
  const told = foundBy(id)
  if (told !== undefined) return idUnder(salt, told.finding.found)
  const unread = scanned.unreadable.find((each) => each.id === id)
  if (unread !== undefined) return unreadId(unread, salt) ?? id
  const about = live?.about.find((each) => each.id === id)
  if (about === undefined)
    throw usage(
      `no finding has the id \`${id}\`${isRadiusId(id) && live === null ? ': it goes with `--live`' : ''}`,
    )
  const own = foundBy(about.finding)
  return aboutId(
    { ...about, subject: subjectUnder(salt, about.subject, scanned.told) },
    salt,
    own === undefined ? '' : idUnder(salt, own.finding.found),
  )
}

/** What it is about may be told from another by the id of the credential that reaches it, and that id changes with the salt. */
function subjectUnder(salt: string, subject: string, told: readonly Told[]): string {
  return told.reduce(
    (text, { finding }) =>
      text.includes(finding.id) ? text.replaceAll(finding.id, idUnder(salt, finding.found)) : text,
    subject,
  )
}
