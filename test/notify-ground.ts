/** What tests of the notices share: receivers on this machine that write down what comes, and a Firebreak that tells them. */
import { createServer } from 'node:http'
import type { IncomingHttpHeaders } from 'node:http'
import type { Server } from 'node:net'
import { expect } from 'vitest'
import { kestrel } from '../sim/tenant.ts'
import { isObject, textOf } from '../src/base/json.ts'
import type { OutboxRow } from '../src/guard/rows.ts'
import { everything } from './rig.ts'
import type { Rig } from './rig.ts'

export interface Heard {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export interface Receiver {
  readonly url: string
  readonly heard: Heard[]
  /** What it answers; 0: nothing, and the connection stays. */
  readonly answer: { status: number; body: string }
  readonly close: () => Promise<void>
}

/** What a test has opened, to be closed behind it: the last first. */
export class Opened {
  readonly #all: (() => Promise<unknown>)[] = []
  add(close: () => Promise<unknown>): void {
    this.#all.push(close)
  }
  async close(): Promise<void> {
    for (const close of this.#all.splice(0).toReversed()) await close()
  }
}

export async function listening(
  server: Pick<Server, 'listen' | 'close' | 'address'>,
): Promise<number> {
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** A receiver that answers as it is told; a redirect leads to itself, at another path. */
export async function receiver(opened: Opened): Promise<Receiver> {
  const heard: Heard[] = []
  const answer = { status: 200, body: 'as you wish' }
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const body = Buffer.concat(parts).toString()
      heard.push({ path: request.url ?? '', headers: request.headers, body })
      if (answer.status === 0) return
      response.writeHead(answer.status, { connection: 'close', location: '/elsewhere' })
      response.end(answer.body)
    })
  })
  const url = `http://127.0.0.1:${await listening(server)}`
  const close = async (): Promise<void> => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  opened.add(close)
  return { url, heard, answer, close }
}

export const key = Buffer.alloc(32, 7)
export const secret = `whsec_${key.toString('base64')}`

export const hook = (url: string, more = ''): string =>
  `notify:\n  channels:\n    ops: { kind: webhook, url: "${url}/hook" }\n${more}`

/** Puts channels' credentials into custody. */
export async function keep(
  { people }: Pick<Rig, 'people'>,
  credentials: Readonly<Record<string, string>>,
): Promise<void> {
  for (const [target, value] of Object.entries(credentials))
    await people.callAs('custody-add', { target, secret: value })
}

/** Opens a hold on the production volume. */
export async function holdOf(rig: Rig): Promise<string> {
  const grant = await rig.people.mint('agent:a', everything)
  const query = `mutation { volumeDelete(volumeId: "${kestrel.volumeId}") }`
  return textOf((await rig.ask(grant, query)).body['holdId'])
}

/** Time passes until it has come: the gathering goes by the daemon's clock. */
export async function came(rig: Rig, holds: () => boolean, step = 3000): Promise<void> {
  await expect.poll(() => (rig.pass(step), holds()), { interval: 200 }).toBe(true)
}

export async function outbox(
  { running }: Pick<Rig, 'running'>,
  where: Partial<OutboxRow> = {},
): Promise<readonly OutboxRow[]> {
  return await running.firebreak.state.transact(async (tx) => await tx.find('outbox', where))
}

/** The titles of the alarms that nobody has seen. */
export async function alarms({ people }: Pick<Rig, 'people'>): Promise<string> {
  const rows = await people.call('alarm-list', { all: false })
  return (Array.isArray(rows) ? rows : [])
    .filter(isObject)
    .map((row) => `${textOf(row['rule'])}: ${textOf(row['message'])}`)
    .join('\n')
}
