/** A whole Firebreak with its console, and people who come in by it over the wire with authenticators in software. */
import { request } from 'node:http'
import type { IncomingHttpHeaders } from 'node:http'
import { isObject, parseJson, textOf, toJson } from '../../src/base/json.ts'
import type { Json, JsonObject } from '../../src/base/json.ts'
import { openAuthenticator } from '../authenticator.ts'
import type { Authenticator, Bent } from '../authenticator.ts'
import { freePort } from '../free-port.ts'
import { openRig } from '../rig.ts'
import type { Rig } from '../rig.ts'

export interface Site extends Rig {
  readonly origin: string
  /** Sends anything, with any header. */
  readonly send: (path: string, sent?: Sent) => Promise<Answer>
  /** A page of its own, nobody signed in. */
  readonly open: () => OpenPage
  /** Invites, enrols and confirms a passkey for somebody; gives their authenticator. */
  readonly enrol: (name: string, role?: string) => Promise<Authenticator>
  /** The same, signed in. */
  readonly seat: (name: string, role?: string) => Promise<Seat>
}

export interface Sent {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string | null>>
  readonly body?: string
}

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  readonly body: JsonObject
  readonly json: Json
}

export interface OpenPage {
  cookie: string
  secret: string
  /** One call as the page makes it; `more` bends it. */
  readonly call: (name: string, input?: JsonObject, more?: Sent) => Promise<Answer>
  /** The same with a statement signed first, by this authenticator. */
  readonly sign: (
    by: { readonly name: string; readonly key: Authenticator; readonly bent?: Bent },
    name: string,
    input: JsonObject,
  ) => Promise<Answer>
  readonly signIn: (name: string, key: Authenticator) => Promise<Answer>
}

export interface Seat {
  readonly name: string
  readonly key: Authenticator
  readonly page: OpenPage
}

interface Place {
  readonly port?: number
  /** YAML of further keys of `console`, each behind a comma. */
  readonly console?: string
  /** YAML of further targets, indented by two. */
  readonly targets?: string
}

/** `more` is YAML for the config. */
export async function openSite(more = '', place: Place = {}): Promise<Site> {
  const port = place.port ?? (await freePort())
  const origin = `http://localhost:${port}`
  const own = `listen: "127.0.0.1:${port}", origin: "${origin}"${place.console ?? ''}`
  const rig = await openRig(`console: { ${own} }\n${more}`, { targets: place.targets ?? '' })
  const send = async (path: string, sent: Sent = {}): Promise<Answer> =>
    await sentTo(port, path, sent)
  const open = (): OpenPage => openPage(origin, send)
  const enrol: Site['enrol'] = async (name, role = 'approver') => {
    const invited = await rig.people.callAs('approver-invite', { name, role })
    const { url, terminal } = isObject(invited) ? invited : {}
    const token = textOf(url ?? null).split('#invited=')[1] ?? ''
    const page = open()
    const opened = await page.call('passkey-open', { token })
    const key = openAuthenticator()
    const given = key.create(textOf(opened.body['challenge'] ?? null), { origin })
    const arrived = await page.call('passkey-arrive', { token, given: toJson(given) })
    await rig.people.call('passkey-confirm', {
      terminal: terminal ?? '',
      number: arrived.body['number'] ?? '',
    })
    return key
  }
  return {
    ...rig,
    origin,
    send,
    open,
    enrol,
    seat: async (name, role = 'approver') => {
      const key = await enrol(name, role)
      const page = open()
      const { status, text } = await page.signIn(name, key)
      if (status !== 200) throw new Error(text)
      return { name, key, page }
    },
  }
}

function openPage(origin: string, send: Site['send']): OpenPage {
  const one: OpenPage = {
    cookie: '',
    secret: '1',
    call: async (name, input = {}, more = {}) => {
      const answer = await send(`/api/${name}`, {
        method: 'POST',
        body: JSON.stringify(input),
        ...more,
        headers: {
          origin,
          'content-type': 'application/json',
          'x-firebreak': one.secret,
          ...(one.cookie === '' ? {} : { cookie: one.cookie }),
          ...more.headers,
        },
      })
      const [set] = answer.headers['set-cookie'] ?? []
      if (set !== undefined) one.cookie = set.split(';')[0] ?? ''
      return answer
    },
    sign: async ({ name: approver, key, bent = {} }, name, input) => {
      const asked = await one.call('statement', { command: name, input })
      if (asked.status !== 200) return asked
      const challenge = textOf(asked.body['challenge'] ?? null)
      const assertion = toJson(key.get(challenge, { origin, ...bent }))
      return await one.call(name, { ...input, approver, assertion })
    },
    signIn: async (approver, key) => {
      const asked = await one.call('sign-in-statement', { approver })
      if (asked.status !== 200) return asked
      const challenge = textOf(asked.body['challenge'] ?? null)
      const assertion = toJson(key.get(challenge, { origin }))
      const answer = await one.call('sign-in', { approver, assertion })
      one.secret = textOf(answer.body['page'] ?? '1')
      return answer
    },
  }
  return one
}

function sentTo(
  port: number,
  path: string,
  { method = 'GET', headers = {}, body = '' }: Sent,
): Promise<Answer> {
  const all: Record<string, string | null> = { host: `localhost:${port}`, ...headers }
  const kept = Object.entries(all).filter((pair): pair is [string, string] => pair[1] !== null)
  return new Promise((resolve, reject) => {
    const asking = request(
      { host: '127.0.0.1', port, path, method, headers: Object.fromEntries(kept), agent: false },
      (incoming) => {
        const parts: Buffer[] = []
        incoming.on('data', (part: Buffer) => parts.push(part))
        incoming.on('error', reject)
        incoming.on('end', () => {
          const text = Buffer.concat(parts).toString('utf8')
          const json = jsonIn(text)
          const { statusCode: status = 0, headers: told } = incoming
          resolve({ status, headers: told, text, json, body: isObject(json) ? json : {} })
        })
      },
    )
    asking.on('error', reject)
    asking.end(body)
  })
}

function jsonIn(text: string): Json {
  try {
    return parseJson(text)
  } catch {
    // A page or a line of text.
    return null
  }
}
