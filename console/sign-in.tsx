/** The door: a name and a passkey. */
import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { Refusal } from './call.ts'
import { Said, Title, Trouble } from './parts.tsx'
import { companyDoor, lastName, leave, signIn } from './session.ts'
import { useWork } from './work.ts'

export function SignIn({ trouble }: { readonly trouble: Refusal | null }): JSX.Element {
  const [name, setName] = useState(lastName)
  const [company, setCompany] = useState<string | null>(null)
  const { isBusy, refusal, run } = useWork()
  useEffect(() => {
    // Where it cannot be asked, the passkey's own way says what is wrong.
    companyDoor().then(setCompany, () => undefined)
  }, [])
  return (
    <main class="door">
      <Title name="Sign in">Firebreak</Title>
      <p>No single call destroys production data and its backups. Sign in to see what waits.</p>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          run(async () => signIn(name.trim()))
        }}
      >
        <label for="name">Your name, as you were enrolled</label>
        <input
          id="name"
          value={name}
          onInput={({ currentTarget }) => setName(currentTarget.value)}
          autocomplete="username webauthn"
          autocapitalize="none"
          spellcheck={false}
          required
          maxLength={80}
        />
        <button class="main" disabled={isBusy}>
          {isBusy ? 'Waiting for your passkey…' : 'Sign in with your passkey'}
        </button>
      </form>
      {company !== null && (
        <button disabled={isBusy} onClick={() => run(leave)}>
          Sign in with <Said>{company}</Said>
        </button>
      )}
      <Trouble of={refusal ?? trouble} />
      <details>
        <summary>No passkey yet?</summary>
        <p>
          An admin runs <code>firebreak approver invite NAME</code> in a terminal and gives you the
          link that it shows. The first person runs it alone.
        </p>
      </details>
    </main>
  )
}
