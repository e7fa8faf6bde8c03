/** Railway asked with one certain token, for what that one may. */
import { isObject, parseJson } from '../../base/json.ts'
import type { Json, JsonObject } from '../../base/json.ts'
import { FirebreakError, messageOf } from '../../base/error.ts'
import { plain } from '../../base/plain.ts'
import type { Secret } from '../../base/secret.ts'
import { collect } from '../../gateways/http/collect.ts'
import type { OpenTarget } from '../targets.ts'
import type { Asked } from './way.ts'

const waitMs = 15_000
const maxBytes = 2_000_000

export interface Answered {
  readonly data: JsonObject | null
  /** In the platform's own words; empty where it is content. */
  readonly faults: readonly string[]
  readonly status: number
}

export type AskRailway = (
  secret: Secret,
  query: string,
  variables?: JsonObject,
) => Promise<Answered>

/** `sent` hears the platform's name of each request: what is done here is not done past Firebreak. */
export function railwayAsk(
  { own, platform }: OpenTarget,
  sent: (requestId: string) => void,
): AskRailway {
  return async (secret, query, variables = {}) => {
    const outgoing = {
      method: 'POST',
      path: platform.path,
      query: '',
      headers: ['content-type', 'application/json', 'accept', 'application/json'],
      body: Buffer.from(JSON.stringify({ query, variables })),
    }
    const answer = await collect(own, outgoing, secret, {
      maxBytes,
      signal: AbortSignal.timeout(waitMs),
    })
    if (answer.requestId !== null) sent(answer.requestId)
    const body = bodyIn(answer.body.toString('utf8'))
    const data = body['data'] ?? null
    return {
      status: answer.status,
      data: isObject(data) ? data : null,
      faults: faultsIn(body['errors'] ?? null),
    }
  }
}

/** The data of an answer without a fault; throws `wrong_state` with the platform's word. */
export function dataIn({ data, faults, status }: Answered, what: string): JsonObject {
  if (data !== null && faults.length === 0) return data
  throw new FirebreakError(
    'wrong_state',
    `Railway does not ${what} with this token: ${wordsOf(faults[0], status)}`,
    'do it by hand: railway.com/account/tokens',
  )
}

/** One read of what every token that lives may read. Never throws. */
export async function readWith(ask: AskRailway, secret: Secret, query: string): Promise<Asked> {
  try {
    const { data, faults, status } = await ask(secret, query)
    if (data !== null && faults.length === 0) return { kind: 'in' }
    const said = wordsOf(faults[0], status)
    return status === 401 || /^(not authorized|unauthorized|invalid token)/i.test(said)
      ? { kind: 'refused', said: `Railway refuses it (${said})` }
      : { kind: 'unclear', said }
  } catch (thrown) {
    return { kind: 'unclear', said: plain(messageOf(thrown)) }
  }
}

/** What Railway is known to say. INVARIANT (secret-stays): no other words of a platform are passed on: they may hold what it was told. */
const known = [
  'Not Authorized',
  'Unauthorized',
  'Invalid token',
  'Problem processing request',
  'Rate limit exceeded',
]

function wordsOf(fault: string | undefined, status: number): string {
  if (fault === undefined) return `it answered ${status}`
  const said = known.find((words) => fault.toLowerCase().startsWith(words.toLowerCase()))
  return said ?? `it answered ${status}, with an error in other words`
}

function bodyIn(text: string): JsonObject {
  try {
    const body = parseJson(text)
    return isObject(body) ? body : {}
  } catch {
    // A page of somebody on the way, say: its status tells.
    return {}
  }
}

function faultsIn(errors: Json): readonly string[] {
  return (Array.isArray(errors) ? errors : []).map((each: Json) => {
    const message = isObject(each) ? each['message'] : null
    return typeof message === 'string' ? message : 'an error without words'
  })
}
