/** What each found credential can do: every one is asked of its own platform, reads only, a few at a time; and what that comes to. */
import { messageOf } from '../base/error.ts'
import type { Secret } from '../base/secret.ts'
import type { Finding } from '../scan/merged.ts'
import { graphOf } from '../scan/radius.ts'
import type { Graph } from '../scan/graph.ts'
import type { Held, Kept } from '../scan/radius.ts'
import { radiusFindings } from '../scan/radius-findings.ts'
import type { RadiusFinding } from '../scan/radius-findings.ts'
import { nounOf } from '../scan/radius-words.ts'
import { openAsk, usualLimits } from '../scan/reach/ask.ts'
import type { AskLimits } from '../scan/reach/ask.ts'
import { clusterReach } from '../scan/reach/kubernetes.ts'
import { silent } from '../scan/reach/reach.ts'
import type { Reach } from '../scan/reach/reach.ts'
import { askDatabase } from './reach-database.ts'
import { waysOf } from './reach-ways.ts'
import type { Way } from './reach-ways.ts'

export interface ReachOptions {
  /** A platform's name to where it is asked instead: a rehearsal on this machine. */
  readonly instead: ReadonlyMap<string, string>
  /** Told before the first call, a line for each host: who is asked what. */
  readonly before: (lines: readonly string[]) => void
  readonly place: (finding: Finding) => string
  /** Told after each answer. */
  readonly progress: (done: number, of: number) => void
  readonly limits?: AskLimits
  /** Copies that no platform knows of, once it is known what there is; none where nothing is said. */
  readonly kept?: (held: readonly Held[]) => readonly Kept[]
}

export interface Reached {
  readonly held: readonly Held[]
  readonly graph: Graph
  readonly findings: readonly RadiusFinding[]
}

/** So many are asked at the same time. */
const atOnce = 4
/** A checkout full of what looks like credentials shall not make us knock on a platform without end. */
const mostAsked = 200

/** Of one secret so many places are asked. */
const mostWays = 5

/** INVARIANT (unknown is everything): whatever happens on the way, each finding has its answer. */
export async function reachOf(
  findings: readonly Finding[],
  { instead, before, place, progress, limits = usualLimits, kept = () => [] }: ReachOptions,
): Promise<Reached> {
  const plans = findings
    .slice(0, mostAsked)
    .map((finding) => ({ finding, ways: waysOf(finding, findings) }))
  before(
    asked(
      plans.flatMap(({ ways }) => ways),
      instead,
    ),
  )
  const answers = new Map<string, Reach>()
  const waiting = [...plans]
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const said: Reach[] = []
      for (const way of next.ways.slice(0, mostWays))
        said.push(await ask(way, next.finding, { instead, limits }))
      answers.set(next.finding.id, oneOf(said, next.ways.length))
      progress(answers.size, plans.length)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  const held = findings.map((finding): Held => ({
    finding: finding.id,
    provider: finding.provider,
    label: `${finding.provider} ${nounOf(finding.rule)} at ${place(finding)}`,
    place: place(finding),
    reach:
      answers.get(finding.id) ??
      silent(`more than ${mostAsked} were found: this one was not asked`),
  }))
  const graph = graphOf(held, kept(held))
  const inHistory = new Set(
    findings.flatMap(({ id, places }) =>
      places.some(({ source }) => source === 'history') ? [id] : [],
    ),
  )
  return { held, graph, findings: radiusFindings(graph, held, inHistory) }
}

interface Asking {
  readonly instead: ReachOptions['instead']
  readonly limits: AskLimits
}

async function ask(way: Way, { provider, found }: Finding, asking: Asking): Promise<Reach> {
  switch (way.kind) {
    case 'none':
      return silent(way.why)
    case 'database':
      return await askDatabase(way.ask, found.secret)
    case 'cluster': {
      const { cluster, ca, client } = way.ask
      const house = { hosts: [cluster.host], hide: [found.secret], instead: null, ca, client }
      const http = openAsk({ ...house, limits: asking.limits })
      return await settled(provider, house.hide, async () => await clusterReach(cluster, http))
    }
    case 'http': {
      const { provider: known, credential } = way
      const hide = [credential.secret, ...credential.beside.map(({ secret }) => secret)]
      const http = openAsk({
        hosts: known.hosts(credential) ?? [],
        hide,
        instead: asking.instead.get(known.name) ?? null,
        ca: null,
        limits: asking.limits,
      })
      const said = await settled(known.name, hide, async () => await known.reach(credential, http))
      return said.kind === 'dead' && way.isUnsure
        ? silent(`${said.why}: it is dead, or of another server`)
        : said
    }
  }
}

/** Dead where it is dead everywhere. What opens several things has no one answer: the first is told, and that there are others. */
function oneOf(said: readonly Reach[], many: number): Reach {
  const alive = said.filter(({ kind }) => kind !== 'dead')
  const [first] = said
  const [open] = alive.toSorted((a, b) => Number(b.kind === 'told') - Number(a.kind === 'told'))
  if (many > said.length && open === undefined)
    return silent(`it stands for ${many} places, of which ${said.length} were asked`)
  if (open === undefined) return first ?? silent('nobody was asked')
  if (open.kind !== 'told' || (alive.length === 1 && many === said.length)) return open
  const others = `it opens ${many} places, and only one of them is told here`
  return { ...open, unknown: [...open.unknown, others] }
}

async function settled(
  name: string,
  hide: readonly Secret[],
  work: () => Promise<Reach>,
): Promise<Reach> {
  try {
    return await work()
  } catch (thrown) {
    // An answer in a form that nobody foresaw: as good as none.
    return silent(`${name}: ${hidden(messageOf(thrown), hide)}`)
  }
}

const hidden = (text: string, secrets: readonly Secret[]): string =>
  secrets.reduce((left, secret) => left.replaceAll(secret.reveal(), '[secret]'), text)

/** `railway at backboard.railway.com: its projects…, for 2 credentials`. */
function asked(ways: readonly Way[], instead: ReachOptions['instead']): readonly string[] {
  const counts = new Map<string, number>()
  const add = (line: string): void => void counts.set(line, (counts.get(line) ?? 0) + 1)
  for (const way of ways) {
    if (way.kind === 'database')
      add(`postgres at ${way.ask.where}: one statement over its catalogs, read only`)
    if (way.kind === 'cluster') add(`kubernetes at ${way.ask.cluster.host}: what its login may do`)
    if (way.kind === 'http') {
      const { name, hosts, asks } = way.provider
      const at = instead.get(name) ?? (hosts(way.credential) ?? []).join(', ')
      add(at === '' ? `${name}: nobody, ${asks}` : `${name} at ${at}: ${asks}`)
    }
  }
  return [...counts].map(([line, many]) =>
    many === 1 ? line : `${line} (for ${many} credentials)`,
  )
}
