/** One POST to a channel: no redirect is followed, a deadline ends it, and little of the answer is read. */
import { Agent, request } from 'undici'
import { messageOf } from '../base/error.ts'
import type { Answer } from './channel.ts'
import { hushed } from './hush.ts'

const connectMs = 5000
const answerMs = 10_000
const mostBytes = 4096

export interface Post {
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Buffer
  /** What must not come back in what is said of the answer. */
  readonly secrets: readonly string[]
}

export interface Posted extends Answer {
  /** 0 where nobody answered. */
  readonly status: number
}

export async function post(
  { url, headers, body, secrets }: Post,
  signal: AbortSignal,
): Promise<Posted> {
  const dispatcher = new Agent({
    connect: { timeout: connectMs },
    headersTimeout: answerMs,
    bodyTimeout: answerMs,
  })
  try {
    const answer = await request(url, {
      method: 'POST',
      headers: { 'user-agent': 'firebreak', ...headers },
      body,
      dispatcher,
      signal: AbortSignal.any([signal, AbortSignal.timeout(answerMs)]),
    })
    const said = hushed(await begin(answer.body), secrets)
    const { statusCode: status } = answer
    const told = `it answered ${status}`
    if (status >= 200 && status < 300) return { kind: 'taken', said: told, status }
    if (status >= 300 && status < 400)
      return { kind: 'refused', said: `${told}, a redirect, which is not followed`, status }
    const kind = status === 410 ? 'gone' : 'refused'
    return { kind, said: said === '' ? told : `${told}: ${said}`, status }
  } catch (thrown) {
    // Nobody answered: tried again like a refusal. What is said of it may have the request in it.
    return { kind: 'refused', said: hushed(messageOf(thrown), secrets), status: 0 }
  } finally {
    await dispatcher.destroy()
  }
}

async function begin(body: AsyncIterable<unknown>): Promise<string> {
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of body) {
    if (!(part instanceof Uint8Array)) break
    parts.push(Buffer.from(part))
    bytes += part.length
    if (bytes >= mostBytes) break
  }
  return Buffer.concat(parts).toString('utf8', 0, mostBytes)
}
