/** Credentials whose client a gateway serves: where they stand, a grant is put in their place. */
import type { Found } from '../../scan/find.ts'
import type { Named } from '../database-url.ts'
import { byHand } from '../rotate/by-hand.ts'
import { namedIn, throughGateway } from './gateway-url.ts'
import { pgpassAt, pgpassThrough } from './pgpass.ts'
import { stringAround, whereIs } from './span.ts'
import type { Span } from './span.ts'
import type { Targets } from './targets.ts'

/** What every grant is written as until one is minted. */
export const grantMark = 'fbk_THE-GRANT-OF-THIS-CHECKOUT'

export interface Ways {
  /** Where HTTP clients come in, and Postgres clients. */
  readonly listen: string
  readonly postgres: string
}

/** What is known of a Railway token: which header it goes out in, and the environments that it sees, by their ids. */
export interface RailwayFacts {
  readonly url: string
  readonly header: 'authorization' | 'project-access-token'
  readonly environments: Readonly<Record<string, { readonly id: string }>>
}

export type Served = readonly Span[] | { readonly stays: string; readonly todo: string }

/** The spans that lead one credential's client through Firebreak, or why it stays. */
export function serve(
  found: Found,
  text: string,
  house: {
    readonly targets: Targets
    readonly ways: Ways
    readonly railway: (found: Found) => RailwayFacts | null
  },
): Served {
  const from = whereIs(text, found)
  if (from === null) return stays('the file has changed while it was read', 'run this again')
  if (found.provider === 'postgres') return database(found, text, from, house)
  if (found.provider === 'railway') return railway(found, text, from, house)
  return stays(
    `no gateway of Firebreak serves ${found.provider === 'unknown' ? 'its client' : found.provider}`,
    `take it out of the checkout by hand; if an agent may have read it: ${byHand(found.provider)}`,
  )
}

function database(
  found: Found,
  text: string,
  from: number,
  { targets, ways }: { readonly targets: Targets; readonly ways: Ways },
): Served {
  if (found.rule === 'pgpass') return pgpass(text, from, { targets, ways })
  const whole = stringAround(text, from, found)
  if (whole === null)
    return stays(
      'it is no connection string that could be led elsewhere',
      'write it as one `postgres://…`, then run this again',
    )
  const named = namedIn(whole.text)
  if (named === null)
    return found.low
      ? stays('it leads to a database of this machine', 'nothing, if that holds nothing of worth')
      : stays('it is no URL that a target can have', 'add the target to `firebreak.yaml` by hand')
  const target = databaseTarget(targets, named)
  const put = throughGateway(whole.text, { listen: ways.postgres, target, grant: grantMark })
  return [{ from: whole.from, to: whole.from + whole.text.length, text: put }]
}

function databaseTarget(targets: Targets, named: Named): string {
  return targets.of(`postgres ${named.url}`, () => ({
    like: named.at.database,
    entry: {
      platform: 'postgres',
      url: named.url,
      ...(named.isPlain ? { tls: 'off' } : {}),
      environments: { production: { id: named.at.database } },
    },
    secret: named.secret,
  }))
}

/** The whole line: psql and the like look there by the host and the port that they go to. */
function pgpass(
  text: string,
  from: number,
  { targets, ways }: { readonly targets: Targets; readonly ways: Ways },
): Served {
  const line = pgpassAt(text, from)
  if (line === null)
    return stays(
      'its line does not name one database',
      'write host, port, database and user into it instead of `*`, then run this again',
    )
  const target = databaseTarget(targets, line.named)
  return [pgpassThrough(line, { listen: ways.postgres, target, grant: grantMark })]
}

/** Railway’s GraphQL, or that of a rehearsal on this machine. */
const endpoint =
  /(https:\/\/backboard\.railway\.(?:app|com)|http:\/\/127\.0\.0\.1:\d+)\/graphql\/v2/g

/** Where a Railway token in this text goes; null where the text does not say. */
export function railwayUrl(text: string): string | null {
  return endpoint[Symbol.matchAll](text).next().value?.[1] ?? null
}

function railway(
  found: Found,
  text: string,
  from: number,
  {
    targets,
    ways,
    railway: factsOf,
  }: {
    readonly targets: Targets
    readonly ways: Ways
    readonly railway: (found: Found) => RailwayFacts | null
  },
): Served {
  const own = found.secret.reveal()
  const facts = factsOf(found)
  if (facts === null)
    return stays(
      'nothing in this file says where it is sent; the `railway` program speaks to its platform alone',
      'take it out by hand, and let what used it ask the gateway’s URL with a grant',
    )
  const target = targets.of(`railway ${own}`, () => ({
    like: 'railway',
    entry: {
      platform: 'railway',
      url: facts.url,
      ...(facts.header === 'authorization' ? {} : { header: facts.header }),
      environments: facts.environments,
    },
    secret: found.secret,
  }))
  const urls = [...text.matchAll(endpoint)].map((match) => ({
    from: match.index,
    to: match.index + match[0].length,
    text: `http://${ways.listen}/${target}/graphql/v2`,
  }))
  return [{ from, to: from + own.length, text: grantMark }, ...urls]
}

function stays(why: string, todo: string): Served {
  return { stays: why, todo }
}
