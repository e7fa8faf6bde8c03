/** Narrowing a grant for what is handed on: here in the browser, with no word to anybody. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { Refusal } from './call.ts'
import { Field, times } from './grant-mint.tsx'
import { words } from './grant-words.ts'
import { narrowed } from './narrow.ts'
import type { Caveat } from './narrow.ts'
import { Trouble } from './parts.tsx'
import { useWork } from './work.ts'

export function Narrow(): JSX.Element {
  const [grant, setGrant] = useState('')
  const [operations, setOperations] = useState('')
  const [environments, setEnvironments] = useState('')
  const [ms, setMs] = useState(0)
  const [made, setMade] = useState<string | null>(null)
  const { isBusy, refusal, run } = useWork()
  const narrow = (event: Event): void => {
    event.preventDefault()
    run(async () => {
      setMade(null)
      const caveats: readonly Caveat[] = [
        ...(words(operations).length === 0 ? [] : [['operations', words(operations)] as const]),
        ...(words(environments).length === 0
          ? []
          : [['environments', words(environments)] as const]),
        ...(ms === 0 ? [] : [['expires', Date.now() + ms] as const]),
      ]
      if (caveats.length === 0) throw new Refusal('bad_input', 'nothing is said to narrow it by')
      const given = await narrowed(grant, caveats)
      if (given === null)
        throw new Refusal(
          'bad_input',
          'that is no whole grant, or a grant cannot carry this',
          'it has at most 32 hops and 4096 characters, a name at most 200, and none invisible',
        )
      setMade(given)
    })
  }
  return (
    <section aria-labelledby="narrow">
      <h2 id="narrow">Narrow</h2>
      <p>
        For a helper of an agent’s, or for one task. It is made here in the browser: no daemon hears
        of it, and nothing that was taken off can be put back.
      </p>
      <form onSubmit={narrow} class="fields">
        <Field label="The grant" value={grant} set={setGrant} hint="fbk_…" />
        <Field label="Only these operations" value={operations} set={setOperations} optional />
        <Field
          label="Only in these environments"
          value={environments}
          set={setEnvironments}
          optional
        />
        <label for="narrow-time">Only for</label>
        <select
          id="narrow-time"
          value={ms}
          onChange={({ currentTarget }) => setMs(Number(currentTarget.value))}
        >
          <option value={0}>as long as the grant itself</option>
          {times.map(([name, time]) => (
            <option key={name} value={time}>
              {name}
            </option>
          ))}
        </select>
        <button disabled={isBusy}>Narrow it</button>
      </form>
      {made !== null && (
        <pre class="text" tabIndex={0} aria-label="The narrowed grant">
          {made}
        </pre>
      )}
      <Trouble of={refusal} />
    </section>
  )
}
