/** The MCP gateway: reads a client's message, lets it pass the guard, sends it on or answers. It decides nothing itself. */
import { isObject } from '../../base/json.ts'
import type { JsonObject } from '../../base/json.ts'
import type { Passed } from '../../guard/passed.ts'
import { codes, errorOf } from '../../wire/jsonrpc.ts'
import type { Fault, Id, Message } from '../../wire/jsonrpc.ts'
import { plainProblem } from '../http/answer.ts'
import type { Answer } from '../http/answer.ts'
import { readBody } from '../http/body.ts'
import type { Mount, Visit } from '../http/house.ts'
import { one } from '../http/prefer.ts'
import { askedOf } from './asked.ts'
import { jsonAnswer } from './answer.ts'
import { headerFault } from './headers.ts'
import { argumentFault, framingFault } from './framing.ts'
import { effectOf, notices, plumbing } from './methods.ts'
import { newRevision } from './line.ts'
import { messageOf as readMessage } from './read.ts'
import { answerOf } from './told.ts'
import type { KnownTool } from './catalog.ts'
import type { McpHouse } from './target.ts'

/** INVARIANT (one order): what asks anything of what is behind the server goes by `guard.pass`; only what keeps the connection does not. */
export function openMcpGateway(house: McpHouse): Mount {
  return { serve: async (visit) => await serve(house, visit) }
}

async function serve(house: McpHouse, visit: Visit): Promise<Answer | null> {
  const { incoming } = visit
  const shut = strangerFault(visit) ?? scopeFault(house, visit)
  if (shut !== null) return shut
  if (incoming.method === 'GET' || incoming.method === 'DELETE')
    return barAnswer(house, visit) ?? (await house.way.other(visit))
  return incoming.method === 'POST'
    ? await posted(house, visit)
    : plain(405, 'method', 'send a message by POST')
}

async function posted(house: McpHouse, visit: Visit): Promise<Answer | null> {
  const { incoming } = visit
  const framed = framingFault(incoming.headers)
  if (framed !== null) return plain(415, 'media', framed)
  const body = await readBody(incoming, house.bodyBytes)
  const message = readMessage(body)
  if ('fault' in message) return jsonAnswer(400, errorOf(null, message.fault))
  const odd = headerFault(incoming.headers, message)
  if (odd !== null) return jsonAnswer(400, errorOf(idOf(message), odd))
  if (message.kind === 'request') return await request(house, visit, { body, message })
  if (message.kind === 'notification' && !notices.has(message.method))
    return jsonAnswer(400, errorOf(null, unknown(message.method)))
  const grave = message.kind === 'response' ? house.target.refuses(message.body) : null
  if (grave !== null)
    return jsonAnswer(
      400,
      errorOf(null, { code: codes.refused, message: `not passed on: ${grave}` }),
    )
  const going = { visit, body, message, passed: null }
  return barAnswer(house, visit) ?? (await house.way.send(going))
}

/** Pages of other origins, and names that lead to this machine and are none of its own. */
export function strangerFault({ incoming }: Visit): Answer | null {
  const origin = one(incoming.headers['origin'])
  if (origin !== null && !isLocal(origin))
    return plain(403, 'origin', 'a page of another origin may not call this')
  const isNamed = isLocal(`http://${incoming.headers.host ?? ''}`)
  return isNamed || !isLoopback(incoming.socket.localAddress)
    ? null
    : plain(403, 'host', 'this is called by an address of this machine')
}

function scopeFault({ target }: McpHouse, { principal }: Visit): Answer | null {
  const { targets } = principal.scope
  if (targets === null || targets.includes(target.name)) return null
  return plain(403, 'scope', `the grant does not reach \`${target.name}\``)
}

/** INVARIANT (halt-halts): whoever is stopped keeps no connection either. */
function barAnswer({ guard }: McpHouse, { principal }: Visit): Answer | null {
  const bar = guard.bars(principal)
  return bar === null ? null : plain(403, bar.rule, bar.message)
}

type Request = Extract<Message, { readonly kind: 'request' }>

async function request(
  house: McpHouse,
  visit: Visit,
  { body, message }: { readonly body: Uint8Array; readonly message: Request },
): Promise<Answer | null> {
  const { method, params, id } = message
  if (plumbing.has(method)) {
    // Whoever is stopped is told so by the guard, as of everything else.
    if (house.guard.bars(visit.principal) === null)
      return await house.way.send({ visit, body, message, passed: null })
  } else if (method !== 'tools/call' && effectOf(method) === null)
    return noMethod(visit, id, method)
  const known = method === 'tools/call' ? await knownTool(house, params) : null
  const unlike = argumentFault(visit.incoming.headers, params, known)
  if (unlike !== null) return jsonAnswer(400, errorOf(id, { code: codes.headers, message: unlike }))
  const { principal } = visit
  const { target } = house
  const asked = askedOf({ principal, target, request: { method, params }, known })
  const passed: Passed = await house.guard.pass(asked)
  if (passed.kind === 'allowed') return await house.way.send({ visit, body, message, passed })
  const declaresOutput = known === null || isObject(known.tool['outputSchema'])
  return jsonAnswer(200, answerOf(passed, { id, isTool: method === 'tools/call', declaresOutput }))
}

async function knownTool({ catalog }: McpHouse, params: JsonObject): Promise<KnownTool | null> {
  const { name } = params
  return typeof name === 'string' ? await catalog.find(name) : null
}

function idOf(message: Message): Id | null {
  return message.kind === 'request' ? message.id : null
}

function unknown(method: string): Fault {
  return {
    code: codes.noMethod,
    message: `\`${method.slice(0, 100)}\` is nothing that is known here`,
  }
}

/** INVARIANT (unread-is-held): what the protocol did not have when this was written goes nowhere; nobody could say what was approved. */
function noMethod({ incoming }: Visit, id: Id, method: string): Answer {
  const isNew = one(incoming.headers['mcp-protocol-version']) === newRevision
  return jsonAnswer(isNew ? 404 : 200, errorOf(id, unknown(method)))
}

/** Pages of other origins could reach a server of this machine by a name that they point at it (DNS rebinding). */
function isLocal(origin: string): boolean {
  if (!URL.canParse(origin)) return false
  return ['localhost', '127.0.0.1', '[::1]'].includes(new URL(origin).hostname)
}

function isLoopback(address: string | undefined): boolean {
  return address === '127.0.0.1' || address === '::1' || address === '::ffff:127.0.0.1'
}

function plain(status: number, kind: string, detail: string): Answer {
  return plainProblem({ status, kind, detail }, { graphql: false, accept: null })
}
