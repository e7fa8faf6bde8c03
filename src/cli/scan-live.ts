/** A scan that has asked, as a person reads it: the worst first, each with its class, what it can do, where it lies and the fix. */
import type { Live, LiveAbout, LiveCredential } from '../app/scan-live.ts'
import { byOutcome } from '../scan/radius-findings.ts'
import { classOf } from '../scan/radius-words.ts'
import { paint } from './io.ts'
import type { Io } from './io.ts'
import { placeOf, whatOf } from './scan-told.ts'
import { word } from './table.ts'

type Line = LiveCredential | LiveAbout

/** Of one credential so many operations and places are named; `--json` has all. */
const mostNamed = 5

const classes = [
  'A  destroys data and every copy that is known',
  'A? the platform did not say all: it is taken for one of class A',
  'B  destroys data, and a copy stays',
  'C  what it destroys can be made anew',
  'D  reads',
]

export function tellLive(io: Io, { credentials, about }: Live): void {
  const open = [...credentials, ...about].filter(({ accepted }) => accepted === null)
  for (const each of open.filter(({ outcome }) => outcome !== null).toSorted(byOutcome))
    for (const line of linesOf(io, each)) io.say(line)
  const rest = open.filter(({ outcome }) => outcome === null)
  for (const each of rest) for (const line of linesOf(io, each)) io.say(line)
  if (open.length > 0) for (const line of classes) io.say(paint(io, 'dim', line))
}

function linesOf(io: Io, each: Line): readonly string[] {
  const letter = classOf(each).padEnd(2)
  const tone = each.outcome === 'A' ? 'red' : each.outcome === 'B' ? 'yellow' : 'dim'
  const said = 'sentence' in each ? each.sentence : each.message
  return [
    `${paint(io, tone, letter)} ${said}`,
    ...('sentence' in each ? ofCredential(each) : []),
    `     fix: ${each.fix}`,
    `     id ${'sentence' in each ? each.finding.id : each.id}`,
    '',
  ]
}

function ofCredential({ finding, who, operations, unknown }: LiveCredential): readonly string[] {
  const { places } = finding
  const named = operations.slice(0, mostNamed).map(({ operation }) => word(operation))
  const more = operations.length - named.length
  return [
    ...places.slice(0, mostNamed).map((place) => `     ${placeOf(place)}`),
    ...(places.length > mostNamed ? [`     and ${places.length - mostNamed} more places`] : []),
    `     ${[...whatOf(finding), ...(who === null ? [] : [word(who)])].join('  ')}`,
    ...(named.length === 0
      ? []
      : [`     may: ${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}`]),
    ...unknown.slice(0, mostNamed).map((why) => `     not said: ${word(why)}`),
  ]
}
