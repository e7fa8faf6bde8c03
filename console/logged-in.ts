/** Leaves to log in for the credential of a target, and takes whoever comes back from there: once, and only who left from this page. */
import { signal } from '@preact/signals'
import * as v from 'valibot'
import { leaving } from './answers-house.ts'
import { call, Refusal } from './call.ts'

export interface CameBack {
  readonly target: string
  readonly issuer: string
  readonly state: string
  /** What stood behind the `?`: in it a code, which goes to the daemon and nowhere else. */
  readonly search: string
}

/** Who has come back and has not signed yet; null for nobody. */
export const cameBack = signal<CameBack | null>(null)
/** True where somebody came whom this page has not sent. */
export const cameUnasked = signal(false)

const path = '/logged-in'
const key = 'firebreak.logging-in'
const left = v.object({ target: v.string(), issuer: v.string(), state: v.string() })

export async function logIn(target: string): Promise<void> {
  const redirect = `${location.origin}${path}`
  const { url, state, issuer } = await call('custody-login-begin', { target, redirect }, leaving)
  if (!/^https?:$/.test(new URL(url).protocol))
    throw new Refusal('odd_answer', 'that leads to no page', 'log in at a terminal')
  sessionStorage.setItem(key, JSON.stringify({ target, issuer, state }))
  location.assign(url)
}

/** The address forgets it at once; anybody else's link logs nobody in. */
export function recallLogin(): void {
  const { pathname, search } = location
  if (pathname !== path) return
  const began = v.safeParse(left, readLeft())
  sessionStorage.removeItem(key)
  history.replaceState(null, '', '/#/custody')
  const state = new URLSearchParams(search).get('state')
  const isOurs = began.success && began.output.state === state
  if (isOurs) cameBack.value = { ...began.output, search }
  else cameUnasked.value = true
}

function readLeft(): unknown {
  try {
    return JSON.parse(sessionStorage.getItem(key) ?? 'null')
  } catch {
    // Written by nobody here.
    return null
  }
}
