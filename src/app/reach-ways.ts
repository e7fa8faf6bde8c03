/** Whom a credential is asked of: what stands around it says so, and nothing else. */
import type { Finding } from '../scan/merged.ts'
import { providerOf } from '../scan/reach/known.ts'
import type { Credential, Provider } from '../scan/reach/provider.ts'
import { databaseOf } from './reach-database.ts'
import type { DatabaseAsk } from './reach-database.ts'
import { mayBeOther, otherGithub } from './reach-github.ts'
import { kubeOf } from './reach-kube.ts'
import type { KubeAsk } from './reach-kube.ts'

export type Way =
  | {
      readonly kind: 'http'
      readonly provider: Provider
      readonly credential: Credential
      /** It may be of another server of the same make: that this one refuses it says nothing. */
      readonly isUnsure: boolean
    }
  | { readonly kind: 'database'; readonly ask: DatabaseAsk }
  | { readonly kind: 'cluster'; readonly ask: KubeAsk }
  | { readonly kind: 'none'; readonly why: string }

/** Each place that it may be for, once; at least one. */
export function waysOf(finding: Finding, all: readonly Finding[]): readonly Way[] {
  const inside = finding.within.length === 0 ? [null] : finding.within
  const ways = inside.map((within) => {
    const way = wayOf({ ...finding, found: { ...finding.found, within } }, all)
    return [whereOf(way), way] as const
  })
  return [...new Map(ways).values()]
}

function whereOf(way: Way): string {
  switch (way.kind) {
    case 'none':
      return way.why
    case 'database':
      return `database ${way.ask.where} ${way.ask.named.url}`
    case 'cluster':
      return `cluster ${way.ask.cluster.host}`
    case 'http':
      return `http ${(way.provider.hosts(way.credential) ?? []).join(' ')}`
  }
}

const mute: readonly string[] = ['unknown', 'postgres', 'kubernetes']
const none = (provider: string): Way => ({
  kind: 'none',
  why: mute.includes(provider)
    ? 'nothing beside it says whom to ask'
    : `Firebreak cannot ask ${provider}`,
})

function wayOf(finding: Finding, all: readonly Finding[]): Way {
  const { provider, rule, found } = finding
  if (provider === 'postgres') {
    const ask = databaseOf(found)
    return ask === null ? none(provider) : { kind: 'database', ask }
  }
  if (provider === 'kubernetes') {
    const ask = kubeOf(finding)
    return ask === null ? none(provider) : { kind: 'cluster', ask }
  }
  const other = provider === 'github' ? otherGithub(finding) : null
  if (other !== null) return { kind: 'none', why: `it is of ${other}, which is not asked` }
  if (isGuessed(finding))
    return {
      kind: 'none',
      why: `only its name says that it is of ${provider}, and a name may be of anything: it is sent to nobody`,
    }
  const files = new Set(finding.places.map(({ at }) => at.file))
  const beside = all
    .filter(
      (each) =>
        each.id !== finding.id &&
        each.provider === provider &&
        each.places.some(({ at }) => files.has(at.file)),
    )
    .map((each) => ({ rule: each.rule, secret: each.found.secret }))
  const credential = { rule, secret: found.secret, within: found.within, beside }
  const known = providerOf(provider, credential)
  if (known === null) return none(provider)
  const isUnsure = provider === 'github' && mayBeOther(finding)
  return { kind: 'http', provider: known, credential, isUnsure }
}

/** INVARIANT (own host): whose it is was guessed from a name alone, such as GITHUB_WEBHOOK_SECRET, which is no token of GitHub's. */
function isGuessed({ rule, found, places }: Finding): boolean {
  if (/^(?:(?:env|agent|settings|assigned|typed)-secret|url-password)$/.test(rule)) return true
  // One that says by its own look what it is may stand under any name.
  if (/^[A-Za-z]{2,12}[_-]/.test(found.secret.reveal())) return false
  const names = places.flatMap(({ name }) => name ?? [])
  return names.length > 0 && names.every((name) => otherUse.test(name))
}

/** Names of what a service keeps for itself, and its API never takes. */
const otherUse = /webhook|cron|sign|client|cookie|session|passw|jwt|encrypt|salt|csrf/i
