/** The targets behind HTTP, opened: the way out, the reader, and how the inventory asks. */
import { readFileSync } from 'node:fs'
import { FirebreakError } from '../base/error.ts'
import { digest, isObject, parseJson } from '../base/json.ts'
import type { JsonObject } from '../base/json.ts'
import type { Secret } from '../base/secret.ts'
import type { Operation } from '../core/operation.ts'
import { graphqlReader } from '../classify/graphql.ts'
import type { GraphqlReader } from '../classify/graphql.ts'
import { collect } from '../gateways/http/collect.ts'
import type { Arrived, HttpTarget } from '../gateways/http/target.ts'
import { openUpstream } from '../gateways/http/upstream.ts'
import type { Upstream } from '../gateways/http/upstream.ts'
import { platformNamed } from '../platforms/known.ts'
import type { GraphqlPlatform } from '../platforms/platform.ts'
import type { Config } from './config.ts'
import type { HttpEntry } from './config-targets.ts'
import { headerOf } from './header.ts'

export interface OpenTarget {
  readonly target: HttpTarget
  /** The way of what agents send. */
  readonly upstream: Upstream
  /** The way of our own questions and of approved acts: agents that keep theirs full do not stand in it. */
  readonly own: Upstream
  readonly platform: GraphqlPlatform
  /** SHA-256 of the further authorities as they were read; null where none are named. */
  readonly authorities: string | null
  readonly ask: (query: string, variables: JsonObject, signal: AbortSignal) => Promise<JsonObject>
}

const upstreamLimits = {
  connectMs: 10_000,
  headMs: 60_000,
  bodyMs: 120_000,
  connections: 64,
} as const
const ownConnections = 16
const maxAnswerBytes = 4_000_000

/** Opens every target that is reached by HTTP; throws `bad_config` for a platform without a reader. */
export function openTargets(
  config: Config,
  credential: (target: string) => Promise<Secret>,
): ReadonlyMap<string, OpenTarget> {
  return new Map(
    Object.entries(config.targets).flatMap(([name, entry]) =>
      entry.platform !== 'railway' ? [] : [[name, openTarget(name, entry, credential)] as const],
    ),
  )
}

function openTarget(
  name: string,
  entry: HttpEntry,
  credential: (target: string) => Promise<Secret>,
): OpenTarget {
  const platform = platformNamed(entry.platform)
  if (platform === null)
    throw new FirebreakError('bad_config', `no reader for the platform \`${entry.platform}\``)
  const url = new URL(entry.url)
  const reader = graphqlReader(platform)
  const target: HttpTarget = {
    name,
    platform: platform.name,
    origin: url.origin,
    basePath: url.pathname.replace(/\/$/, ''),
    credential: headerOf(entry),
    graphql: true,
    read: (request) => readRequest(reader, { platform, name }, request),
  }
  const ca = entry.ca === undefined ? null : readFileSync(entry.ca, 'utf8')
  const upstream = openUpstream(target, upstreamLimits, ca)
  const own = openUpstream(target, { ...upstreamLimits, connections: ownConnections }, ca)
  const ask: OpenTarget['ask'] = async (query, variables, signal) => {
    const outgoing = {
      method: 'POST',
      path: platform.path,
      query: '',
      headers: [
        'content-type',
        'application/json',
        'accept',
        'application/json',
        'accept-encoding',
        'identity',
      ],
      body: Buffer.from(JSON.stringify({ query, variables })),
    }
    const answer = await collect(own, outgoing, await credential(name), {
      maxBytes: maxAnswerBytes,
      signal,
    })
    return dataOf(answer.status, answer.body)
  }
  const authorities = ca === null ? null : digest(ca)
  return { target, upstream, own, platform, authorities, ask }
}

/** GraphQL at its one path; anything elsewhere on that host is not known, so it is unread. */
function readRequest(
  reader: GraphqlReader,
  { platform, name }: { readonly platform: GraphqlPlatform; readonly name: string },
  request: Arrived,
): readonly Operation[] {
  if (request.path === platform.path) return reader.http(name, request).operations
  const elsewhere = { ...request, method: `${request.method} ${request.path}` }
  return reader
    .http(name, elsewhere)
    .operations.map((operation) => ({ ...operation, name: `${request.method} ${request.path}` }))
}

/** The `data` of an answer; throws when it is no success, or an error stands beside it. */
function dataOf(status: number, body: Buffer): JsonObject {
  if (status !== 200) throw new FirebreakError('not_reachable', `it answered ${status}`)
  const answer = parseJson(body.toString('utf8'))
  const data = isObject(answer) ? answer['data'] : null
  const errors = isObject(answer) ? answer['errors'] : null
  if (!isObject(data) || (Array.isArray(errors) && errors.length > 0))
    throw new FirebreakError('not_reachable', 'it answered with errors')
  return data
}
