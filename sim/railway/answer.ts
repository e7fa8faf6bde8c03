/** Executes questions and words the answers in the platform's manner: HTTP 200 with `errors[]` where a resolver refused. */
import {
  execute,
  GraphQLError,
  OperationTypeNode,
  validate,
  type ExecutionResult,
  type GraphQLSchema,
} from 'graphql'
import type { Context } from './ground.ts'
import { operationOf, parseText, rootFields, type Question, type Questions } from './question.ts'

export interface Answer {
  readonly status: number
  readonly body: unknown
}

/** One operation of a request, for the log and for finding its faults. */
export interface Operation {
  readonly operation: 'query' | 'mutation' | 'subscription' | 'unread'
  readonly name: string | null
  readonly fields: readonly string[]
}

/** What a question would run, without running it. */
export function describe({ text, operationName }: Question): Operation {
  const document = parseText(text)
  const operation = typeof document === 'string' ? null : operationOf(document, operationName)
  if (typeof document === 'string' || operation === null)
    return { operation: 'unread', name: operationName, fields: [] }
  return {
    operation: operation.operation,
    name: operation.name?.value ?? null,
    fields: rootFields(document, operation),
  }
}

/** Answers all questions, one after the other; a batch gets a list. A mutation is not taken by GET (405). */
export async function answer(
  schema: GraphQLSchema,
  asked: Questions,
  method: string,
  context: Context,
): Promise<Answer> {
  if (asked.kind === 'refused') return refusal(context, asked.status, asked.message, 'BAD_REQUEST')
  const answers: Answer[] = []
  for (const question of asked.questions)
    answers.push(await answerOne(schema, question, method, context))
  const [first] = answers
  if (!asked.batch && first !== undefined) return first
  return { status: 200, body: answers.map(({ body }) => body) }
}

/** An error for the whole request. */
export function refusal(context: Context, status: number, message: string, code: string): Answer {
  const error = new GraphQLError(message, { extensions: { code } })
  return { status, body: worded({ errors: [error] }, context) }
}

async function answerOne(
  schema: GraphQLSchema,
  question: Question,
  method: string,
  context: Context,
): Promise<Answer> {
  const document = parseText(question.text)
  if (typeof document === 'string') return refusal(context, 400, document, 'GRAPHQL_PARSE_FAILED')
  const operation = operationOf(document, question.operationName)
  if (operation === null)
    return refusal(context, 400, 'Unknown or ambiguous operation', 'OPERATION_RESOLUTION_FAILURE')
  if (method === 'GET' && operation.operation !== OperationTypeNode.QUERY)
    return refusal(context, 405, 'GET supports only query operations', 'METHOD_NOT_ALLOWED')
  const errors = validate(schema, document)
  if (errors.length > 0)
    return { status: 400, body: worded({ errors }, context, 'GRAPHQL_VALIDATION_FAILED') }
  const result = await execute({
    schema,
    document,
    contextValue: context,
    variableValues: question.variables,
    operationName: question.operationName,
  })
  return { status: 'data' in result ? 200 : 400, body: worded(result, context, 'BAD_USER_INPUT') }
}

function worded(result: ExecutionResult, { ground }: Context, fallback?: string): unknown {
  const errors = result.errors?.map((error) => {
    const json = error.toJSON()
    const code = json.extensions?.['code'] ?? fallback ?? 'INTERNAL_SERVER_ERROR'
    return { ...json, extensions: { ...json.extensions, code, traceId: ground.newId('trace') } }
  })
  return {
    ...('data' in result ? { data: result.data } : {}),
    ...(errors === undefined ? {} : { errors }),
  }
}
