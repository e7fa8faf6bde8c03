/** What a browser says of a signature that it had made (WebAuthn Level 3, §5.8.1). */
import { isObject, parseJson } from '../base/json.ts'
import type { Json } from '../base/json.ts'

export interface Made {
  readonly type: 'webauthn.create' | 'webauthn.get'
  readonly challenge: string
  readonly origin: string
}

/** Why client data, in base64url, is not of what was asked for, one line; null where it is. */
export function clientFlaw(text: string, wanted: Made): string | null {
  const said = clientData(text)
  if (said?.['type'] !== wanted.type) return 'a browser made it for another purpose'
  if (said['challenge'] !== wanted.challenge) return 'it was made for something else'
  if (said['origin'] !== wanted.origin) return 'it was made on another page'
  // A page inside another's frame shows what the other wants to be seen.
  return said['crossOrigin'] === true ? "it was made inside another page's frame" : null
}

/** The members of client data, given in base64url; null where no browser wrote that. */
export function clientData(text: string): { readonly [name: string]: Json } | null {
  try {
    const value = parseJson(Buffer.from(text, 'base64url').toString('utf8'))
    return isObject(value) ? value : null
  } catch {
    // What is no JSON was written by no browser.
    return null
  }
}
