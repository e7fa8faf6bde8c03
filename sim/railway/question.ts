/**
 * GraphQL over HTTP: what a request asks. POST carries one question or a list of them as JSON, GET one in its
 * query string. Of several operations in a document `operationName` picks the one that runs.
 */
import {
  getOperationAST,
  Kind,
  parse,
  type DocumentNode,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql'
import { asBag, maybeText, type Args } from './args.ts'

export interface Question {
  readonly text: string
  readonly variables: Args
  readonly operationName: string | null
}

export type Questions =
  | { readonly kind: 'asked'; readonly batch: boolean; readonly questions: readonly Question[] }
  | { readonly kind: 'refused'; readonly status: number; readonly message: string }

const maxBatch = 20

/** Reads a GET: `query`, `variables` (JSON) and `operationName`. */
export function readQuery(parameters: URLSearchParams): Questions {
  const variables = json(parameters.get('variables') ?? '{}')
  if (variables === undefined) return refused(400, 'Variables are invalid JSON')
  const text = parameters.get('query')
  if (text === null) return refused(400, 'Must provide query string')
  const operationName = parameters.get('operationName')
  return asked(false, [{ text, variables: asBag(variables), operationName }])
}

/** Reads the body of a POST: JSON, one object or a list. A persisted query without its text is not known here. */
export function readBody(contentType: string, body: string): Questions {
  if (!/^application\/(graphql\+)?json\b/i.test(contentType))
    return refused(415, 'Content-Type must be application/json')
  const value = json(body)
  if (value === undefined) return refused(400, 'POST body sent invalid JSON')
  const list: readonly unknown[] = Array.isArray(value) ? value : [value]
  if (list.length === 0 || list.length > maxBatch)
    return refused(400, `A batch has 1 to ${maxBatch} operations`)
  const questions = list.map(readOne)
  return questions.every((question) => question !== null)
    ? asked(Array.isArray(value), questions)
    : refused(400, 'Must provide query string')
}

/** The document, or the error's message. */
export function parseText(text: string): DocumentNode | string {
  try {
    return parse(text, { maxTokens: 20_000 })
  } catch (error) {
    // A syntax error is an answer to the client here, not a fault.
    return error instanceof Error ? error.message : 'Syntax Error'
  }
}

/** The operation that will run, or null where none or several could. */
export function operationOf(
  document: DocumentNode,
  name: string | null,
): OperationDefinitionNode | null {
  return getOperationAST(document, name) ?? null
}

/** Names of the root fields of an operation, through aliases and fragments, in order. */
export function rootFields(
  document: DocumentNode,
  operation: OperationDefinitionNode,
): readonly string[] {
  const seen = new Set<string>()
  const walk = (set: SelectionSetNode): readonly string[] =>
    set.selections.flatMap((node) => {
      if (node.kind === Kind.FIELD) return [node.name.value]
      if (node.kind === Kind.INLINE_FRAGMENT) return walk(node.selectionSet)
      const name = node.name.value
      if (seen.has(name)) return []
      seen.add(name)
      const fragment = document.definitions.find(
        (definition) =>
          definition.kind === Kind.FRAGMENT_DEFINITION && definition.name.value === name,
      )
      return fragment?.kind === Kind.FRAGMENT_DEFINITION ? walk(fragment.selectionSet) : []
    })
  return walk(operation.selectionSet)
}

function readOne(value: unknown): Question | null {
  const question = asBag(value)
  const text = maybeText(question, 'query')
  return text === null
    ? null
    : {
        text,
        variables: asBag(question['variables']),
        operationName: maybeText(question, 'operationName'),
      }
}

function asked(batch: boolean, questions: readonly Question[]): Questions {
  return { kind: 'asked', batch, questions }
}

function refused(status: number, message: string): Questions {
  return { kind: 'refused', status, message }
}

/** The parsed value, or undefined, which no JSON is. */
function json(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text)
    return value
  } catch {
    // What is no JSON is told to the client.
    return undefined
  }
}
