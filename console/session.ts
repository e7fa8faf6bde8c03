/** Who sits at this page. */
import { signal } from '@preact/signals'
import { anything, away, door, session, signedIn, statement } from './answers.ts'
import type { Session } from './answers.ts'
import { call, keepPageSecret, Refusal, refusalOf } from './call.ts'
import { signatureOf } from './sign.ts'

export type Sitting =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'out'; readonly trouble: Refusal | null }
  | { readonly kind: 'in'; readonly who: Session }

export const sitting = signal<Sitting>({ kind: 'unknown' })

/** Whether who sits here does more than look. */
export function mayAct(): boolean {
  return sitting.value.kind === 'in' && sitting.value.who.role !== 'viewer'
}

/** Whether who sits here signs what is about holds and halts: an approver, or who stands in for one. */
export function maySign(): boolean {
  return mayAct() || (sitting.value.kind === 'in' && sitting.value.who.for !== null)
}

/** Whether who sits here decides who else does. */
export function isAdmin(): boolean {
  return sitting.value.kind === 'in' && sitting.value.who.role === 'admin'
}

/** Asks the daemon, by the cookie that no script can read. */
export async function recall(): Promise<void> {
  try {
    await comeBack()
    sitting.value = { kind: 'in', who: await call('me', {}, session) }
  } catch (thrown) {
    const refusal = refusalOf(thrown)
    sitting.value = { kind: 'out', trouble: refusal.code === 'signed_out' ? null : refusal }
  }
}

export async function signIn(approver: string): Promise<void> {
  const asked = await call('sign-in-statement', { approver }, statement)
  const { what } = asked.statement
  // A signature that would do anything but open this page is not asked for here.
  if (!Array.isArray(what) || what[0] !== 'sign-in')
    throw new Refusal('odd_statement', 'this would sign more than coming in', 'sign nothing')
  const assertion = await signatureOf(asked, approver, { what })
  const { page, ...who } = await call('sign-in', { approver, assertion }, signedIn)
  keepPageSecret(page)
  sitting.value = { kind: 'in', who }
  remember(approver)
}

/** The name of the company's own way in; null where there is none. */
export async function companyDoor(): Promise<string | null> {
  return (await call('door', {}, door)).company
}

const awayKey = 'firebreak.away'

/** Leaves for the company's provider; what comes back must be what this page has begun. */
export async function leave(): Promise<void> {
  const { url, state } = await call('oidc-begin', {}, away)
  if (!/^https?:$/.test(new URL(url).protocol))
    throw new Refusal('odd_answer', 'that leads to no page', 'use your passkey')
  sessionStorage.setItem(awayKey, state)
  location.assign(url)
}

/** Whoever comes back from there is taken in, and the address forgets it; anybody else's link signs nobody in. */
export async function comeBack(): Promise<void> {
  const { pathname, search } = location
  if (pathname !== '/signed-in') return
  const began = sessionStorage.getItem(awayKey)
  sessionStorage.removeItem(awayKey)
  history.replaceState(null, '', '/')
  const state = new URLSearchParams(search).get('state')
  if (began === null || state !== began)
    throw new Refusal('odd_answer', 'nobody has left from this page for that', 'sign in here')
  const { page } = await call('oidc-finish', { state, search }, signedIn)
  keepPageSecret(page)
}

export async function signOut(): Promise<void> {
  try {
    await call('sign-out', {}, anything)
  } finally {
    keepPageSecret(null)
    sitting.value = { kind: 'out', trouble: null }
  }
}

/** Anything that the daemon refuses because nobody sits here leads to the door. */
export function heard(thrown: unknown): Refusal {
  const refusal = refusalOf(thrown)
  if (refusal.code === 'signed_out') sitting.value = { kind: 'out', trouble: refusal }
  return refusal
}

const key = 'firebreak.name'

/** The name that was last used on this device; no secret. */
export function lastName(): string {
  return localStorage.getItem(key) ?? ''
}

function remember(name: string): void {
  localStorage.setItem(key, name)
}
