/** What a client asks for at `/authorize`, read once and sealed: it goes to the page and comes back, and nothing of it is kept. */
import { digest, isObject, parseJson, toJson, canonical, textOf } from '../../base/json.ts'
import type { JsonObject } from '../../base/json.ts'
import { FirebreakError } from '../../base/error.ts'
import type { Firebreak } from '../compose.ts'
import type { Ask } from './ask.ts'
import { documented, isDocument } from './document.ts'
import type { ReadDocument } from './document.ts'
import { clientOf, isOf } from './registration.ts'
import { resourceNamed } from './resources.ts'

const context = 'oauth-ask'
/** A person reads, signs in, and thinks. */
const openMs = 15 * 60_000
const longestState = 1000

type Known = Pick<Firebreak, 'config' | 'seal' | 'clock'>

/** The ask of a request, sealed; throws `bad_input` with what is wrong. `port`: where agents reach us. */
export function askedFor(
  { config, seal, clock }: Known,
  query: URLSearchParams,
  port: number,
): string {
  const one = onceEach(query)
  const id = one('client_id')
  const redirect = one('redirect_uri')
  const document = isDocument(id) ? id : null
  // Whose id is a document is looked up once somebody who is signed in looks at it.
  const client = document === null ? clientOf(seal, id) : { name: '', redirects: [redirect] }
  if (!isOf(client, redirect)) throw strange()
  if (one('response_type') !== 'code') throw wrong('`response_type` must be `code`')
  const challenge = one('code_challenge')
  // INVARIANT (no downgrade): nothing said means `plain` (RFC 7636 §4.3), by which whoever reads the address has the code.
  if (one('code_challenge_method') !== 'S256' || !/^[A-Za-z0-9_-]{43}$/.test(challenge))
    throw wrong('PKCE is needed, with `code_challenge_method=S256`')
  const resource = one('resource')
  const target = resourceNamed(config, resource, port)
  if (target === null) throw wrong('`resource` is no MCP server behind this Firebreak')
  const state = query.has('state') ? one('state') : null
  if ((state?.length ?? 0) > longestState) throw wrong('`state` is too long')
  const ask: Ask = {
    name: client.name,
    client: digest(id),
    document,
    isChecked: document === null,
    redirect,
    resource,
    target,
    challenge,
    state,
    until: clock.now() + openMs,
  }
  return sealedAsk(seal, ask)
}

function sealedAsk(seal: Known['seal'], ask: Ask): string {
  return seal.seal(canonical(toJson(ask)), context)
}

/** The same ask of a client whose document has been read, and names the address; throws `bad_input` where it does not. */
export async function checkedAsk(
  known: Pick<Known, 'seal' | 'clock'>,
  sealed: string,
  read: ReadDocument,
): Promise<{ readonly ask: Ask; readonly sealed: string }> {
  const ask = askIn(known, sealed)
  if (ask.isChecked || ask.document === null) return { ask, sealed }
  const client = await documented(ask.document, read)
  if (!isOf(client, ask.redirect)) throw strange()
  const checked = { ...ask, name: client.name, isChecked: true }
  return { ask: checked, sealed: sealedAsk(known.seal, checked) }
}

/** INVARIANT (no open redirect): an ask whose address is known to be its client's. */
export function readyAsk(known: Pick<Known, 'seal' | 'clock'>, sealed: string): Ask {
  const ask = askIn(known, sealed)
  if (ask.isChecked) return ask
  throw wrong('nobody has looked yet whose that address is')
}

/** What was sealed; throws `bad_input` for anything else, and `wrong_state` when it is over. */
function askIn({ seal, clock }: Pick<Known, 'seal' | 'clock'>, sealed: string): Ask {
  const found = opened(seal, sealed)
  const { state = null, until } = found
  const text = (name: string): string => textOf(found[name])
  if (typeof until !== 'number') throw wrong('that is nothing that a client has asked for here')
  if (until < clock.now())
    throw new FirebreakError(
      'wrong_state',
      'that was asked too long ago',
      'let the client ask anew',
    )
  return {
    name: text('name'),
    client: text('client'),
    document: typeof found['document'] === 'string' ? found['document'] : null,
    isChecked: found['isChecked'] === true,
    redirect: text('redirect'),
    resource: text('resource'),
    target: text('target'),
    challenge: text('challenge'),
    state: typeof state === 'string' ? state : null,
    until,
  }
}

/** Where the browser goes with an answer: to the client, and by whom it was given (RFC 9207). */
export function answerTo(ask: Ask, issuer: string, said: Readonly<Record<string, string>>): string {
  const url = new URL(ask.redirect)
  const state = ask.state === null ? {} : { state: ask.state }
  for (const [name, value] of Object.entries({ ...said, ...state, iss: issuer }))
    url.searchParams.set(name, value)
  return url.href
}

function opened(seal: Known['seal'], sealed: string): JsonObject {
  try {
    const found = parseJson(seal.open(sealed, context))
    return isObject(found) ? found : {}
  } catch {
    // Whatever is wrong with it: nobody asked it here.
    return {}
  }
}

/** Each parameter stands there once, so that nobody reads another than we do (RFC 6749 §3.1). */
export function onceEach(query: URLSearchParams): (name: string) => string {
  return (name) => {
    const all = query.getAll(name)
    if (all.length > 1) throw wrong(`\`${name}\` stands there twice`)
    return all[0] ?? ''
  }
}

function strange(): FirebreakError {
  return wrong('`redirect_uri` is none that this client registered')
}

function wrong(why: string): FirebreakError {
  return new FirebreakError('bad_input', why)
}
