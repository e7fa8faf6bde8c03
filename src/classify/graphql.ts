/** Reads GraphQL: from a request to the operations that will run, each judged by the platform. What is not understood is `unread`. */
import { remembered } from '../base/cache.ts'
import { FirebreakError } from '../base/error.ts'
import { digest } from '../base/json.ts'
import type { Json } from '../base/json.ts'
import type { Operation } from '../core/operation.ts'
import type { GraphqlPlatform, RootField, SelectedField } from '../platforms/platform.ts'
import { Budget } from './graphql-budget.ts'
import { asksOf } from './graphql-http.ts'
import type { GraphqlAsk, GraphqlRequest } from './graphql-http.ts'
import { limits, planOf } from './graphql-plan.ts'
import type { Plan, PlanField, PlanOperation } from './graphql-plan.ts'
import { fillArguments, isSound } from './graphql-value.ts'
import type { Variables } from './graphql-value.ts'

/** What a request asks for. `unread` always has exactly one operation, whose effect is `unread`. */
export type Reading =
  | { readonly kind: 'read'; readonly operations: readonly Operation[] }
  | {
      readonly kind: 'unread'
      readonly why: string
      readonly operations: readonly [Operation]
    }

export interface GraphqlReader {
  /** All operations of an HTTP request, batches included. Never throws. */
  http(target: string, request: GraphqlRequest): Reading
  /** The operations of one document. Never throws. */
  text(target: string, ask: GraphqlAsk): Reading
}

/** Plans that are kept; one planned field weighs as much as 200 characters of text. */
const kept = {
  most: 2000,
  characters: 4_000_000,
  weigh: (plan: Plan): number => sizeOf(plan) * 200,
} as const

/** A reader that keeps the plans of documents it has seen; one for each platform of a gateway. */
export function graphqlReader(platform: GraphqlPlatform): GraphqlReader {
  const plan = remembered(kept, planOf)
  const readHttp: GraphqlReader['http'] = (target, request) => {
    const asks = asksOf(request)
    if (asks.kind === 'unread') return unread(asks.why)
    const budget = new Budget()
    let fields = 0
    const operations: Operation[] = []
    for (const ask of asks.asks) {
      const planned = plan(ask.text)
      fields += sizeOf(planned)
      if (fields > limits.fields) return unread('the batch asks for too many fields')
      const reading = readAsk({ platform, target, ...ask }, () => planned, budget)
      if (reading.kind === 'unread') return reading
      operations.push(...reading.operations)
      if (operations.length > limits.roots) return unread('the batch asks for too many things')
    }
    return { kind: 'read', operations }
  }
  return {
    text: (target, ask) => readAsk({ platform, target, ...ask }, plan, new Budget()),
    http: (target, request) => bound(readHttp(target, request), request),
  }
}

function sizeOf(plan: Plan): number {
  return plan.kind === 'plan' ? plan.size : 0
}

export interface GraphqlQuestion extends GraphqlAsk {
  readonly platform: GraphqlPlatform
  readonly target: string
}

/** The same reading without a cache, for one question. Never throws. */
export function readGraphql(question: GraphqlQuestion): Reading {
  return readAsk(question, planOf, new Budget())
}

function readAsk(
  question: GraphqlQuestion,
  planned: (text: string) => Plan,
  budget: Budget,
): Reading {
  try {
    const plan = planned(question.text)
    if (plan.kind === 'unread') return unread(plan.why)
    const operation = chosen(plan.operations, question.operationName)
    if (typeof operation === 'string') return unread(operation)
    const operations = judged(question, operation, budget)
    return operations === null
      ? unread('a variable holds what cannot be written down')
      : { kind: 'read', operations }
  } catch (thrown) {
    // Whatever fails here was not understood, and what is not understood is unread.
    return unread(thrown instanceof FirebreakError ? thrown.message : 'it cannot be read')
  }
}

/** The operation that will run, or why that is not sure. */
function chosen(operations: readonly PlanOperation[], name: string | null): PlanOperation | string {
  const [only, ...others] = operations
  if (name === null)
    return others.length === 0 && only !== undefined
      ? only
      : 'it has several operations, none named'
  return (
    operations.find((operation) => operation.name === name) ??
    'it names an operation that it does not have'
  )
}

function judged(
  { platform, target, ...ask }: GraphqlQuestion,
  operation: PlanOperation,
  budget: Budget,
): readonly Operation[] | null {
  const variables = new Map<string, Json | undefined>()
  for (const [name, preset] of operation.variables) {
    const given = Object.hasOwn(ask.variables, name) ? ask.variables[name] : preset
    if (given !== undefined && !isSound(given)) return null
    variables.set(name, given)
  }
  const fields = operation.fields.filter((field) => !isMeta(operation.kind, field.name))
  if (fields.length === 0) return [introspection(operation)]
  const rest = fields.length < operation.fields.length && operation.kind === 'query'
  return [
    ...fields.map((field) => {
      const root = rootField(operation.kind, field, variables)
      takeAll(budget, [root])
      return platform.judge(target, root)
    }),
    ...(rest ? [introspection(operation)] : []),
  ]
}

/** Arguments at every depth count: those below the root are part of what is asked, and of the digest. */
function takeAll(
  budget: Budget,
  fields: readonly Pick<SelectedField, 'arguments' | 'selects'>[],
): void {
  for (const field of fields) {
    budget.take(field.arguments)
    takeAll(budget, field.selects)
  }
}

/** Fields of the language itself: they tell about the schema and do nothing. */
function isMeta(kind: PlanOperation['kind'], name: string): boolean {
  return name === '__typename' || (kind === 'query' && (name === '__schema' || name === '__type'))
}

function rootField(
  operation: PlanOperation['kind'],
  field: PlanField,
  variables: Variables,
): RootField {
  const { name, arguments: args, selects } = filled(field, variables)
  return { operation, name, arguments: args, selects }
}

function filled(field: PlanField, variables: Variables): SelectedField {
  return (
    field.fixed ?? {
      name: field.name,
      on: field.on,
      arguments: fillArguments(field.arguments, variables),
      selects: field.selects.map((below) => filled(below, variables)),
    }
  )
}

const nothing = {
  kinds: [],
  parameters: {},
  shown: {},
  selects: null,
  names: [],
  environments: [],
  findings: [],
  alternatives: [],
} as const

function introspection(operation: PlanOperation): Operation {
  const meta = operation.fields.find((field) => isMeta(operation.kind, field.name))
  return { ...nothing, name: meta?.name ?? '__typename', effect: 'read' }
}

/**
 * INVARIANT (approval-binds): what was not understood is bound by its bytes, since nothing else of it is known: another
 * text is another action. The text itself is not shown, for it may hold a secret.
 */
function bound(reading: Reading, request: GraphqlRequest): Reading {
  if (reading.kind === 'read') return reading
  const { method, query, contentType, contentEncoding, body } = request
  const bytes = Buffer.from(body).toString('base64')
  const parameters = {
    method,
    contentType,
    contentEncoding,
    bytes: body.length,
    request: digest([method, query, contentType, contentEncoding, bytes]),
  }
  const [operation] = reading.operations
  return { ...reading, operations: [{ ...operation, parameters, shown: parameters }] }
}

/** The one operation of a request that was not understood. */
function unread(why: string): Extract<Reading, { readonly kind: 'unread' }> {
  const clean = oneLine(why)
  return {
    kind: 'unread',
    why: clean,
    operations: [
      {
        ...nothing,
        name: '(unread)',
        effect: 'unread',
        findings: [{ rule: 'graphql-unread', message: `the request is not understood: ${clean}` }],
        alternatives: ['send one operation in a JSON body, with its text in `query`'],
      },
    ],
  }
}

/** A reason may quote what somebody sent: keep it short, plain and well formed. */
function oneLine(why: string): string {
  return why.replaceAll(/[^\x20-\x7E]/g, '?').slice(0, 200)
}
