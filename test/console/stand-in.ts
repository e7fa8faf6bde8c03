/** Stands in for the daemon's console API: canned holds, but real statements, registrations and signatures. */
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import { flawIn } from '../../src/approvals/assertion.ts'
import type { Assertion, Passkey } from '../../src/approvals/assertion.ts'
import { numberOf } from '../../src/approvals/invite.ts'
import { keyOf } from '../../src/approvals/registration.ts'
import type { Registration } from '../../src/approvals/registration.ts'
import { shownDigest } from '../../src/approvals/show.ts'
import { challengeOf } from '../../src/approvals/statement.ts'
import type { Statement } from '../../src/approvals/statement.ts'
import { digest } from '../../src/base/json.ts'
import type { Json, JsonObject } from '../../src/base/json.ts'
import { exampleHold } from './example.ts'

export interface StandIn {
  readonly url: string
  /** Every command that came, in order. */
  readonly came: readonly (readonly [string, JsonObject])[]
  /** What the next statement is bent to. */
  bend: ((statement: Statement) => Statement) | null
  readonly send: (event: string, given: JsonObject) => void
  readonly hold: (change: JsonObject) => void
  readonly close: () => Promise<void>
}

const csp =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
const types = { html: 'text/html', js: 'text/javascript', css: 'text/css' } as const

class Refused extends Error {
  readonly status: number
  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

export async function openStandIn(folder: string): Promise<StandIn> {
  const came: (readonly [string, JsonObject])[] = []
  const streams = new Set<ServerResponse>()
  const statements = new Map<string, Statement>()
  let key: Passkey | null = null
  let isIn = false
  let hold: JsonObject = exampleHold()
  let halted: readonly JsonObject[] = []
  let seq = 0
  const site = (): { rpId: string; origin: string } => ({ rpId: 'localhost', origin: one.url })
  const me = { name: 'ada', role: 'admin', until: Date.now() + 3_600_000 }
  const state = (): JsonObject => ({ holds: 1, halted: [...halted], alarms: 0 })

  const put = (wish: Pick<Statement, 'approver' | 'digest' | 'what' | 'shown'>): Json => {
    const nonce = randomBytes(16).toString('base64url')
    const true_: Statement = { v: 1, ...wish, nonce, until: Date.now() + 60_000 }
    const statement = one.bend?.(true_) ?? true_
    const challenge = challengeOf(statement)
    statements.set(challenge, statement)
    return { challenge, statement: { ...statement }, allow: key === null ? [] : [key.id] }
  }
  const words = (approver: string, what: Json): Json =>
    put({ approver, what, digest: digest(what), shown: null })
  const mustSign = (input: JsonObject, of: string): void => {
    const assertion: Assertion = JSON.parse(JSON.stringify(input['assertion']))
    const { challenge } = JSON.parse(
      Buffer.from(assertion.clientDataJSON, 'base64url').toString('utf8'),
    )
    const statement = statements.get(String(challenge))
    if (statement === undefined || key === null || statement.digest !== of)
      throw new Refused(403, 'that was put before nobody')
    const flaw = flawIn(assertion, statement, key)
    if (flaw !== null) throw new Refused(403, flaw)
  }
  const brief = (): JsonObject => {
    const { text: _t, shown: _s, confirm: _c, short: _h, lost: _l, detail: _d, ...rest } = hold
    return rest
  }
  const commands: Readonly<Record<string, (input: JsonObject) => Json>> = {
    me: () => {
      if (!isIn) throw new Refused(401, 'nobody is signed in')
      return me
    },
    'sign-in-statement': ({ approver }) => words(String(approver), ['sign-in', one.url]),
    'sign-in': (input) => {
      mustSign(input, digest(['sign-in', one.url]))
      isIn = true
      return me
    },
    'sign-out': () => {
      isIn = false
      return {}
    },
    statement: ({ command, approver, input }) => {
      if (command === 'hold-approve') {
        const [of, shown] = [String(hold['digest']), String(hold['shown'])]
        return put({ approver: String(approver), what: null, digest: of, shown })
      }
      const who = JSON.parse(JSON.stringify(input)).who
      return words(String(approver), ['resume', who])
    },
    'passkey-open': () => ({
      name: 'ada',
      role: 'admin',
      rpId: 'localhost',
      challenge: 'Y2hhbGxlbmdl',
    }),
    'passkey-arrive': ({ given }) => {
      const came: Registration = JSON.parse(JSON.stringify(given))
      const made = keyOf(came, { ...site(), challenge: 'Y2hhbGxlbmdl' })
      if (typeof made === 'string') throw new Refused(403, made)
      key = made
      return { number: numberOf(made) }
    },
    'hold-list': ({ all }) =>
      all === true || ['open', 'scheduled'].includes(String(hold['state'])) ? [brief()] : [],
    'hold-show': () => hold,
    'hold-deny': () => {
      one.hold({ state: 'denied', closing: 'denied by ada' })
      return brief()
    },
    'closed-list': () => [
      {
        id: 'c1',
        principal: 'agent:cursor',
        target: 'railway',
        kind: 'data',
        family: 'volume',
        hold: 'hold_a1',
        until: Date.now() + 86_400_000,
      },
    ],
    'hold-approve': (input) => {
      mustSign(input, String(hold['digest']))
      one.hold({ state: 'scheduled', executesAt: Date.now() + 48 * 3_600_000 })
      return brief()
    },
    'hold-undo': () => {
      one.hold({ state: 'undone', closing: 'undone by ada' })
      return { done: ['it will not run'] }
    },
    'alarm-list': () => [],
    halt: ({ who = '', reason = '' }) => {
      halted = [{ id: who, at: Date.now(), by: 'ada', reason }]
      one.send('state', state())
      return { who, stored: true }
    },
    resume: (input) => {
      mustSign(input, digest(['resume', input['who'] ?? null]))
      halted = []
      one.send('state', state())
      return {}
    },
  }

  const api = async (name: string, request: IncomingMessage): Promise<Json> => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(Buffer.from(chunk))
    if (request.headers['x-firebreak'] !== '1') throw new Refused(403, 'not from the page')
    const input: JsonObject = JSON.parse(Buffer.concat(chunks).toString('utf8'))
    came.push([name, input])
    const run = commands[name]
    if (run === undefined) throw new Refused(404, `no command ${name}`)
    return run(input)
  }
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://x').pathname
    if (path === '/api/live') {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      streams.add(response)
      response.write(`event: state\ndata: ${JSON.stringify(state())}\n\n`)
      return
    }
    if (path.startsWith('/api/')) {
      const told = (status: number, given: Json): void => {
        response.writeHead(status, { 'content-type': 'application/json' })
        response.end(JSON.stringify(given))
      }
      api(path.slice(5), request).then(
        (given) => told(200, given),
        (thrown: unknown) => {
          const status = thrown instanceof Refused ? thrown.status : 500
          const error = { code: 'factor_refused', message: String(thrown), hint: null }
          told(status, { error })
        },
      )
      return
    }
    const file = path === '/' ? 'index.html' : path.slice(1)
    const end = file.endsWith('.js') ? 'js' : file.endsWith('.css') ? 'css' : 'html'
    try {
      const bytes = readFileSync(join(folder, file))
      response.writeHead(200, { 'content-type': types[end], 'content-security-policy': csp })
      response.end(bytes)
    } catch {
      response.writeHead(404).end()
    }
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const at = server.address()
  const port = at !== null && typeof at === 'object' ? at.port : 0
  const one: StandIn = {
    url: `http://localhost:${port}`,
    came,
    bend: null,
    send: (event, given) => {
      seq += 1
      for (const stream of streams)
        stream.write(`id: ${seq}\nevent: ${event}\ndata: ${JSON.stringify(given)}\n\n`)
    },
    hold: (change) => {
      hold = { ...hold, ...change }
      if (typeof change['text'] === 'string') hold = { ...hold, shown: shownDigest(change['text']) }
      one.send('entry', {
        seq,
        kind: 'held',
        at: Date.now(),
        subject: 'hold_a1',
        principal: 'agent:cursor',
        body: { operation: 'volumeDelete', target: 'railway' },
      })
    },
    close: async () => {
      for (const stream of streams) stream.end()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return one
}
