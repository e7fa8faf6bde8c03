/** Ledger: everything that was written down, looked up from the newest on; and one entry whole, proven in this browser. */
import type { JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { lookedUp } from './answers.ts'
import type { Found } from './answers.ts'
import { call } from './call.ts'
import type { JsonObject } from './json.ts'
import { useKeys } from './keys.ts'
import { CheckAll } from './ledger-check.tsx'
import { At, Empty, Said, Title, Trouble } from './parts.tsx'
import { count } from './say.ts'
import { useWork } from './work.ts'

const pageSize = 100

/** What was looked through so far: from here to the newest. */
interface Looked {
  readonly entries: readonly Found[]
  readonly size: number
  readonly from: number
  readonly next: number | null
}

export function Ledger(): JSX.Element {
  const [sought, setSought] = useState<JsonObject>({})
  const [looked, setLooked] = useState<Looked | null>(null)
  const { isBusy, refusal, run } = useWork()
  const look = (wanted: JsonObject, before: Looked | null): void =>
    run(async () => {
      const asked = { ...wanted, limit: pageSize, before: before?.next ?? null }
      const { entries, size, from, next } = await call('ledger-search', asked, lookedUp)
      setSought(wanted)
      setLooked({ entries: [...(before?.entries ?? []), ...entries], size, from, next })
    })
  useEffect(() => look({}, null), [])
  return (
    <main>
      <Title name="Ledger">Ledger</Title>
      <p class="quiet">
        Everything that was asked, refused, held, approved and run, in the order in which it was
        written down. No entry can be changed without a trace; open one, and this browser checks it.
      </p>
      <CheckAll />
      <Search look={(wanted) => look(wanted, null)} isBusy={isBusy} />
      <Trouble of={refusal} />
      {looked !== null && (
        <section aria-labelledby="found">
          <h2 id="found">Entries</h2>
          <Entries of={looked.entries} />
          <p class="row" role="status">
            <span class="quiet">
              {count(looked.entries.length, 'entry', 'entries')} of that kind among the newest{' '}
              {looked.size - looked.from} of {looked.size}
            </span>
            {looked.next !== null && (
              <button disabled={isBusy} onClick={() => look(sought, looked)}>
                Look further back
              </button>
            )}
          </p>
        </section>
      )}
    </main>
  )
}

function Search({
  look,
  isBusy,
}: {
  readonly look: (wanted: JsonObject) => void
  readonly isBusy: boolean
}): JSX.Element {
  const form = useRef<HTMLFormElement>(null)
  useKeys({ '/': () => form.current?.querySelector('input')?.focus() })
  const submit = (event: Event): void => {
    event.preventDefault()
    if (form.current !== null) look(wantedIn(new FormData(form.current)))
  }
  return (
    <form ref={form} class="search" role="search" onSubmit={submit}>
      <Field name="text" label="Text, anywhere in the entry" />
      <div>
        <label for="kind">Kind</label>
        <select id="kind" name="kind">
          <option value="">any</option>
          {kinds.map((kind) => (
            <option key={kind}>{kind}</option>
          ))}
        </select>
      </div>
      <Field name="principal" label="Who asked (exactly)" />
      <Field name="subject" label="About (a hold, grant or point)" />
      <Field name="since" label="From (UTC)" isTime />
      <Field name="until" label="Until (UTC)" isTime />
      <button class="main" disabled={isBusy}>
        Search
      </button>
    </form>
  )
}

function Field({
  name,
  label,
  isTime = false,
}: {
  readonly name: string
  readonly label: string
  readonly isTime?: boolean
}): JSX.Element {
  return (
    <div>
      <label for={name}>{label}</label>
      {isTime ? (
        <input id={name} name={name} type="datetime-local" />
      ) : (
        <input id={name} name={name} maxLength={300} autocomplete="off" spellcheck={false} />
      )}
    </div>
  )
}

function wantedIn(form: FormData): JsonObject {
  const text = (name: string): string | null => {
    const value = form.get(name)
    return typeof value === 'string' && value.trim() !== '' ? value.trim() : null
  }
  const time = (name: string, more: number): number | null => {
    const at = Date.parse(`${text(name) ?? ''}Z`)
    return Number.isNaN(at) ? null : at + more
  }
  const kind = text('kind')
  return {
    text: text('text'),
    kinds: kind === null ? [] : [kind],
    principal: text('principal'),
    subject: text('subject'),
    since: time('since', 0),
    // All of the minute that was named.
    until: time('until', 59_999),
  }
}

function Entries({ of }: { readonly of: readonly Found[] }): JSX.Element {
  useKeys({ j: () => step(1), k: () => step(-1) })
  if (of.length === 0)
    return (
      <Empty>
        <p>
          <strong>No entry is like that.</strong> In a terminal,{' '}
          <code>firebreak ledger search TEXT --since 2h</code> looks by the same words, also while
          the daemon is down.
        </p>
      </Empty>
    )
  return (
    <table class="feed entries">
      <thead>
        <tr>
          <th scope="col">Entry</th>
          <th scope="col">When</th>
          <th scope="col">Kind</th>
          <th scope="col">What</th>
        </tr>
      </thead>
      <tbody>
        {of.map(({ index, at, kind, line }) => (
          <tr key={index}>
            <td>
              <a href={`#/ledger/${index}`} aria-label={`Entry ${index}`}>
                {index}
              </a>
            </td>
            <td>
              <At ms={at} />
            </td>
            <td>
              <Said>{kind}</Said>
            </td>
            <td>
              <Said>{line}</Said>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** From entry to entry, without the mouse. */
function step(by: 1 | -1): void {
  const all = [...document.querySelectorAll<HTMLElement>('.entries a')]
  const at = all.findIndex((one) => one === document.activeElement)
  const next = at === -1 && by === -1 ? all.length - 1 : at + by
  all[Math.min(all.length - 1, Math.max(0, next))]?.focus()
}

/** As the ledger names them; `request` is a batch of what went through unasked. */
const kinds = [
  'request',
  'denied',
  'held',
  'approved',
  'rejected',
  'expired',
  'scheduled',
  'undone',
  'intent',
  'outcome',
  'shadowed',
  'halted',
  'resumed',
  'reopened',
  'signed-in',
  'minted',
  'revoked',
  'invited',
  'enrolled',
  'removed',
  'delegated',
  'undelegated',
  'custody',
  'accepted',
  'recovery-point',
  'restored',
  'drilled',
  'pruned',
  'graded',
  'alarm',
  'started',
  'stopped',
]
