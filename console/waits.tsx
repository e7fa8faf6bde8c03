/** What else waits for a person: a config that nobody has accepted, and classes that a no has closed. */
import type { JSX } from 'preact'
import { power as powerShape } from './answers-people.ts'
import { anything, closedClasses } from './answers.ts'
import { call } from './call.ts'
import { tell } from './notice.tsx'
import { At, Said, Trouble } from './parts.tsx'
import { isAdmin, maySign, sitting } from './session.ts'
import { callSigned } from './sign.ts'
import { useReading, useWork } from './work.ts'

export function Changed(): JSX.Element | null {
  const { found, refusal, again } = useReading(() => call('power-changes', {}, powerShape))
  const { isBusy, refusal: refused, run } = useWork()
  const lines = [...(found?.changes ?? []), ...(found?.odd ?? [])]
  if (found === null || lines.length === 0) return <Trouble of={refusal} />
  const accept = (): void =>
    run(async () => {
      const me = sitting.value.kind === 'in' ? sitting.value.who.name : ''
      const wish = { command: 'accept', input: { power: found.power }, approver: me }
      await callSigned({ ...wish, seen: { what: ['accept', found.power] } }, anything)
      tell('accepted: this config and these policies count from now on')
      again()
    })
  return (
    <section aria-labelledby="changed" class="box gone">
      <h2 id="changed">Nobody has accepted this</h2>
      <p>Until an admin does, nothing runs and no credential goes anywhere.</p>
      <ul>
        {lines.map((line) => (
          <li key={line}>
            <Said>{line}</Said>
          </li>
        ))}
      </ul>
      {isAdmin() && (
        <button class="main" disabled={isBusy} onClick={accept}>
          {isBusy ? 'Under way…' : 'Accept with your passkey'}
        </button>
      )}
      <Trouble of={refused} />
    </section>
  )
}

export function Closed(): JSX.Element | null {
  const { found, refusal, again } = useReading(() => call('closed-list', {}, closedClasses))
  const { isBusy, refusal: refused, run } = useWork()
  const reopen = (id: string): void =>
    run(async () => {
      const me = sitting.value.kind === 'in' ? sitting.value.who.name : ''
      const wish = { command: 'reopen', input: { id }, approver: me }
      await callSigned({ ...wish, seen: { what: ['reopen', id] } }, anything)
      tell('reopened: it may be asked again')
      again()
    })
  if (found === null || found.length === 0) return <Trouble of={refusal} />
  return (
    <section aria-labelledby="closed">
      <h2 id="closed">Closed by a no</h2>
      <ul class="plain">
        {found.map(({ id, principal, kind, family, target, until }) => (
          <li key={id} class="row">
            <span>
              <Said>{`${kind} of ${family} on ${target}`}</Said> for <Said>{principal}</Said>, until{' '}
              <At ms={until} />
            </span>
            {maySign() && (
              <button
                disabled={isBusy}
                onClick={() => reopen(id)}
                aria-label={`Reopen with your passkey: ${kind} of ${family} on ${target} for ${principal}`}
              >
                Reopen with your passkey
              </button>
            )}
          </li>
        ))}
      </ul>
      <Trouble of={refused} />
    </section>
  )
}
