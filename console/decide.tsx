/** Yes or no: a key is enough for a no; a yes takes the name of what goes and a passkey. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { closedClasses, hold as holdShape } from './answers.ts'
import type { ClosedClass, Session, ShownHold } from './answers.ts'
import { call } from './call.ts'
import { useKeys } from './keys.ts'
import { Said, Trouble } from './parts.tsx'
import { maySign, sitting } from './session.ts'
import { callSigned } from './sign.ts'
import { tell } from './notice.tsx'
import { useWork } from './work.ts'

interface Props {
  readonly hold: ShownHold
  readonly again: () => void
}

/** INVARIANT (no key approves): there is no form here, so Enter in the name's field does nothing. */
export function Decide({ hold, again }: Props): JSX.Element {
  const who = sitting.value.kind === 'in' ? sitting.value.who : null
  const { isBusy, refusal, run } = useWork()
  const deny = (): void =>
    run(async () => {
      await call('hold-deny', { id: hold.id }, holdShape)
      const closed = await call('closed-list', {}, closedClasses)
      tell(deniedLine(closed.filter((one) => one.hold === hold.id)))
      again()
    })
  useKeys({ d: deny })
  return (
    <section aria-labelledby="decide" class="decide">
      <h2 id="decide">Yes or no</h2>
      <div class="no-side">
        <button class="deny" onClick={deny} disabled={isBusy} aria-keyshortcuts="d">
          Deny <kbd>d</kbd>
        </button>
        <p class="quiet">At once, and for a day for its kind: nothing has run, nothing will.</p>
      </div>
      {who !== null && maySign() ? (
        <Approve
          // Whoever typed a name for another text shall read this one.
          key={hold.shown}
          hold={hold}
          who={who}
          isBusy={isBusy}
          run={run}
          again={again}
        />
      ) : (
        <p>You are a viewer here: you may deny and halt, and an approver may approve.</p>
      )}
      <Trouble of={refusal} />
    </section>
  )
}

function Approve({
  hold,
  who,
  isBusy,
  run,
  again,
}: Props & {
  readonly who: Session
  readonly isBusy: boolean
  readonly run: (act: () => Promise<void>) => void
}): JSX.Element {
  const [named, setNamed] = useState('')
  const fits = named === hold.confirm
  const approve = (): void => {
    if (fits)
      run(async () => {
        const input = { id: hold.id, shown: hold.shown }
        const seen = { digest: hold.digest, shown: hold.shown }
        const wish = { command: 'hold-approve', input, approver: who.name, seen }
        const given = await callSigned(wish, holdShape)
        tell(`${given.state}: ${given.closing ?? 'approved by you'}`)
        again()
      })
  }
  return (
    <div class="yes-side">
      {who.for !== null && (
        <p>
          You sign in the place of <Said>{who.for}</Said>.
        </p>
      )}
      <label for="named">
        To approve, type the name of what goes:{' '}
        <strong>
          <Said>{hold.confirm}</Said>
        </strong>
      </label>
      <input
        id="named"
        value={named}
        onInput={({ currentTarget }) => setNamed(currentTarget.value)}
        autocomplete="off"
        autocapitalize="none"
        autocorrect="off"
        spellcheck={false}
      />
      <button class="approve" disabled={isBusy || !fits} onClick={approve}>
        {isBusy ? 'Under way…' : 'Approve with your passkey'}
      </button>
    </div>
  )
}

function deniedLine(closed: readonly ClosedClass[]): string {
  const kinds = closed.map(({ kind, family, target }) => `${kind} of ${family} on ${target}`)
  const first = closed[0]
  const until = 'refused for a day, or until a person reopens it'
  return first === undefined
    ? 'denied'
    : `denied; for ${first.principal} the same class of act is ${until}: ${kinds.join('; ')}`
}
