/** Who sits at this page. */
import { signal } from '@preact/signals'
import { anything, session, signedIn, statement } from './answers.ts'
import type { Session } from './answers.ts'
import { call, keepPageSecret, Refusal, refusalOf } from './call.ts'
import { signatureOf } from './sign.ts'

export type Sitting =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'out'; readonly trouble: Refusal | null }
  | { readonly kind: 'in'; readonly who: Session }

export const sitting = signal<Sitting>({ kind: 'unknown' })

/** Asks the daemon, by the cookie that no script can read. */
export async function recall(): Promise<void> {
  try {
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
