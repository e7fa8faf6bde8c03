/** What an agent reads: problem details (RFC 9457), and for GraphQL targets the same in GraphQL's own shape. */
import { STATUS_CODES } from 'node:http'
import { toJson } from '../../base/json.ts'
import type { Json } from '../../base/json.ts'
import { noRadius } from '../../core/blast-radius.ts'
import type { Told } from '../../guard/passed.ts'
import { graphqlType } from './accept.ts'
import { goneText, radiusBody } from './radius.ts'

export interface Answer {
  readonly status: number
  /** Names and values in turn. */
  readonly headers: readonly string[]
  readonly body: Buffer
}

export interface Shape {
  readonly graphql: boolean
  readonly accept: string | null
}

export interface Plain {
  readonly status: number
  readonly kind: string
  readonly detail: string
  /** Null where nobody can say: the request went out, and no answer came. False when left out. */
  readonly executed?: boolean | null
  readonly headers?: readonly string[]
}

/** A refusal before there is anything to judge: bad request, no grant, too large, broken inside. */
export function plainProblem(plain: Plain, shape: Shape): Answer {
  const { status, kind, detail, executed = false, headers = [] } = plain
  const retryable = executed !== null && [408, 429, 502, 503, 504].includes(status)
  const body = {
    type: `urn:firebreak:problem:${kind}`,
    title: STATUS_CODES[status] ?? 'Refused',
    status,
    detail,
    operation: '',
    effect: 'unread',
    verdict: 'deny',
    findings: [{ rule: kind, message: detail }],
    blastRadius: radiusBody(noRadius),
    retryable,
    executed,
    alternatives: [],
  }
  const later = status === 503 ? ['retry-after', '5'] : []
  return shaped(body, shape, { status, headers: [...later, ...headers] })
}

export interface Kind {
  readonly kind: 'denied' | 'held' | 'scheduled' | 'failed'
  readonly status: number
  /** Where the state of a hold can be asked; null without a hold. */
  readonly statusUrl: string | null
  readonly headers?: readonly string[]
}

/** The answer of the guard, as PRODUCT.md's agent meets it. */
export function toldProblem(told: Told, as: Kind, shape: Shape): Answer {
  const { kind, status, statusUrl, headers = [] } = as
  const body = toJson({
    type: `urn:firebreak:problem:${kind}`,
    title: titles[kind],
    status,
    detail: detailOf(told, kind),
    instance: statusUrl ?? undefined,
    operation: told.operation,
    effect: told.effect,
    verdict: told.verdict,
    findings: told.findings,
    blastRadius: radiusBody(told.radius),
    ...holdMembers(told, as),
    retryable: told.retryable,
    // What failed may have got half way: only the target knows.
    executed: kind === 'failed' ? null : false,
    alternatives: told.alternatives,
  })
  const later = kind === 'held' ? ['retry-after', '30'] : []
  const location = status === 202 && statusUrl !== null ? ['location', statusUrl] : []
  return shaped(body, shape, { status, headers: [...later, ...location, ...headers] })
}

/** Health, for whoever watches the process: no target, no grant, no problem. */
export function healthy(): Answer {
  const body = Buffer.from('{"status":"up"}')
  return { status: 200, headers: framed('application/json', body), body }
}

const titles = {
  denied: 'Denied by Firebreak',
  held: 'Held for a person',
  scheduled: 'Approved, and waiting for its time',
  failed: 'It was approved, and failed',
} as const

/** What is said only where there is a hold. Members that are undefined are left out. */
function holdMembers(
  { holdId, executesAt, expiresAt }: Told,
  { kind, statusUrl }: Kind,
): { readonly [name: string]: string | undefined } {
  if (holdId === null) return {}
  const held = kind === 'held'
  return {
    holdId,
    statusUrl: statusUrl ?? undefined,
    approve: held ? `a person runs: firebreak approve ${holdId}` : undefined,
    executesAt: executesAt === null ? undefined : new Date(executesAt).toISOString(),
    expiresAt: held && expiresAt !== null ? new Date(expiresAt).toISOString() : undefined,
  }
}

/** One line for a reader who reads only one. */
function detailOf(told: Told, kind: Kind['kind']): string {
  const why = told.findings[0]?.message ?? 'the policy says so'
  const gone = goneText(told.radius)
  const last = kind === 'denied' && !told.retryable ? '; asking again will not help' : ''
  return `${told.operation}: ${why}${gone === '' ? '' : `; would go: ${gone}`}${last}`
}

interface Dress {
  readonly status: number
  readonly headers: readonly string[]
}

function shaped(body: Json, { graphql, accept }: Shape, { status, headers }: Dress): Answer {
  const bytes = Buffer.from(JSON.stringify(graphql ? graphqlBody(body) : body))
  const type = graphql ? graphqlType(accept) : 'application/problem+json'
  return { status, headers: [...framed(type, bytes), ...headers], body: bytes }
}

function framed(type: string, body: Buffer): readonly string[] {
  const length = String(body.length)
  return ['content-type', type, 'cache-control', 'no-store', 'content-length', length]
}

/** GraphQL over HTTP: `data` null, one error, all of it in `extensions`, and the same members at the top for everyone else. */
function graphqlBody(body: Json): Json {
  const members = toMembers(body)
  const { detail = '' } = members
  return {
    ...members,
    data: null,
    errors: [{ message: detail, extensions: { code: 'FIREBREAK', ...members } }],
  }
}

function toMembers(body: Json): { readonly [name: string]: Json } {
  if (typeof body !== 'object' || body === null) return {}
  return Object.fromEntries(Object.entries(body).map(([name, member]) => [name, toJson(member)]))
}
