/** A client's message out of the body of its request: one, in JSON that every reader reads alike. */
import { isObject, parseJson } from '../../base/json.ts'
import type { JsonObject } from '../../base/json.ts'
import { ambiguity } from '../../classify/json-scan.ts'
import { codes, messageIn } from '../../wire/jsonrpc.ts'
import type { Fault, Message } from '../../wire/jsonrpc.ts'

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** INVARIANT (read as sent): the bytes go on as they came, so what two readers could read differently goes nowhere. */
export function messageOf(body: Uint8Array): Message | { readonly fault: Fault } {
  try {
    const text = decoder.decode(body)
    const value = parseJson(text)
    const odd = ambiguity(text, value)
    if (odd !== null) return fault(codes.invalid, odd)
    const alike = isObject(value) ? (folded(value) ?? inParams(value)) : null
    if (alike !== null) return fault(codes.invalid, alike)
    const message = messageIn(value)
    if (message !== null) return isHonest(value, message) ? message : fault(codes.invalid, mixed)
    return fault(
      codes.invalid,
      Array.isArray(value)
        ? 'a batch is not taken: send one message at a time'
        : 'this is no message of JSON-RPC 2.0',
    )
  } catch {
    // Neither UTF-8 nor JSON: no message.
    return fault(codes.parse, 'this is not JSON')
  }
}

/**
 * Readers that care for no case (Go's, among others) take `Method` for `method`, and `paramſ` for `params`: a key of the
 * protocol that is written otherwise would be another message to them.
 */
function folded(value: JsonObject): string | null {
  const key = Object.keys(value).find((each) => {
    const plain = each.normalize('NFKC').toLowerCase()
    return protocolKeys.has(plain) && protocolKeys.get(plain) !== each
  })
  return key === undefined ? null : `\`${key.slice(0, 40)}\` is not how that key is written`
}

function inParams({ params }: JsonObject): string | null {
  return isObject(params) ? folded(params) : null
}

const protocolKeys: ReadonlyMap<string, string> = new Map(
  'jsonrpc id method params result error name arguments _meta uri task taskId inputResponses requestState'
    .split(' ')
    .map((key) => [key.toLowerCase(), key]),
)

/** A request that bears a result as well is an answer to who reads it so. */
function isHonest(value: unknown, { kind }: Message): boolean {
  return kind === 'response' || !isObject(value) || !('result' in value || 'error' in value)
}

const mixed = 'this is a request and an answer at once'

function fault(code: number, message: string): { readonly fault: Fault } {
  return { fault: { code, message } }
}
