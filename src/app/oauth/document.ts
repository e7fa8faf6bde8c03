/** Clients whose id is the URL of a document about them (OAuth Client ID Metadata Document): who they are stands at their own address. */
import { FirebreakError } from '../../base/error.ts'
import type { JsonObject } from '../../base/json.ts'
import { plain } from '../../base/plain.ts'
import { faultOf } from './fault.ts'
import { documentAt, openOutward } from './outward.ts'
import { longestName } from './registration.ts'
import type { Client } from './registration.ts'

/** The document at a URL; null where none is there. */
export type ReadDocument = (url: string) => Promise<JsonObject | null>

/** Whether an id is such a URL: https, with a path, by name, and written in one way only. */
export function isDocument(id: string): boolean {
  if (!id.startsWith('https://') || id.length > 500 || !URL.canParse(id)) return false
  const { href, hostname, pathname, username, password, port } = new URL(id)
  const isNamed = /^(?!localhost$)[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z][a-z0-9-]*$/.test(hostname)
  const isBare = username === '' && password === '' && port === '' && !id.includes('#')
  return href === id && pathname !== '/' && isNamed && isBare
}

/** INVARIANT (nobody's errand): only for who is signed in is a document asked for, once, from a public address, and no redirect is followed. */
export const readDocument: ReadDocument = async (url) => {
  const outward = openOutward({ isNear: false, ca: null, isPublicOnly: true })
  try {
    return await documentAt(outward, url)
  } catch (thrown) {
    throw new FirebreakError(
      'not_reachable',
      `what the client says of itself cannot be read: ${faultOf(thrown)}`,
    )
  } finally {
    await outward.close()
  }
}

/** The client that its document tells of; throws `bad_input` where that is of another, or asks for more than a public client is. */
export async function documented(id: string, read: ReadDocument): Promise<Client> {
  const found = await read(id)
  if (found === null) throw wrong(id, 'there is none')
  const { client_id: said, client_name: name, redirect_uris: redirects, ...rest } = found
  if (said !== id) throw wrong(id, 'it is of another client')
  const how = rest['token_endpoint_auth_method'] ?? 'none'
  if (how !== 'none' || 'client_secret' in rest) throw wrong(id, 'it is of no public client')
  if (typeof name !== 'string') throw wrong(id, 'it names nobody')
  if (!Array.isArray(redirects)) throw wrong(id, 'it names no address to come back to')
  return {
    name: plain(name, longestName),
    redirects: redirects.filter((one) => typeof one === 'string').slice(0, 20),
  }
}

function wrong(id: string, why: string): FirebreakError {
  return new FirebreakError('bad_input', `the document of the client \`${plain(id)}\`: ${why}`)
}
