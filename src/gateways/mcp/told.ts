/** The guard's answer in MCP's words: a tool's result that is an error, so that the model reads it, with the facts beside it. */
import { isObject } from '../../base/json.ts'
import type { Json, JsonObject } from '../../base/json.ts'
import type { Passed } from '../../guard/passed.ts'
import { codes, errorOf, resultOf } from '../../wire/jsonrpc.ts'
import type { Id } from '../../wire/jsonrpc.ts'
import { toldBody } from '../http/answer.ts'
import type { Kind } from '../http/answer.ts'

type Settled = Exclude<Passed, { readonly kind: 'allowed' }>

export interface Call {
  readonly id: Id
  readonly isTool: boolean
  /** A client holds `structuredContent` to what the tool declares, also where it is an error's. */
  readonly declaresOutput: boolean
}

/** The answer to the request; what has run already is answered as it was. */
export function answerOf(passed: Settled, call: Call): JsonObject {
  if (passed.kind === 'settled' && isObject(passed.answer)) {
    const { result } = passed.answer
    if (isObject(result)) return resultOf(call.id, replayed(result))
  }
  return refusalOf(passed, call)
}

function refusalOf(passed: Settled, { id, isTool, declaresOutput }: Call): JsonObject {
  const facts = problemOf(passed)
  const { detail } = facts
  const message = typeof detail === 'string' ? detail : 'refused'
  if (!isTool)
    return errorOf(id, { code: codes.refused, message, data: { ...facts, ...denial(passed) } })
  return resultOf(id, {
    resultType: 'complete',
    content: [{ type: 'text', text: wordsOf(facts, message) }],
    isError: true,
    ...(declaresOutput ? {} : { structuredContent: facts }),
    _meta: {
      'firebreak/problem': facts,
      'io.modelcontextprotocol/authorization': denial(passed),
    },
  })
}

/** As in the proposal for structured authorization denials (SEP-2643). */
function denial({ kind, told }: Settled): JsonObject {
  return {
    reason: 'insufficient_authorization',
    remediation: kind === 'denied' ? 'none' : 'available',
    ...(told.holdId === null ? {} : { authorizationContextId: told.holdId }),
    remediationHints:
      told.holdId === null || kind === 'denied'
        ? []
        : [{ type: 'firebreak_hold', holdId: told.holdId, obtain: 'out_of_band' }],
  }
}

/** For a model that reads the text alone. */
function wordsOf(facts: JsonObject, detail: string): string {
  const { title, approve, executesAt, alternatives } = facts
  const lines = [
    `${text(title)}: ${detail}`,
    'It was not executed.',
    ...(typeof approve === 'string'
      ? [
          `${approve}. Nothing that you can call approves it; ask again later with the same arguments, or go on with something else.`,
        ]
      : []),
    ...(typeof executesAt === 'string' ? [`It runs at ${executesAt}, by itself.`] : []),
    ...(Array.isArray(alternatives) ? alternatives.map((each) => `Instead: ${text(each)}`) : []),
  ]
  return lines.join('\n')
}

function text(value: Json | undefined): string {
  return typeof value === 'string' ? value : ''
}

/** The facts of an answer, as over HTTP. */
export function problemOf(passed: Settled): JsonObject {
  const statusUrl = passed.told.holdId === null ? null : `/.firebreak/holds/${passed.told.holdId}`
  const body = toldBody(passed.told, { ...kindOf(passed), statusUrl })
  return isObject(body) ? body : {}
}

function kindOf(passed: Settled): Pick<Kind, 'kind' | 'status'> {
  switch (passed.kind) {
    case 'denied':
      return { kind: 'denied', status: 403 }
    case 'held':
      return { kind: 'held', status: 403 }
    case 'scheduled':
      return { kind: 'scheduled', status: 202 }
    case 'settled':
      return { kind: 'failed', status: 403 }
  }
}

function replayed(result: JsonObject): JsonObject {
  const meta = isObject(result['_meta']) ? result['_meta'] : {}
  return { ...result, _meta: { ...meta, 'firebreak/replayed': true } }
}
