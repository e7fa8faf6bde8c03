/** Narrowing a grant for what is handed on: here in the browser, with no word to anybody. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { Refusal } from './call.ts'
import { Copy } from './copy.tsx'
import { Field, Rows, Time } from './grant-fields.tsx'
import { commandOf, listed, noLists } from './grant-words.ts'
import { narrowed } from './narrow.ts'
import type { Caveat } from './narrow.ts'
import { Trouble } from './parts.tsx'
import { useWork } from './work.ts'

const wishes = [
  ['operations', 'Only these operations'],
  ['environments', 'Only in these environments'],
  ['targets', 'Only on these targets'],
  ['resources', 'Only these resources (TYPE/ID)'],
] as const

export function Narrow(): JSX.Element {
  const [grant, setGrant] = useState('')
  const [lists, setLists] = useState(noLists)
  const [rows, setRows] = useState('')
  const [ms, setMs] = useState(0)
  const [made, setMade] = useState<string | null>(null)
  const { isBusy, refusal, run } = useWork()
  const narrow = (event: Event): void => {
    event.preventDefault()
    run(async () => {
      setMade(null)
      const caveats: readonly Caveat[] = [
        ...listed(lists),
        ...(ms === 0 ? [] : [['expires', Date.now() + ms] as const]),
        ...(rows === '' ? [] : [['rows', Number(rows)] as const]),
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
        {wishes.map(([word, label]) => (
          <Field
            key={word}
            label={label}
            value={lists[word]}
            set={(value) => setLists({ ...lists, [word]: value })}
            optional
          />
        ))}
        <Rows label="Only so many rows" value={rows} set={setRows} />
        <Time label="Only for" value={ms} set={setMs} whole="as long as the grant itself" />
        <button disabled={isBusy}>Narrow it</button>
      </form>
      {made !== null && (
        <div class="box">
          <pre class="text" tabIndex={0} aria-label="The narrowed grant">
            {made}
          </pre>
          <Copy text={made} what="the narrowed grant" />
        </div>
      )}
      <p class="quiet">
        The same in a terminal, where it can also name who gets it, or whose key must sign:{' '}
        <code>{commandOf(lists, ms / 3_600_000, rows)}</code>
      </p>
      <Trouble of={refusal} />
    </section>
  )
}
