/** A new grant: for whom, for what, where and how long. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { minted as mintedShape } from './answers.ts'
import { Field, Rows, times } from './grant-fields.tsx'
import { listed, noLists } from './grant-words.ts'
import type { JsonObject } from './json.ts'
import { Trouble } from './parts.tsx'
import { sitting } from './session.ts'
import { callSigned } from './sign.ts'
import { useWork } from './work.ts'

const eightHours = 8 * 3_600_000
const bounds = [
  ['operations', 'Operations', 'read customDomain*'],
  ['environments', 'Environments', 'staging'],
  ['targets', 'Targets (all where none is said)', ''],
  ['resources', 'Resources, as TYPE/ID (all where none is said)', ''],
] as const

export function Mint({ minted }: { readonly minted: (grant: string) => void }): JSX.Element {
  const [principal, setPrincipal] = useState('')
  const [lists, setLists] = useState({ ...noLists, operations: 'read' })
  const [rows, setRows] = useState('')
  const [expiresMs, setExpires] = useState(eightHours)
  const [note, setNote] = useState('')
  const { isBusy, refusal, run } = useWork()
  const mint = (event: Event): void => {
    event.preventDefault()
    const who = sitting.value.kind === 'in' ? sitting.value.who.name : ''
    run(async () => {
      const caveats: JsonObject = {
        ...Object.fromEntries(listed(lists)),
        ...(rows === '' ? {} : { rows: Number(rows) }),
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
        {bounds.map(([word, label, hint]) => (
          <Field
            key={word}
            label={label}
            value={lists[word]}
            set={(value) => setLists({ ...lists, [word]: value })}
            hint={hint}
            optional={word === 'targets' || word === 'resources'}
          />
        ))}
        <Rows label="Most rows at once (optional)" value={rows} set={setRows} />
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
        Bound to a key that must sign each request:{' '}
        <code>firebreak grant mint --holder JWK-THUMBPRINT …</code>
      </p>
      <Trouble of={refusal} />
    </section>
  )
}
