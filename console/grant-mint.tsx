/** A new grant: for whom, for what, where and how long. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { minted as mintedShape } from './answers.ts'
import { words } from './grant-words.ts'
import type { JsonObject } from './json.ts'
import { Trouble } from './parts.tsx'
import { sitting } from './session.ts'
import { callSigned } from './sign.ts'
import { useWork } from './work.ts'

const hour = 3_600_000
export const times = [
  ['1 hour', hour],
  ['8 hours', 8 * hour],
  ['1 day', 24 * hour],
  ['7 days', 7 * 24 * hour],
] as const

export function Mint({ minted }: { readonly minted: (grant: string) => void }): JSX.Element {
  const [principal, setPrincipal] = useState('')
  const [operations, setOperations] = useState('read')
  const [environments, setEnvironments] = useState('')
  const [targets, setTargets] = useState('')
  const [expiresMs, setExpires] = useState(8 * hour)
  const [note, setNote] = useState('')
  const { isBusy, refusal, run } = useWork()
  const mint = (event: Event): void => {
    event.preventDefault()
    const who = sitting.value.kind === 'in' ? sitting.value.who.name : ''
    run(async () => {
      const caveats: JsonObject = {
        operations: words(operations),
        environments: words(environments),
        ...(words(targets).length === 0 ? {} : { targets: words(targets) }),
        expiresMs,
      }
      const input = { principal, note, caveats }
      const seen = { what: ['mint', principal, caveats] }
      const given = await callSigned(
        { command: 'grant-mint', input, approver: who, seen },
        mintedShape,
      )
      minted(given.grant)
      setPrincipal('')
    })
  }
  return (
    <section aria-labelledby="mint">
      <h2 id="mint">Mint</h2>
      <form onSubmit={mint} class="fields">
        <Field label="For which agent" value={principal} set={setPrincipal} hint="agent:cursor" />
        <Field
          label="Operations"
          value={operations}
          set={setOperations}
          hint="read customDomain*"
        />
        <Field label="Environments" value={environments} set={setEnvironments} hint="staging" />
        <Field label="Targets (all where none is said)" value={targets} set={setTargets} optional />
        <label for="mint-time">For how long</label>
        <select
          id="mint-time"
          value={expiresMs}
          onChange={({ currentTarget }) => setExpires(Number(currentTarget.value))}
        >
          {times.map(([name, ms]) => (
            <option key={name} value={ms}>
              {name}
            </option>
          ))}
        </select>
        <Field label="Note (optional)" value={note} set={setNote} optional />
        <button class="main" disabled={isBusy}>
          {isBusy ? 'Under way…' : 'Mint with your passkey'}
        </button>
      </form>
      <p class="quiet">
        Single resources, a count of rows or a key that must sign:{' '}
        <code>firebreak grant mint --help</code>
      </p>
      <Trouble of={refusal} />
    </section>
  )
}

export function Field({
  label,
  value,
  set,
  hint = '',
  optional = false,
}: {
  readonly label: string
  readonly value: string
  readonly set: (value: string) => void
  readonly hint?: string
  readonly optional?: boolean
}): JSX.Element {
  const id = `field-${label.toLowerCase().replaceAll(/[^a-z]+/g, '-')}`
  return (
    <>
      <label for={id}>{label}</label>
      <input
        id={id}
        value={value}
        placeholder={hint}
        required={!optional}
        onInput={({ currentTarget }) => set(currentTarget.value)}
        autocomplete="off"
        autocapitalize="none"
        spellcheck={false}
      />
    </>
  )
}
