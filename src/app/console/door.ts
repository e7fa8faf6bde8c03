/** Whether a request comes from the console's own page: nothing is read, and no session looked up, before that is clear. */
import type { IncomingMessage } from 'node:http'
import type { ConsoleSite } from '../site.ts'

export interface Turned {
  readonly status: number
  readonly why: string
}

type Asking = Pick<IncomingMessage, 'method' | 'headers'>

const stranger: Turned = { status: 403, why: 'only the console itself may ask this' }

/** Why it is turned away; null for what may come in. */
export function turnedAway(asking: Asking, isApi: boolean, site: ConsoleSite): Turned | null {
  const odd = misnamed(asking, site)
  if (odd !== null) return odd
  if (isApi) return notOwn(asking, site)
  return asking.method === 'GET' || asking.method === 'HEAD'
    ? null
    : { status: 405, why: 'only GET is here' }
}

/** A name that an attacker has pointed at this machine reaches its address, and not its name (DNS rebinding). */
export function misnamed({ headers }: Asking, { origin }: ConsoleSite): Turned | null {
  return headers.host === new URL(origin).host
    ? null
    : { status: 421, why: `the console is at ${origin}` }
}

/** What a form, a link, a picture or a script of another page can send is none of these. */
function notOwn({ method, headers }: Asking, { origin }: ConsoleSite): Turned | null {
  if ((headers['sec-fetch-site'] ?? 'same-origin') !== 'same-origin') return stranger
  if ((headers.origin ?? origin) !== origin) return stranger
  if (headers['x-firebreak'] === undefined)
    return { status: 403, why: 'the header `x-firebreak` is missing' }
  if (method === 'GET') return null
  if (method !== 'POST') return { status: 405, why: 'only POST is here' }
  // A browser says it at each POST; whoever does not is none, or hides where it comes from.
  if (headers.origin === undefined) return stranger
  return headers['content-type'] === 'application/json'
    ? null
    : { status: 415, why: 'the content type must be application/json' }
}
