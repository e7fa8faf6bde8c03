/** Findings as SARIF 2.1.0 (OASIS, Static Analysis Results Interchange Format): what forges and editors show. */
import type { Json, JsonObject } from '../base/json.ts'
import type { Accepted } from './ignore.ts'
import type { Finding, Met, Weight } from './merged.ts'
import type { Outcome } from './graph.ts'

const levels: Readonly<Record<Weight, string>> = {
  infrastructure: 'error',
  code: 'error',
  service: 'warning',
  unknown: 'warning',
  low: 'note',
}

export interface Told {
  readonly finding: Finding
  readonly accepted: Accepted | null
}

/** What platforms said: of each credential by its id, and findings over the whole. */
export interface SarifLive {
  readonly credentials: ReadonlyMap<string, Classed>
  readonly about: readonly SarifAbout[]
}
interface Classed {
  readonly outcome: Outcome | null
  readonly isKnown: boolean
  readonly sentence: string
}
export interface SarifAbout {
  readonly id: string
  readonly rule: string
  readonly outcome: Outcome | null
  readonly isKnown: boolean
  readonly message: string
  readonly fix: string
  readonly accepted: Accepted | null
  readonly places: readonly Met[]
}

const nothingLive: SarifLive = { credentials: new Map(), about: [] }

/** One run with one result for each finding; what was accepted is in it as suppressed. Nothing in it is a secret. */
export function sarifOf(
  told: readonly Told[],
  version: string,
  live: SarifLive = nothingLive,
): JsonObject {
  const own = told.map(({ finding }) => finding.rule)
  const rules = [...new Set([...own, ...live.about.map(({ rule }) => rule)])].toSorted()
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'Firebreak',
            semanticVersion: version,
            rules: rules.map((id) => ({
              id,
              shortDescription: {
                text: `${own.includes(id) ? 'a credential lies about: ' : ''}${id.replaceAll('-', ' ')}`,
              },
            })),
          },
        },
        columnKind: 'utf16CodeUnits',
        results: [
          ...told.map((each) =>
            resultOf(each, rules, live.credentials.get(each.finding.id) ?? null),
          ),
          ...live.about.map((each) => aboutOf(each, rules)),
        ],
      },
    ],
  }
}

function resultOf(
  { finding, accepted }: Told,
  rules: readonly string[],
  classed: Classed | null,
): Json {
  const { rule, id, weight, places } = finding
  const said = classed === null ? '' : `: ${classed.sentence}`
  return {
    ruleId: rule,
    ruleIndex: rules.indexOf(rule),
    level: classed === null ? levels[weight] : levelOf(classed.outcome),
    message: { text: unlinked(`${sentence(finding)}${said}`) },
    ...placesOf(places),
    partialFingerprints: { 'firebreakId/v1': id },
    suppressions: suppressed(accepted),
    ...(classed === null ? {} : { properties: { class: classed.outcome, known: classed.isKnown } }),
  }
}

function aboutOf(about: SarifAbout, rules: readonly string[]): Json {
  const { id, rule, outcome, isKnown, message, fix, accepted, places } = about
  return {
    ruleId: rule,
    ruleIndex: rules.indexOf(rule),
    level: levelOf(outcome),
    message: { text: unlinked(`${message}. Fix: ${fix}`) },
    ...placesOf(places),
    partialFingerprints: { 'firebreakId/v1': id },
    suppressions: suppressed(accepted),
    properties: { class: outcome, known: isKnown },
  }
}

/** Names that others chose make no link of the message (SARIF 2.1.0, 3.11.6). */
const unlinked = (text: string): string => text.replaceAll(/[[\]\\]/g, String.raw`\$&`)

const levelOf = (outcome: Outcome | null): string =>
  outcome === 'A' || outcome === 'B' ? 'error' : outcome === null ? 'note' : 'warning'

function placesOf([first, ...others]: readonly Met[]): JsonObject {
  return {
    locations: first === undefined ? [] : [locationOf(first)],
    relatedLocations: others.slice(0, 100).map(locationOf),
  }
}

function suppressed(accepted: Accepted | null): Json {
  if (accepted === null) return []
  const { day, until, reason } = accepted
  const justification = `${day}${until === null ? '' : ` to ${until}`}: ${reason}`
  return [{ kind: 'external', status: 'accepted', justification }]
}

/** What it is, and under which name. */
export function sentence({ provider, rule, masked, places }: Finding): string {
  const name = places.find(({ name }) => name !== null)?.name ?? null
  const whose = provider === 'unknown' ? 'a credential' : `a credential of ${provider}`
  return `${whose} lies about (${rule}${name === null ? '' : `, ${name}`}, ${masked})`
}

function locationOf({ at, source, commit }: Met): JsonObject {
  const where: JsonObject = {
    physicalLocation: {
      artifactLocation: artifactOf(at.file, source),
      // A private key goes over several lines: where it ends is left out.
      region: { startLine: at.line, startColumn: at.column },
    },
  }
  return commit === null ? where : { ...where, message: { text: `in commit ${commit}` } }
}

/** In the checkout and its history a path under its root; elsewhere the place as words, as a fragment of nothing. */
function artifactOf(file: string, source: Met['source']): JsonObject {
  const uri = file.split('/').map(encodeURIComponent).join('/')
  return source === 'checkout' || source === 'staged' || source === 'history'
    ? { uri, uriBaseId: '%SRCROOT%' }
    : { uri: `firebreak:${source}/${uri}` }
}
