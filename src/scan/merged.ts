/** One finding for one secret, however often it stands somewhere; the worst first, by what such a credential is for. */
import type { Secret } from '../base/secret.ts'
import type { Found, Place, Source } from './found.ts'
import { cloud } from './rules/cloud.ts'
import { code } from './rules/code.ts'
import { connections } from './rules/connections.ts'
import { hosting } from './rules/hosting.ts'
import { services } from './rules/services.ts'

/** Where it was met. */
export interface Met {
  readonly source: Source
  readonly at: Place
  readonly name: string | null
  readonly commit: string | null
}

/** What such a credential is for: systems that keep data, code and what ships it, services, nobody knows, or next to nothing. */
export type Weight = 'infrastructure' | 'code' | 'service' | 'unknown' | 'low'

export interface Finding {
  readonly id: string
  readonly rule: string
  readonly provider: string
  readonly masked: string
  readonly weight: Weight
  /** The first is where it is nearest to an agent at work: the checkout before the home, and so on. */
  readonly places: readonly Met[]
  /** Where it can be used from here on. */
  readonly found: Found
  /** The strings and lines in which it stands, each once: any of them may say whom it is for. */
  readonly within: readonly Secret[]
}

const order: readonly Weight[] = ['infrastructure', 'code', 'service', 'unknown', 'low']
const nearest: readonly Source[] = [
  'checkout',
  'environment',
  'home',
  'process',
  'shell-history',
  'history',
]

const providers = (rules: readonly { readonly provider: string }[]): ReadonlySet<string> =>
  new Set(rules.map(({ provider }) => provider).filter((provider) => provider !== 'unknown'))
const keepers = providers([...hosting, ...cloud, ...connections])
const shippers = providers(code)
const sellers = providers(services)
/** Known by their files alone. */
const alsoKeepers: ReadonlySet<string> = new Set([
  'kubernetes',
  'ssh',
  'mongodb-atlas',
  'turso',
  'firebase',
  's3',
  'databricks',
  'terraform',
  'pulumi',
  'vault',
])

/** Findings by id, the worst first; among equals by provider and place, so that two runs tell the same. */
export function merge(all: readonly Found[]): readonly Finding[] {
  const byId = Map.groupBy(all, ({ id }) => id)
  return [...byId.values()]
    .flatMap((group) => {
      const places = group.toSorted(byNearness)
      const [found] = places
      return found === undefined ? [] : [findingOf(found, places)]
    })
    .toSorted(byWeight)
}

function findingOf(found: Found, group: readonly Found[]): Finding {
  const { id, rule, masked } = found
  const provider = group.find(({ provider }) => provider !== 'unknown')?.provider ?? 'unknown'
  const places = group.map(({ source, at, name, commit }) => ({ source, at, name, commit }))
  // One place says whom it is for, another only has it.
  const within = [
    ...new Map(
      group.flatMap((each) =>
        each.within === null ? [] : [[each.within.reveal(), each.within] as const],
      ),
    ).values(),
  ]
  return {
    id,
    rule,
    provider,
    masked,
    weight: weigh(group, provider),
    places,
    found: { ...found, within: within[0] ?? null },
    within,
  }
}

/** Keys of test data that a package brings along: the whole world has them. */
const brought =
  /(?:^|\/)(?:node_modules|vendor|third_party|site-packages|dist-packages)\/(?:.*\/)?(?:__tests__|tests?|testdata|test_data|fixtures?|examples?|certs|docs?)\//
/** Mostly made to be seen by browsers; it costs money, and seldom data. */
const seen: ReadonlySet<string> = new Set(['google-api-key'])

function weigh(group: readonly Found[], provider: string): Weight {
  if (group.every(({ low, at, source }) => low || (source === 'checkout' && brought.test(at.file))))
    return 'low'
  if (group.some(({ rule }) => seen.has(rule))) return 'service'
  if (keepers.has(provider) || alsoKeepers.has(provider)) return 'infrastructure'
  if (shippers.has(provider)) return 'code'
  return sellers.has(provider) ? 'service' : 'unknown'
}

const byNearness = (a: Found, b: Found): number =>
  nearest.indexOf(a.source) - nearest.indexOf(b.source) ||
  compare(a.at.file, b.at.file) ||
  a.at.line - b.at.line

const byWeight = (a: Finding, b: Finding): number =>
  order.indexOf(a.weight) - order.indexOf(b.weight) ||
  compare(a.provider, b.provider) ||
  byNearness(a.found, b.found)

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
