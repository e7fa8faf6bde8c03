/** A hook's question on its way to the daemon of this machine. Loaded only for a call that would be held. */
import { request } from 'node:http'
import type { ClientRequest } from 'node:http'
import { isObject, parseJson } from '../base/json.ts'
import type { Question, Seen, Told } from '../gateways/hook/question.ts'
import { toldIn } from '../gateways/hook/question.ts'

/** A daemon that is there answers at once; its host waits for us meanwhile. */
const mostMs = 2500
const mostBytes = 64 * 1024
/** Texts that are longer together are told by their hashes alone. */
const mostText = 60_000

/** Where a hook's question is answered. */
export const askPath = '/.firebreak/hook/ask'

export interface Daemon {
  /** `http://127.0.0.1:7077`. */
  readonly url: string
  readonly grant: string
}

/** What it says; null where no daemon is there or it says nothing: then the hook's own judgement stands. Never throws. */
export async function askDaemon(daemon: Daemon, question: Question): Promise<Told | null> {
  const url = addressIn(daemon.url)
  if (url === null) return null
  try {
    const body = JSON.stringify({ ...question, files: within(question.files) })
    return toldIn(parseJson(await posted(url, daemon.grant, body)))
  } catch {
    // No daemon is no yes: it stays as the hook has judged it.
    return null
  }
}

/** This machine alone: a grant goes to nobody else's, and no answer of theirs counts. */
function addressIn(text: string): URL | null {
  if (!URL.canParse(text)) return null
  const url = new URL(text)
  const isHere = ['127.0.0.1', '[::1]', 'localhost'].includes(url.hostname)
  return isHere && url.protocol === 'http:' ? new URL(askPath, url) : null
}

function within(files: readonly Seen[]): readonly Seen[] {
  const size = files.reduce((sum, { text }) => sum + (text?.length ?? 0), 0)
  return size <= mostText ? files : files.map((each) => ({ ...each, text: null }))
}

function posted(url: URL, grant: string, body: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked: ClientRequest = request(url, {
      method: 'POST',
      agent: false,
      signal: AbortSignal.timeout(mostMs),
      headers: {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        authorization: `Bearer ${grant}`,
      },
    })
    asked.on('error', reject)
    asked.on('response', (answer) => {
      const parts: Buffer[] = []
      let size = 0
      answer.on('data', (part: Buffer) => {
        size += part.length
        if (size > mostBytes) asked.destroy(new Error('it answers too much'))
        parts.push(part)
      })
      answer.on('error', reject)
      answer.on('end', () => {
        const text = Buffer.concat(parts).toString('utf8')
        if (answer.statusCode === 200) resolve(text)
        else resolve(refusalIn(answer.statusCode ?? 0, text))
      })
    })
    asked.end(body)
  })
}

/** A grant that is refused is told; the call stays held all the same. */
function refusalIn(status: number, text: string): string {
  const body = text.startsWith('{') ? parseJson(text) : null
  const why = isObject(body) && typeof body['detail'] === 'string' ? body['detail'] : `${status}`
  return JSON.stringify({ kind: 'held', text: `Firebreak could not be asked about it: ${why}.` })
}
