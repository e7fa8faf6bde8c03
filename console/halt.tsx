/** Halt: always in reach, and nobody need sign to stop. Lifting it widens power, so it takes a passkey. */
import type { JSX } from 'preact'
import { useRef, useState } from 'preact/hooks'
import { anything, halted as haltedShape } from './answers.ts'
import type { Halt } from './answers.ts'
import { call } from './call.ts'
import { useKeys } from './keys.ts'
import { picture, state } from './live.ts'
import { tell } from './notice.tsx'
import { Ago, Said, Trouble } from './parts.tsx'
import { maySign, sitting } from './session.ts'
import { callSigned } from './sign.ts'
import { useWork } from './work.ts'

const everyone = 'all'

export function HaltButton(): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null)
  const open = (): void => dialog.current?.showModal()
  useKeys({ h: open })
  return (
    <>
      <button class="halt" onClick={open} aria-keyshortcuts="h">
        Halt
      </button>
      <dialog ref={dialog} aria-labelledby="halt-title">
        <HaltForm close={() => dialog.current?.close()} />
      </dialog>
    </>
  )
}

function HaltForm({ close }: { readonly close: () => void }): JSX.Element {
  const [who, setWho] = useState(everyone)
  const [reason, setReason] = useState('')
  const { isBusy, refusal, run } = useWork()
  const halt = (event: Event): void => {
    event.preventDefault()
    run(async () => {
      const input = { who, reason: reason.trim() || 'halted by hand' }
      const { stored, why } = await call('halt', input, haltedShape)
      const said =
        who === everyone ? 'halted: no grant works until a person resumes' : `halted: ${who}`
      tell(
        stored
          ? said
          : `${said}; in force, and not stored yet: ${why ?? ''}; a restart before that would forget it`,
      )
      close()
    })
  }
  return (
    <form onSubmit={halt}>
      <h2 id="halt-title">Halt</h2>
      <p>No grant works any more, within a second, also after a restart. A passkey lifts it.</p>
      <label for="halt-who">Who</label>
      <select
        id="halt-who"
        value={who}
        onChange={({ currentTarget }) => setWho(currentTarget.value)}
      >
        <option value={everyone}>everyone</option>
        {picture.value.agents.map(({ name }) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
      <label for="halt-reason">Why (optional)</label>
      <input
        id="halt-reason"
        value={reason}
        maxLength={300}
        onInput={({ currentTarget }) => setReason(currentTarget.value)}
      />
      <p class="row">
        <button class="halt" disabled={isBusy}>
          {who === everyone ? 'Halt everyone' : 'Halt'}
        </button>
        <button type="button" onClick={close}>
          Cancel
        </button>
      </p>
      <Trouble of={refusal} />
    </form>
  )
}

/** On top of every view while something is halted. */
export function Halted(): JSX.Element | null {
  const halted = state.value?.halted ?? []
  if (halted.length === 0) return null
  return (
    <section class="halted" aria-label="Halted">
      {halted.map((one) => (
        <Stopped key={one.id} halt={one} />
      ))}
    </section>
  )
}

function Stopped({ halt: { id, by, reason, at } }: { readonly halt: Halt }): JSX.Element {
  const { isBusy, refusal, run } = useWork()
  const who = sitting.value.kind === 'in' ? sitting.value.who : null
  const resume = (approver: string): void =>
    run(async () => {
      const seen = { what: ['resume', id] }
      await callSigned({ command: 'resume', input: { who: id }, approver, seen }, anything)
      tell(`resumed: ${id}`)
    })
  return (
    <div>
      <p>
        <strong>HALTED: {id === everyone ? 'everyone' : <Said>{id}</Said>}</strong>, by{' '}
        <Said>{by}</Said>, <Ago at={at} />: <Said>{reason}</Said>
      </p>
      {who !== null && maySign() && (
        <button disabled={isBusy} onClick={() => resume(who.name)}>
          {isBusy ? 'Under way…' : 'Resume with your passkey'}
        </button>
      )}
      <Trouble of={refusal} />
    </div>
  )
}
