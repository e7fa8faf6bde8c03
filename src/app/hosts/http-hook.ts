/** A hook that is asked by HTTP, as Claude Code asks it: variables of the environment go into its headers. */
import { messageOf } from '../../base/error.ts'
import { isHere } from '../config-targets.ts'
import { withEnv } from './env-text.ts'
import type { Came } from './fire.ts'
import type { Fired, Place } from './host.ts'

/** Null where it leads anywhere but to a Firebreak on this machine: the grant in the headers is shown to nobody else. */
export async function askByHttp(
  { url, headers }: Extract<Fired, { readonly kind: 'http' }>,
  payload: string,
  env: Place['env'],
  waitMs: number,
): Promise<Came | null> {
  if (!URL.canParse(url) || !isHere(new URL(url).hostname)) return null
  const given = Object.entries(headers).map(([name, value]) => [name, withEnv(value, env)])
  const began = performance.now()
  const came = (exit: number | null, stdout: string, fault: string | null): Came => ({
    stdout,
    stderr: '',
    exit,
    fault,
    ms: performance.now() - began,
  })
  try {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...Object.fromEntries(given) },
      body: payload,
      redirect: 'error',
      signal: AbortSignal.timeout(waitMs),
    })
    const text = await answer.text()
    return answer.ok ? came(0, text, null) : came(null, text, `it answered ${answer.status}`)
  } catch (thrown) {
    // Whoever asks is told why.
    return came(null, '', messageOf(thrown))
  }
}
