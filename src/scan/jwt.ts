/** What a JSON Web Token (RFC 7519) says of itself, unproved: enough to tell whose it is. */
import { isObject, parseJson } from '../base/json.ts'
import type { JsonObject } from '../base/json.ts'

/** The claims in the token's middle part; null where it is no token. */
export function claims(token: string): JsonObject | null {
  const middle = token.split('.')[1] ?? ''
  try {
    const told = parseJson(Buffer.from(middle, 'base64url').toString('utf8'))
    return isObject(told) ? told : null
  } catch {
    // Most of what begins like a token is none: that is no fault.
    return null
  }
}
