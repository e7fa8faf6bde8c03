/** What an agent reads: problem details (RFC 9457), and for GraphQL targets the same in GraphQL's own shape. */
import { STATUS_CODES } from 'node:http'
import { toJson } from '../../base/json.ts'
import type { Json } from '../../base/json.ts'
import type { BlastRadius } from '../../core/blast-radius.ts'
import type { Resource } from '../../core/resource.ts'
import type { Told } from '../../guard/passed.ts'

export interface Answer {
  readonly status: number
  readonly headers: readonly string[]
  readonly body: Buffer
}

export interface Shape {
  readonly graphql: boolean
  readonly accept: string | null
}

/**
 * An answer without an action to tell of: bad request, no grant, too large, broken inside. `executed` is true for what is
 * known to be done, and null where it was sent on and no answer came: then nobody here knows.
 */
export function plainProblem({ status, kind, detail }: Plain, shape: Shape): Answer {
  const title = STATUS_CODES[status] ?? 'Refused'
  const retryable = status === 503 || status === 429
  const body = {
    type: `urn:firebreak:problem:${kind}`,
    title,
    status,
    detail,
    executed: executedOf(kind),
    retryable,
  }
  const challenge = status === 401 ? ['www-authenticate', 'Bearer realm="firebreak"'] : []
  return shaped(status, body, shape, retryable ? ['retry-after', '5'] : challenge)
}

function executedOf(kind: string): boolean | null {
  return kind === 'upstream' ? null : kind === 'done'
}

export interface Plain {
  readonly status: number
  readonly kind: string
  readonly detail: string
}

export interface Kind {
  readonly kind: 'denied' | 'held' | 'scheduled' | 'failed'
  readonly status: number
  /** Where the state of a hold can be asked; null without a hold. */
  readonly statusUrl: string | null
}

/** The answer of the guard, as PRODUCT.md's agent meets it. */
export function toldProblem(told: Told, how: Kind, shape: Shape): Answer {
  const { kind, status, statusUrl } = how
  const waits = kind === 'held' ? ['retry-after', '30'] : []
  const location = status === 202 && statusUrl !== null ? ['location', statusUrl] : []
  return shaped(status, toldBody(told, how), shape, [...waits, ...location])
}

/** The same in every protocol. */
export function toldBody(told: Told, { kind, status, statusUrl }: Kind): Json {
  const detail = detailOf(told, kind)
  return toJson({
    type: `urn:firebreak:problem:${kind}`,
    title: titles[kind],
    status,
    detail,
    instance: statusUrl ?? undefined,
    operation: told.operation,
    effect: told.effect,
    verdict: told.verdict,
    findings: told.findings,
    blastRadius: radiusBody(told.radius),
    holdId: told.holdId ?? undefined,
    statusUrl: statusUrl ?? undefined,
    approve:
      told.holdId !== null && kind === 'held'
        ? `a person runs: firebreak approve ${told.holdId}`
        : undefined,
    executesAt: moment(told.executesAt),
    expiresAt: kind === 'held' ? moment(told.expiresAt) : undefined,
    retryable: told.retryable,
    executed: false,
    alternatives: told.alternatives,
    receipt: told.entry === null ? undefined : receiptPath(told.entry),
  })
}

function moment(ms: number | null): string | undefined {
  return ms === null ? undefined : new Date(ms).toISOString()
}

/** Where the receipt of an entry can be had with the same grant. */
export function receiptPath(entry: number): string {
  return `/.firebreak/receipts/${entry}`
}

const titles = {
  denied: 'Denied by Firebreak',
  held: 'Held for a person',
  scheduled: 'Approved, and waiting for its time',
  failed: 'It was approved, and failed',
} as const

/** One line for a reader who reads only one. */
function detailOf(told: Told, kind: Kind['kind']): string {
  const why = told.findings[0]?.message ?? 'the policy says so'
  const { resources, backups } = told.radius
  const gone =
    resources.length + backups.length === 0
      ? ''
      : `; would go: ${list(resources)}${backups.length === 0 ? '' : ` and ${list(backups)}`}`
  const last = kind === 'denied' && !told.retryable ? '; asking again will not help' : ''
  return `${told.operation}: ${why}${gone}${last}`
}

function list(things: readonly Resource[]): string {
  const named = things
    .slice(0, 5)
    .map(
      ({ type, name, environment }) =>
        `${type} ${name}${environment === null ? '' : ` in ${environment}`}`,
    )
  return things.length > 5 ? `${named.join(', ')} and ${things.length - 5} more` : named.join(', ')
}

function radiusBody(radius: BlastRadius): Json {
  const named = (things: readonly Resource[]): Json =>
    things.map(({ type, id, name, environment, bytes }) => ({ type, id, name, environment, bytes }))
  const { known, environments, rows, unknown } = radius
  return {
    known,
    environments,
    resources: named(radius.resources),
    backups: named(radius.backups),
    rows,
    left: named(radius.left),
    unknown,
  }
}

function shaped(status: number, body: Json, shape: Shape, headers: readonly string[]): Answer {
  const whole = shape.graphql ? graphqlBody(body) : body
  const type = shape.graphql ? graphqlType(shape.accept) : 'application/problem+json'
  const bytes = Buffer.from(JSON.stringify(whole))
  return {
    status,
    headers: [
      'content-type',
      type,
      'cache-control',
      'no-store',
      'content-length',
      String(bytes.length),
      ...headers,
    ],
    body: bytes,
  }
}

/** GraphQL over HTTP: `data` null, one error, all of it in `extensions`, and the same members at the top for everyone else. */
function graphqlBody(body: Json): Json {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return body
  const members: { readonly [name: string]: Json } = toMembers(body)
  const { detail = '' } = members
  return {
    ...members,
    data: null,
    errors: [{ message: detail, extensions: { code: 'FIREBREAK', ...members } }],
  }
}

function toMembers(body: object): { readonly [name: string]: Json } {
  return Object.fromEntries(Object.entries(body).map(([name, member]) => [name, toJson(member)]))
}

function graphqlType(accept: string | null): string {
  return accept?.includes('application/graphql-response+json') === true
    ? 'application/graphql-response+json'
    : 'application/json'
}
