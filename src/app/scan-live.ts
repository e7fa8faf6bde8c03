/** A scan that has asked: each credential with what it can do, and what is wrong with the whole, the worst first. */
import type { Finding } from '../scan/merged.ts'
import type { Accepted } from '../scan/ignore.ts'
import type { CredentialNode, Graph } from '../scan/graph.ts'
import { byOutcome } from '../scan/radius-findings.ts'
import type { RadiusFinding } from '../scan/radius-findings.ts'
import { nounOf, sentenceOf } from '../scan/radius-words.ts'
import type { Does, Reach } from '../scan/reach/reach.ts'
import type { SarifAbout, Told } from '../scan/sarif.ts'
import { idAbout } from '../scan/shown.ts'
import type { Reached } from './reach.ts'

export interface LiveCredential extends Pick<CredentialNode, 'outcome' | 'isKnown'> {
  readonly finding: Finding
  readonly accepted: Accepted | null
  readonly sentence: string
  readonly fix: string
  /** Whose it is, in the platform's words; null where nobody said. */
  readonly who: string | null
  readonly operations: readonly { readonly operation: string; readonly does: Does }[]
  readonly unknown: readonly string[]
}

export interface LiveAbout extends SarifAbout {
  /** Null for one about things. */
  readonly finding: string | null
  readonly subject: string
}

export interface Live {
  readonly credentials: readonly LiveCredential[]
  readonly about: readonly LiveAbout[]
  readonly graph: Graph
}

/** `told`: what was asked about; its order breaks ties. */
export function liveOf(
  told: readonly Told[],
  { held, graph, findings }: Reached,
  { salt, accepted }: { readonly salt: string; readonly accepted: readonly Accepted[] },
): Live {
  const nodes = new Map(
    graph.nodes.flatMap((node) => (node.kind === 'credential' ? [[node.finding, node]] : [])),
  )
  const answers = new Map(held.map((one) => [one.finding, one]))
  const byId = new Map(accepted.map((one) => [one.id, one]))
  const credentials = told.flatMap(({ finding, accepted: own }): readonly LiveCredential[] => {
    const [node, one] = [nodes.get(finding.id), answers.get(finding.id)]
    if (node === undefined || one === undefined) return []
    const { outcome, isKnown } = node
    const noun = nounOf(finding.rule)
    return [
      {
        finding,
        accepted: own,
        outcome,
        isKnown,
        sentence: sentenceOf(graph, one, noun),
        fix: fixOf(noun, outcome),
        ...saidOf(one.reach),
      },
    ]
  })
  const about = findings.map((one): LiveAbout => {
    const id = aboutId(one, salt, one.finding ?? '')
    const places = told.find(({ finding }) => finding.id === one.finding)?.finding.places ?? []
    return { ...one, id, places, accepted: byId.get(id) ?? null }
  })
  return { credentials: credentials.toSorted(byOutcome), about, graph }
}

/** An id that stays while what it is about stays; `finding` is the id of the credential that it is about. */
export function aboutId(
  {
    rule,
    subject,
    finding: own,
  }: Pick<RadiusFinding, 'subject' | 'finding'> & {
    readonly rule: string
  },
  salt: string,
  finding: string,
): string {
  return own === null ? idAbout(rule, subject, salt) : `${rule}-${finding.slice(-12)}`
}

function saidOf(reach: Reach): Pick<LiveCredential, 'who' | 'operations' | 'unknown'> {
  if (reach.kind !== 'told')
    return { who: null, operations: [], unknown: reach.kind === 'silent' ? [reach.why] : [] }
  const operations = reach.powers.map(({ operation, does }) => ({ operation, does }))
  return { who: reach.who, operations, unknown: reach.unknown }
}

function fixOf(noun: string, outcome: CredentialNode['outcome']): string {
  if (outcome === null) return 'it opens nothing any more: take it out'
  return noun === 'password'
    ? 'change it, keep the new one with `firebreak custody`, and let agents in by a `firebreak grant`'
    : `revoke it where it was made, keep a new ${noun} with \`firebreak custody\`, and give agents a \`firebreak grant\``
}
