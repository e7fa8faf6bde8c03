/** A scan as a picture, and as a page around it. Nothing in them is a secret. */
import type { Scanned } from '../app/scan.ts'
import type { Live, LiveAbout, LiveCredential } from '../app/scan-live.ts'
import type { Finding } from '../scan/merged.ts'
import { layOut } from '../scan/picture/lay-out.ts'
import { layeredOf } from '../scan/picture/layers.ts'
import { outcomeTone } from '../scan/picture/acts.ts'
import { pageOf } from '../scan/picture/page.ts'
import type { PageItem } from '../scan/picture/page.ts'
import { svgOf } from '../scan/picture/svg.ts'
import { credentialId } from '../scan/graph-ids.ts'
import { graphOf } from '../scan/radius.ts'
import type { Graph } from '../scan/graph.ts'
import { classOf, count } from '../scan/radius-words.ts'
import { silent } from '../scan/reach/reach.ts'
import { ownerOf, placeOf } from './scan-told.ts'
import { sayBytes } from './table.ts'
import { sayMoment } from '../notices/news.ts'

export interface Pictured {
  readonly scanned: Scanned
  /** Null: nobody was asked what they can do. */
  readonly live: Live | null
}

/** An SVG by itself. */
export const pictureOf = (pictured: Pictured): string => drawnOf(pictured, () => null)

function drawnOf({ scanned, live }: Pictured, linkOf: (id: string) => string | null): string {
  const caption = { title: headlineOf(scanned, live), description: wordsOf(scanned, live) }
  return svgOf(layOut(layeredOf(graphFor(scanned, live))), caption, linkOf)
}

/** A page whole in one file. `folder`, `version` and `at` say what was looked at, by what and when. */
export function pictureOfPage(
  { scanned, live }: Pictured,
  head: { readonly folder: string; readonly version: string; readonly at: number },
): string {
  const ids = new Map(
    openOf(scanned).map(({ finding }) => [credentialId(finding.id), `#${finding.id}`]),
  )
  const isEmpty = graphFor(scanned, live).nodes.every(
    (node) => node.kind !== 'credential' || node.outcome === null,
  )
  return pageOf({
    headline: headlineOf(scanned, live),
    about: [
      `${head.folder}, ${sayMoment(head.at)}, Firebreak ${head.version}: ${scanned.files} files and objects, ${sayBytes(scanned.bytes)}.`,
      ...(live === null ? ['Nobody was asked what they can do: `firebreak scan --live`.'] : []),
    ],
    picture: isEmpty ? null : drawnOf({ scanned, live }, (id) => ids.get(id) ?? null),
    sections: [
      { title: 'What lies about, worst first', items: itemsOf(scanned, live) },
      {
        title: 'What is wrong with the whole',
        items: (live?.about ?? []).filter(({ accepted }) => accepted === null).map(aboutItem),
      },
      { title: 'Accepted', items: acceptedOf(scanned, live) },
    ],
  })
}

/** Without an answer each counts as everything. */
function graphFor(scanned: Scanned, live: Live | null): Graph {
  if (live !== null) return live.graph
  return graphOf(
    openOf(scanned).map(({ finding }) => ({
      finding: finding.id,
      provider: finding.provider,
      label: ownerOf(finding),
      place: placesOf(finding)[0] ?? '',
      reach: silent('nobody was asked'),
    })),
  )
}

const openOf = ({ told }: Scanned): Scanned['told'] =>
  told.filter(({ accepted, finding }) => accepted === null && finding.weight !== 'low')

const placesOf = ({ places }: Finding): readonly string[] => places.map((place) => placeOf(place))

function headlineOf(scanned: Scanned, live: Live | null): string {
  const open = openOf(scanned).length
  if (live === null)
    return open === 0
      ? 'No credential lies about'
      : `${count(open, 'credential')} that an agent here could find`
  const worst = live.credentials.filter(({ outcome, isKnown }) => outcome === 'A' && isKnown)
  const [first] = worst
  if (first === undefined)
    return open === 0
      ? 'No credential lies about'
      : 'No credential that was found is known to destroy data with every copy'
  const what = first.sentence.replace(/^this \w+ /, '')
  return worst.length === 1
    ? `One credential here ${what}`
    : `${worst.length} credentials here can destroy data and every copy: the first ${what}`
}

const wordsOf = (scanned: Scanned, live: Live | null): string =>
  (live === null
    ? openOf(scanned).map(({ finding }) => `${ownerOf(finding)} in ${placesOf(finding)[0] ?? ''}`)
    : live.credentials.map(
        ({ outcome, sentence, finding }) =>
          `${outcome ?? '-'}: ${sentence} (${placesOf(finding)[0] ?? ''})`,
      )
  )
    .slice(0, 20)
    .join('. ')

function itemsOf(scanned: Scanned, live: Live | null): readonly PageItem[] {
  if (live !== null)
    return live.credentials.filter(({ accepted }) => accepted === null).map(credentialItem)
  return openOf(scanned).map(({ finding }) => ({
    id: finding.id,
    mark: '',
    tone: 'unsaid',
    sentence: `${ownerOf(finding)} ${finding.masked}`,
    lines: placesOf(finding),
    fix: 'keep it with `firebreak custody`, and give agents a `firebreak grant`',
  }))
}

function credentialItem(each: LiveCredential): PageItem {
  const { finding, who, operations, unknown } = each
  const may = operations.map(({ operation }) => operation)
  return {
    id: finding.id,
    mark: classOf(each),
    tone: outcomeTone(each),
    sentence: each.sentence,
    lines: [
      ...placesOf(finding),
      [ownerOf(finding), finding.masked, ...(who === null ? [] : [who])].join('  '),
      ...(may.length === 0 ? [] : [`may: ${may.join(', ')}`]),
      ...unknown.map((why) => `not said: ${why}`),
    ],
    fix: each.fix,
  }
}

const aboutItem = (each: LiveAbout): PageItem => ({
  id: each.id,
  mark: classOf(each),
  tone: outcomeTone(each),
  sentence: each.message,
  lines: [],
  fix: each.fix,
})

function acceptedOf({ told }: Scanned, live: Live | null): readonly PageItem[] {
  const own = told.flatMap(({ finding, accepted }) =>
    accepted === null
      ? []
      : [{ id: finding.id, what: ownerOf(finding), lines: placesOf(finding), accepted }],
  )
  const about = (live?.about ?? []).flatMap(({ id, message, accepted }) =>
    accepted === null ? [] : [{ id, what: message, lines: [], accepted }],
  )
  return [...own, ...about].map(({ id, what, lines, accepted }) => ({
    id,
    mark: '',
    tone: 'plain',
    sentence: `${what}: ${accepted.reason}`,
    lines: [`accepted ${accepted.day}`, ...lines],
    fix: '',
  }))
}
