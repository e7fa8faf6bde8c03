/** An invitation: a passkey is made here, and counts once the terminal that invited has its number. */
import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { arrived, opened } from './answers.ts'
import type { Opened } from './answers.ts'
import { call } from './call.ts'
import { Said, Title, Trouble } from './parts.tsx'
import { register } from './register.ts'
import { route } from './route.ts'
import { recall } from './session.ts'
import { useWork } from './work.ts'

export function Invited({ token }: { readonly token: string }): JSX.Element {
  const [open, setOpen] = useState<Opened | null>(null)
  const [number, setNumber] = useState<string | null>(null)
  const { isBusy, refusal, run } = useWork()
  useEffect(() => {
    run(async () => setOpen(await call('passkey-open', { token }, opened)))
  }, [token])
  const make = (): void => {
    if (open === null) return
    run(async () => {
      const given = await register(open)
      setNumber((await call('passkey-arrive', { token, given }, arrived)).number)
    })
  }
  return (
    <main class="door">
      <Title name="You are invited">You are invited</Title>
      {number !== null && <TheNumber number={number} />}
      {number === null && open !== null && (
        <>
          <p>
            You will be{' '}
            <strong>
              <Said>{open.name}</Said>
            </strong>
            , {roles[open.role] ?? open.role}.
          </p>
          <p>
            Your device makes a passkey for this page. Only it can sign in your name, and nothing of
            it leaves the device.
          </p>
          <button class="main" disabled={isBusy} onClick={make}>
            {isBusy ? 'Waiting for your device…' : 'Make my passkey'}
          </button>
        </>
      )}
      <Trouble of={refusal} />
    </main>
  )
}

const roles: Readonly<Record<string, string>> = {
  viewer: 'a viewer: you look, deny and halt',
  approver: 'an approver: you look, deny, halt, approve and resume',
  admin: 'an admin: you approve, and decide who else does',
}

function TheNumber({ number }: { readonly number: string }): JSX.Element {
  return (
    <div role="status">
      <p>Type this number into the terminal that invited you:</p>
      <p class="number">{number}</p>
      <p>Your passkey counts from then on. If it is not you who invited, read the number out.</p>
      <button
        onClick={() => {
          route.value = { kind: 'place', at: 'now' }
          void recall()
        }}
      >
        It is typed in: sign in
      </button>
    </div>
  )
}
