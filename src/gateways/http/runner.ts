/** Runs a stored action, once: the clearance is spent, the stored request is sent, the whole answer comes back. */
import { FirebreakError } from '../../base/error.ts'
import { isObject, parseJson } from '../../base/json.ts'
import type { Json } from '../../base/json.ts'
import type { Secret } from '../../base/secret.ts'
import { actionDigest } from '../../core/action.ts'
import type { Ran, Runner } from '../../guard/ports.ts'
import { collect } from './collect.ts'
import type { Collected } from './collect.ts'
import { openRequest } from './stored.ts'
import type { HttpTarget } from './target.ts'
import type { Upstream } from './upstream.ts'

export interface RunnerHouse {
  readonly target: HttpTarget
  readonly upstream: Upstream
  readonly credential: () => Promise<Secret>
  readonly happened: Runner['happened']
  readonly deadline: (ms: number) => AbortSignal
  readonly sent: (requestId: string) => void
  readonly redact: (secret: Secret, bytes: Buffer) => Buffer
}

/** An act may take longer than a question. */
const runMs = 60_000
const maxAnswerBytes = 1_000_000

export function openRunner(house: RunnerHouse): Runner {
  return {
    happened: house.happened,
    run: async (clearance, action, stored) => {
      const request = openRequest(stored)
      if (request === null)
        throw new FirebreakError('broken_store', 'what is stored is not a request')
      const credential = await house.credential()
      if (!clearance.spend(actionDigest(action)))
        throw new FirebreakError(
          'internal',
          'the clearance does not cover this action, or is spent',
        )
      const headers = [
        ...(request.contentType === null ? [] : ['content-type', request.contentType]),
        ...(request.accept === null ? [] : ['accept', request.accept]),
      ]
      const { method, path, query, body } = request
      const outgoing = { method, path, query, headers, body }
      const answer = await collect(house.upstream, outgoing, credential, {
        maxBytes: maxAnswerBytes,
        signal: house.deadline(runMs),
      })
      if (answer.requestId !== null) house.sent(answer.requestId)
      return ranOf({ ...answer, body: house.redact(credential, answer.body) }, house.target)
    },
  }
}

/** HTTP 2xx is done; of GraphQL only where something came of it, whatever the status says. */
function ranOf(answer: Collected, target: HttpTarget): Ran {
  const fault = target.graphql ? graphqlFault(answer.body) : null
  const ok = answer.status >= 200 && answer.status < 300 && fault === null
  const from = answer.requestId === null ? '' : ` (request ${answer.requestId})`
  const summary = ok
    ? `done: ${answer.status}${from}`
    : `the target refused: ${fault ?? String(answer.status)}${from}`
  const stored = {
    status: answer.status,
    contentType: answer.contentType,
    body: answer.body.toString('base64'),
  }
  return { kind: ok ? 'executed' : 'failed', status: answer.status, summary, answer: stored }
}

/** Errors beside a field that has a value: part of it was done, and then it must not be told as not done. */
function graphqlFault(body: Buffer): string | null {
  const parsed = parsedOrNull(body)
  if (!isObject(parsed)) return 'an answer that is no GraphQL'
  const { errors, data } = parsed
  const failed = Array.isArray(errors) && errors.length > 0
  const something = isObject(data) && Object.values(data).some((value) => value !== null)
  return failed && !something ? 'GraphQL errors' : null
}

function parsedOrNull(body: Buffer): Json {
  try {
    return parseJson(body.toString('utf8'))
  } catch {
    // Not JSON: no GraphQL server that has done the thing answers so.
    return null
  }
}
