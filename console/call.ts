/** Asks the daemon: one POST a command, JSON there and back; what it refuses is told in its own words. */
import * as v from 'valibot'
import { failure } from './answers.ts'
import type { JsonObject } from './json.ts'

/** What stands against it, and what to do next. */
export class Refusal extends Error {
  readonly code: string
  readonly hint: string | null
  constructor(code: string, message: string, hint: string | null = null) {
    super(message)
    this.code = code
    this.hint = hint
  }
}

/** The answer in its shape; throws a `Refusal`. */
export async function call<S extends v.GenericSchema>(
  command: string,
  input: JsonObject,
  shape: S,
): Promise<v.InferOutput<S>> {
  const answer = await sent(command, input)
  const given: unknown = await answer.json().catch(() => null)
  if (!answer.ok) throw refusalIn(given, answer.status)
  const read = v.safeParse(shape, given)
  if (read.success) return read.output
  const where = (read.issues[0].path ?? []).map((item) => String(item.key)).join('.')
  throw new Refusal(
    'odd_answer',
    `the daemon's answer to \`${command}\` cannot be read at \`${where}\``,
    'load the page again: it may be older than the daemon',
  )
}

const pageKey = 'firebreak.page'

/** The half of the session that no other port of this host is sent; the cookie is the other. */
export function pageSecret(): string {
  return localStorage.getItem(pageKey) ?? '1'
}

/** Kept for all pages of this origin; null forgets it. */
export function keepPageSecret(secret: string | null): void {
  if (secret === null) localStorage.removeItem(pageKey)
  else localStorage.setItem(pageKey, secret)
}

/** Any error, as something that can be told. */
export function refusalOf(thrown: unknown): Refusal {
  if (thrown instanceof Refusal) return thrown
  return new Refusal('fault', thrown instanceof Error ? thrown.message : String(thrown))
}

async function sent(command: string, input: JsonObject): Promise<Response> {
  try {
    return await fetch(`/api/${command}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-firebreak': pageSecret() },
      body: JSON.stringify(input),
      credentials: 'same-origin',
      redirect: 'error',
    })
  } catch {
    throw new Refusal(
      'not_reachable',
      'the daemon does not answer',
      'on its machine, `firebreak doctor` says why; `firebreak halt` works without it',
    )
  }
}

function refusalIn(given: unknown, status: number): Refusal {
  const read = v.safeParse(failure, given)
  if (!read.success) return new Refusal('fault', `the daemon answers ${status}, and not why`)
  const { code, message, hint } = read.output.error
  return new Refusal(status === 401 ? 'signed_out' : code, message, hint)
}
