/** Targets whose token one logs in for: leaving, and what is signed when one is back. */
import type { JSX } from 'preact'
import type { WantedCredential } from './answers-house.ts'
import { anything } from './answers.ts'
import { cameBack, cameUnasked, logIn } from './logged-in.ts'
import type { CameBack } from './logged-in.ts'
import { tell } from './notice.tsx'
import { Said, Trouble } from './parts.tsx'
import { sitting } from './session.ts'
import { callSigned } from './sign.ts'
import { useWork } from './work.ts'

interface Asked {
  readonly wanted: readonly WantedCredential[]
  readonly again: () => void
}

export function LogIn({ wanted, again }: Asked): JSX.Element | null {
  const { isBusy, refusal, run } = useWork()
  const those = wanted.filter(({ logsIn }) => logsIn)
  if (those.length === 0) return null
  return (
    <section aria-labelledby="log-in">
      <h2 id="log-in">Log in</h2>
      {cameUnasked.value && (
        <p class="trouble" role="alert">
          Nobody has left from this page for that login: nothing was taken.
        </p>
      )}
      {cameBack.value !== null && <Back came={cameBack.value} again={again} />}
      <p class="quiet">
        For servers that want OAuth: you log in there, and the token goes into custody, where it is
        renewed by itself. Log in as whom calls shall act.
      </p>
      <p class="row">
        {those.map(({ name }) => (
          <button key={name} disabled={isBusy} onClick={() => run(async () => logIn(name))}>
            Log in for <Said>{name}</Said>
          </button>
        ))}
      </p>
      <Trouble of={refusal} />
    </section>
  )
}

function Back({
  came: { target, issuer, state, search },
  again,
}: {
  readonly came: CameBack
  readonly again: () => void
}): JSX.Element {
  const { isBusy, refusal, run } = useWork()
  const keep = (): void =>
    run(async () => {
      const approver = sitting.value.kind === 'in' ? sitting.value.who.name : ''
      // The statement names the target; the code is nobody's to read, so it is not asked with it.
      const wish = { command: 'custody-login', input: { target, state, search: '?' }, approver }
      await callSigned(
        { ...wish, seen: { what: ['custody', target] }, besides: { search } },
        anything,
      )
      cameBack.value = null
      tell(`logged in for ${target}: its token is kept, and renewed by itself`)
      again()
    })
  return (
    <div class="box">
      <p>
        Back from <Said>{issuer}</Said>, for <Said>{target}</Said>. The token is fetched when you
        sign.
      </p>
      <button class="main" disabled={isBusy} onClick={keep}>
        {isBusy ? 'Under way…' : 'Keep it with your passkey'}
      </button>
      <Trouble of={refusal} />
    </div>
  )
}
