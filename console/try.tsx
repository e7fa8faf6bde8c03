/** A text tried on the rules in force: what `firebreak explain` says to the same line. Nothing is executed. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { explained } from './answers.ts'
import type { Explained } from './answers.ts'
import { call } from './call.ts'
import { Said, Trouble } from './parts.tsx'
import { useWork } from './work.ts'

const kinds = {
  sql: { label: 'SQL', hint: 'DELETE FROM customers WHERE id = 5' },
  graphql: {
    label: 'GraphQL for Railway',
    hint: 'mutation { volumeDelete(volumeId: "v") }',
  },
  lines: {
    label: 'JSON lines, as `firebreak explain` takes them',
    hint: '{"id":1,"kind":"sql","text":"DROP TABLE customers"}',
  },
} as const
type Kind = keyof typeof kinds

function isKind(text: string): text is Kind {
  return Object.hasOwn(kinds, text)
}

export function Try(): JSX.Element {
  const [kind, setKind] = useState<Kind>('sql')
  const [text, setText] = useState('')
  const [answers, setAnswers] = useState<readonly Explained[] | null>(null)
  const { isBusy, refusal, run } = useWork()
  const ask = (event: Event): void => {
    event.preventDefault()
    run(async () => setAnswers(await call('explain', { lines: linesOf(kind, text) }, explained)))
  }
  return (
    <section aria-labelledby="try">
      <h2 id="try">Try an action</h2>
      <p class="quiet">
        Nothing is executed. It is judged as in a protected environment of which nothing was
        measured: in an unprotected one, or with a known radius, the answer may be milder.
      </p>
      <form onSubmit={ask}>
        <label for="try-kind">What it is</label>
        <select
          id="try-kind"
          value={kind}
          onChange={({ currentTarget: { value } }) => setKind(isKind(value) ? value : 'sql')}
        >
          {Object.entries(kinds).map(([name, { label }]) => (
            <option key={name} value={name}>
              {label}
            </option>
          ))}
        </select>
        <label for="try-text">The text</label>
        <textarea
          id="try-text"
          value={text}
          placeholder={kinds[kind].hint}
          spellcheck={false}
          onInput={({ currentTarget }) => setText(currentTarget.value)}
        />
        <p>
          <button class="main" disabled={isBusy || text.trim() === ''}>
            What would Firebreak say?
          </button>
        </p>
      </form>
      <Trouble of={refusal} />
      <div role="status">
        {answers?.map((one, nth) => (
          <Answer key={nth} of={one} />
        ))}
      </div>
    </section>
  )
}

function linesOf(kind: Kind, text: string): string {
  if (kind === 'lines') return text
  const more = kind === 'graphql' ? { platform: 'railway' } : {}
  return JSON.stringify({ id: 1, kind, ...more, text })
}

const verdicts = {
  allow: 'It runs.',
  hold: 'It waits for a person.',
  deny: 'It is refused.',
} as const

function Answer({ of }: { readonly of: Explained }): JSX.Element {
  if ('error' in of)
    return (
      <p class="no">
        It cannot be read: <Said>{of.error}</Said>
      </p>
    )
  const { verdict, operation, effect, findings } = of
  return (
    <div class="box none">
      <p>
        <span class={`verdict ${verdict}`}>{verdicts[verdict]}</span>{' '}
        <strong>
          <Said>{operation}</Said>
        </strong>{' '}
        <span class="tag">{effect}</span>
      </p>
      <ul>
        {findings.map(({ rule, message }) => (
          <li key={`${rule} ${message}`}>
            <Said>{message}</Said> (<Said>{rule}</Said>)
          </li>
        ))}
      </ul>
    </div>
  )
}
