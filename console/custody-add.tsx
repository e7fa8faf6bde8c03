/** A credential comes in: typed or pasted into a field that shows none of it, sent once, and forgotten by the page at once. */
import type { JSX } from 'preact'
import { useRef, useState } from 'preact/hooks'
import type { WantedCredential } from './answers-house.ts'
import { anything } from './answers.ts'
import { Refusal } from './call.ts'
import { tell } from './notice.tsx'
import { Said, Trouble } from './parts.tsx'
import { sitting } from './session.ts'
import { callSigned } from './sign.ts'
import { useWork } from './work.ts'

/** INVARIANT (secret-stays): it is in the field and in the one request, in no state, no address and no statement. */
export function AddCredential({
  wanted,
  kept,
  again,
}: {
  readonly wanted: readonly WantedCredential[]
  readonly kept: ReadonlySet<string>
  readonly again: () => void
}): JSX.Element {
  const [chosen, setChosen] = useState<string | null>(null)
  const field = useRef<HTMLInputElement>(null)
  const { isBusy, refusal, run } = useWork()
  const target = chosen ?? wanted.find(({ name }) => !kept.has(name))?.name ?? wanted[0]?.name ?? ''
  const goes = wanted.find(({ name }) => name === target)?.goes ?? 'nowhere'
  const add = (event: Event): void => {
    event.preventDefault()
    run(async () => {
      const secret = taken(field.current)
      if (secret === '') throw new Refusal('bad_input', 'no credential is in the field')
      const approver = sitting.value.kind === 'in' ? sitting.value.who.name : ''
      // The statement names the target; what is kept for it is nobody's to read, so it is not asked with it.
      const wish = { command: 'custody-add', input: { target, secret: '' }, approver }
      await callSigned(
        { ...wish, seen: { what: ['custody', target] }, besides: { secret } },
        anything,
      )
      tell(
        `kept for ${target}; now remove it from where it lay, and rotate it if an agent may have seen it`,
      )
      again()
    })
  }
  return (
    <section aria-labelledby="add">
      <h2 id="add">Add or replace</h2>
      <form onSubmit={add} class="fields" autocomplete="off">
        <label for="custody-target">For</label>
        <select
          id="custody-target"
          value={target}
          onChange={({ currentTarget }) => setChosen(currentTarget.value)}
        >
          {wanted.map(({ name }) => (
            <option key={name} value={name}>
              {name}
              {kept.has(name) ? ' (replaces the one that is kept)' : ''}
            </option>
          ))}
        </select>
        <p class="quiet">
          It is sent to <Said>{goes}</Said>.
        </p>
        <label for="custody-secret">The credential</label>
        <input
          id="custody-secret"
          ref={field}
          type="password"
          required
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
        />
        <button class="main" disabled={isBusy}>
          {isBusy ? 'Under way…' : 'Keep it with your passkey'}
        </button>
      </form>
      <Trouble of={refusal} />
    </section>
  )
}

/** What is in the field, which is empty from then on, whatever comes of it. */
function taken(field: HTMLInputElement | null): string {
  const text = field?.value.trim() ?? ''
  if (field !== null) field.value = ''
  return text
}
