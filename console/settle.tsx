/** What became of an act that was cut off: a person has looked at the target, and says so by passkey. It is never run again. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { hold as holdShape } from './answers.ts'
import type { ShownHold } from './answers.ts'
import { tell } from './notice.tsx'
import { Trouble } from './parts.tsx'
import { mayAct, sitting } from './session.ts'
import { callSigned } from './sign.ts'
import { useWork } from './work.ts'

const answers = [
  [true, 'It has happened: I have seen that it is gone'],
  [false, 'It has not happened, and does not run any more: all is still there'],
] as const

export function Settle({
  hold: { id },
  again,
}: {
  readonly hold: ShownHold
  readonly again: () => void
}): JSX.Element {
  // Nothing is chosen beforehand: either answer counts for good.
  const [happened, setHappened] = useState<boolean | null>(null)
  const { isBusy, refusal, run } = useWork()
  const settle = (event: Event): void => {
    event.preventDefault()
    const who = sitting.value.kind === 'in' ? sitting.value.who.name : ''
    if (happened === null) return
    run(async () => {
      const seen = { what: ['settle', id, happened] }
      const wish = { command: 'hold-settle', input: { id, happened }, approver: who, seen }
      const { state, closing } = await callSigned(wish, holdShape)
      tell(`${state}: ${closing ?? ''}`)
      again()
    })
  }
  return (
    <section aria-labelledby="settle" class="box gone">
      <h2 id="settle">What became of it?</h2>
      <p>
        It was cut off while it ran. Look at the target itself, also whether it still runs there.
        What you say is written down, and counts: Firebreak runs it no second time.
      </p>
      {mayAct() ? (
        <form onSubmit={settle}>
          <fieldset>
            <legend>At the target</legend>
            {answers.map(([value, said]) => (
              <label key={said}>
                <input
                  type="radio"
                  name="happened"
                  required
                  checked={happened === value}
                  onChange={() => setHappened(value)}
                />{' '}
                {said}
              </label>
            ))}
          </fieldset>
          <button class="main" disabled={isBusy || happened === null}>
            {isBusy ? 'Under way…' : 'Say so with your passkey'}
          </button>
        </form>
      ) : (
        <p>You are a viewer here: an approver says it.</p>
      )}
      <Trouble of={refusal} />
    </section>
  )
}
