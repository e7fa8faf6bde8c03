/** A hook's question on its way to the daemon of this machine. Loaded only for a call that would be held. */
import { request } from 'node:http'
import type { ClientRequest } from 'node:http'
import { isObject, parseJson } from '../base/json.ts'
import { messageOf } from '../base/error.ts'
import type { Push } from '../gateways/hook/push.ts'
import type { Answered, Question, Seen, Told } from '../gateways/hook/question.ts'
import { answeredIn, isForced } from '../gateways/hook/question.ts'

/** A daemon that is there answers at once; its host waits for us meanwhile. */
const mostMs = 2500
const mostBytes = 64 * 1024
/** Texts that are longer together are told by their hashes alone. */
const mostText = 60_000

/** Where a hook's question is answered. */
export const askPath = '/.firebreak/hook/ask'
/** And where what a push writes over is taken: a bundle, for the hold that the query names. */
export const savePath = '/.firebreak/hook/save'

export interface Daemon {
  /** `http://127.0.0.1:7077`. */
  readonly url: string
  readonly grant: string
  /** How long git may take for one thing. */
  readonly mostMs: number
}

/** What it says; null where no daemon is there or it says nothing: then the hook's own judgement stands. Never throws. */
export async function askDaemon(
  daemon: Daemon,
  question: Question,
  held: readonly string[] = [],
): Promise<Told | null> {
  const url = addressIn(daemon.url, askPath)
  if (url === null) return null
  try {
    const push = held.some(isForced) ? await looked(question, daemon) : null
    if (typeof push === 'string')
      return { kind: 'held', text: `It cannot wait for a person: ${push}.` }
    const whole = { ...question, files: within(question.files), ...(push === null ? {} : { push }) }
    return await saving(daemon, push, async () =>
      answeredIn(parseJson(await posted(url, daemon.grant, JSON.stringify(whole)))),
    )
  } catch {
    // No daemon is no yes: it stays as the hook has judged it.
    return null
  }
}

/** Asked once; and once again where the daemon wants to have saved first what a push writes over. */
async function saving(
  daemon: Daemon,
  push: Push | null,
  ask: () => Promise<Answered | null>,
): Promise<Told | null> {
  const said = await ask()
  if (said?.kind !== 'save') return said
  if (push === null) return null
  const why = await save(daemon, said.hold, push)
  if (why !== null) return { kind: 'held', text: why }
  const then = await ask()
  return then?.kind === 'save' ? null : then
}

async function looked({ calls }: Question, { mostMs }: Daemon): Promise<Push | string | null> {
  const { lookAtPush } = await import('./push-look.ts')
  return await lookAtPush(calls, mostMs)
}

/** INVARIANT (recovery-first): the push is let through only once the daemon has what it writes over. Why it has not, in one line; null where it has. */
async function save(daemon: Daemon, hold: string, push: Push): Promise<string | null> {
  const url = addressIn(daemon.url, `${savePath}?hold=${hold}`)
  if (url === null) return null
  try {
    const { bundleOf } = await import('./push-save.ts')
    const bundle = await bundleOf(push, daemon.mostMs)
    const answer = parseJson(await posted(url, daemon.grant, bundle))
    if (isObject(answer) && answer['kind'] === 'saved') return null
    const why = isObject(answer) ? answer['text'] : null
    return `${notSaved}: ${typeof why === 'string' ? why : 'the daemon has not taken it'}.`
  } catch (thrown) {
    return `${notSaved}: ${messageOf(thrown)}.`
  }
}

const notSaved = 'It is not let through, since what is there could not be saved'

/** This machine alone: a grant goes to nobody else's, and no answer of theirs counts. */
function addressIn(text: string, path: string): URL | null {
  if (!URL.canParse(text)) return null
  const url = new URL(text)
  const isHere = ['127.0.0.1', '[::1]', 'localhost'].includes(url.hostname)
  return isHere && url.protocol === 'http:' ? new URL(path, url) : null
}

function within(files: readonly Seen[]): readonly Seen[] {
  const size = files.reduce((sum, { text }) => sum + (text?.length ?? 0), 0)
  return size <= mostText ? files : files.map((each) => ({ ...each, text: null }))
}

function posted(url: URL, grant: string, body: string | Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked: ClientRequest = request(url, {
      method: 'POST',
      agent: false,
      signal: AbortSignal.timeout(mostMs),
      headers: {
        'content-type': typeof body === 'string' ? 'application/json' : 'application/octet-stream',
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
