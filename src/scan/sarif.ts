/** Findings as SARIF 2.1.0 (OASIS, Static Analysis Results Interchange Format): what forges and editors show. */
import type { Json, JsonObject } from '../base/json.ts'
import type { Accepted } from './ignore.ts'
import type { Finding, Met, Weight } from './merged.ts'

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

/** One run with one result for each finding; what was accepted is in it as suppressed. Nothing in it is a secret. */
export function sarifOf(told: readonly Told[], version: string): JsonObject {
  const rules = [...new Set(told.map(({ finding }) => finding.rule))].toSorted()
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
              shortDescription: { text: `a credential lies about: ${id.replaceAll('-', ' ')}` },
            })),
          },
        },
        columnKind: 'utf16CodeUnits',
        results: told.map((each) => resultOf(each, rules)),
      },
    ],
  }
}

function resultOf({ finding, accepted }: Told, rules: readonly string[]): Json {
  const { rule, id, weight, places } = finding
  const [first, ...others] = places
  return {
    ruleId: rule,
    ruleIndex: rules.indexOf(rule),
    level: levels[weight],
    message: { text: sentence(finding) },
    locations: first === undefined ? [] : [locationOf(first)],
    relatedLocations: others.slice(0, 100).map(locationOf),
    partialFingerprints: { 'firebreakId/v1': id },
    suppressions:
      accepted === null
        ? []
        : [
            {
              kind: 'external',
              status: 'accepted',
              justification: `${accepted.day}: ${accepted.reason}`,
            },
          ],
  }
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
