/** A scan as a person reads it: the worst first, each with where it lies and what to do. */
import type { Scanned } from '../app/scan.ts'
import type { Finding, Met, Weight } from '../scan/merged.ts'
import { paint } from './io.ts'
import type { Io } from './io.ts'
import { sayBytes, word } from './table.ts'

const headings: Readonly<Record<Weight, string>> = {
  infrastructure: 'reaches infrastructure or data',
  code: 'reaches code, or what ships it',
  service: 'reaches a service',
  unknown: 'nobody knows what it reaches: count it as everything',
  low: 'reaches little: this machine, or a test mode',
}
const tones = {
  infrastructure: 'red',
  code: 'red',
  service: 'yellow',
  unknown: 'yellow',
  low: 'dim',
} as const
/** So many places are told of one finding; `--json` has all. */
const mostPlaces = 4

export function tell(io: Io, scanned: Scanned, showLow: boolean): void {
  for (const [weight, findings] of Map.groupBy(shownOf(scanned, showLow), ({ weight }) => weight)) {
    io.say(paint(io, tones[weight], `${headings[weight]} (${findings.length})`))
    for (const finding of findings) for (const line of lines(finding)) io.say(line)
    io.say('')
  }
  tellRest(io, scanned, showLow)
}

const openOf = ({ told }: Scanned): readonly Finding[] =>
  told.filter(({ accepted }) => accepted === null).map(({ finding }) => finding)
const shownOf = (scanned: Scanned, showLow: boolean): readonly Finding[] =>
  openOf(scanned).filter(({ weight }) => showLow || weight !== 'low')

/** What is left to say when the findings are told. */
export function tellRest(io: Io, scanned: Scanned, showLow: boolean): void {
  const { told, unreadable, stale, ended, ...counts } = scanned
  const shown = shownOf(scanned, showLow)
  const { length: accepted } = told.filter(({ accepted }) => accepted !== null)
  const low = openOf(scanned).length - shown.length
  if (low > 0)
    io.say(`${low} more reach little (a database on this machine, a test mode): --low shows them`)
  if (accepted > 0) io.say(`${accepted} accepted in .firebreak-ignore`)
  for (const { id, line, until } of ended)
    io.say(
      `.firebreak-ignore, line ${line}: \`${word(id)}\` was accepted until ${until ?? ''}: it is open again`,
    )
  for (const { id, line } of stale)
    io.say(`.firebreak-ignore, line ${line}: \`${word(id)}\` is met no more`)
  tellUnread(io, unreadable)
  io.say(summary(shown.length, counts))
  if (shown.length > 0)
    io.say(
      'keep the real ones with `firebreak custody`, give agents a `firebreak grant`; accept one with `--accept ID --reason TEXT`',
    )
}

/** What is only told, and what is a finding, since an agent might read what was not looked at. */
function tellUnread(io: Io, all: Scanned['unreadable']): void {
  const open = all.filter(({ id, accepted }) => id !== null && accepted === null)
  const rest = all.filter(({ id }) => id === null)
  for (const { unreadable, why } of rest.slice(0, mostUnread))
    io.note(`not read: ${word(unreadable)} (${word(why)})`)
  for (const { unreadable, why, id } of open.slice(0, mostUnread))
    io.say(`not looked at to its end: ${word(unreadable)} (${word(why)})  id ${id ?? ''}`)
  const more = [rest, open].reduce((sum, some) => sum + Math.max(0, some.length - mostUnread), 0)
  if (more > 0) io.note(`not read: ${more} more (--json has all)`)
}

const mostUnread = 10

const summary = (
  found: number,
  { files, binary, bytes }: Pick<Scanned, 'files' | 'binary' | 'bytes'>,
): string =>
  `${found === 0 ? 'nothing found' : `${found} found`}: ${files} files and objects, ${sayBytes(bytes)}, ${binary} binary`

/** Whose it is, or what it looks like where nobody knows. */
export const ownerOf = ({ provider, rule }: Finding): string =>
  provider === 'unknown' ? rule : provider

/** Whose it is, under which name, and its mask. */
export function whatOf(finding: Finding): readonly string[] {
  const name = finding.places.find(({ name }) => name !== null)?.name ?? null
  return [ownerOf(finding), ...(name === null ? [] : [word(name)]), finding.masked]
}

/** A finding for programs. INVARIANT (secret-stays): these members and no others. */
export const shownOfFinding = ({
  id,
  rule,
  provider,
  masked,
  weight,
  places,
}: Finding): object => ({
  id,
  rule,
  provider,
  masked,
  weight,
  places,
})

function lines(finding: Finding): readonly string[] {
  const { id, places } = finding
  const shown = places.slice(0, mostPlaces).map((place) => `    ${placeOf(place)}`)
  const more = places.length - mostPlaces
  return [
    `  ${whatOf(finding).join('  ')}`,
    ...shown,
    ...(more > 0 ? [`    and ${more} more`] : []),
    `    id ${id}`,
  ]
}

/** `scripts/domains.sh:3`; what is no file of the checkout says where it is. */
export function placeOf({ source, at, commit }: Met): string {
  const where = `${word(at.file)}:${at.line}`
  switch (source) {
    case 'checkout':
    case 'home':
    case 'shell-history':
      return where
    case 'staged':
      return `${where}, staged`
    case 'history':
      return `${where} in the history${commit === null ? '' : `, commit ${commit.slice(0, 12)}`}`
    case 'environment':
      return 'the environment of this shell'
    case 'process':
      return `the environment or command line of ${word(at.file)}`
  }
}
