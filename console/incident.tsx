/** Incident: what happened, minute by minute, each line with its entry: of a hold, or of a window of time. Prints as it stands. */
import type { JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { holds as holdList, incident as incidentShape } from './answers.ts'
import type { Incident } from './answers.ts'
import { call } from './call.ts'
import type { JsonObject } from './json.ts'
import { At, Empty, Said, Title, Trouble } from './parts.tsx'
import { save } from './save.ts'
import { tarOf } from './tar.ts'
import { useReading, useWork } from './work.ts'

export function IncidentPage({ of }: { readonly of: string | null }): JSX.Element {
  const [found, setFound] = useState<Incident | null>(null)
  const { isBusy, refusal, run } = useWork()
  const look = (asked: JsonObject): void =>
    run(async () => {
      setFound(null)
      setFound(await call('incident', asked, incidentShape))
    })
  useEffect(() => {
    if (of !== null) look({ id: of })
  }, [])
  const title = found?.account.title ?? (of === null ? 'Incident' : `Incident ${of}`)
  return (
    <main>
      <Title name={title}>
        <Said>{title}</Said>
      </Title>
      <Ask of={of} look={look} isBusy={isBusy} />
      <Trouble of={refusal} />
      {found !== null && <Whole of={found} />}
      {found === null && refusal === null && of === null && !isBusy && (
        <>
          <Empty>
            <p>
              <strong>What happened, for whoever was not there.</strong> Name a hold, or the time in
              which it happened. In a terminal:{' '}
              <code>firebreak ledger incident --since 2h --out FOLDER</code>.
            </p>
          </Empty>
          <Last />
        </>
      )}
    </main>
  )
}

/** The newest holds: nobody knows an id by heart. */
function Last(): JSX.Element | null {
  const { found } = useReading(() => call('hold-list', { all: true }, holdList))
  if (found === null || found.length === 0) return null
  return (
    <section aria-labelledby="last">
      <h2 id="last">The last holds</h2>
      <ul class="plain">
        {found
          .toReversed()
          .slice(0, 20)
          .map(({ id, state, operation, target, principal, requestedAt }) => (
            <li key={id}>
              <a href={`#/incident/${id}`}>
                <Said>{operation}</Said> on <Said>{target}</Said>
              </a>{' '}
              <span class="quiet">
                <Said>{principal}</Said>, <At ms={requestedAt} />: {state}
              </span>
            </li>
          ))}
      </ul>
    </section>
  )
}

function Ask({
  of,
  look,
  isBusy,
}: {
  readonly of: string | null
  readonly look: (asked: JsonObject) => void
  readonly isBusy: boolean
}): JSX.Element {
  const form = useRef<HTMLFormElement>(null)
  const submit = (event: Event): void => {
    event.preventDefault()
    if (form.current !== null) look(askedIn(new FormData(form.current)))
  }
  return (
    <form ref={form} class="search" onSubmit={submit}>
      <div>
        <label for="id">A hold, or an action’s digest</label>
        <input id="id" name="id" value={of ?? ''} maxLength={300} spellcheck={false} />
      </div>
      <div>
        <label for="since">Or from (UTC)</label>
        <input id="since" name="since" type="datetime-local" />
      </div>
      <div>
        <label for="until">Until (UTC; now, where empty)</label>
        <input id="until" name="until" type="datetime-local" />
      </div>
      <button class="main" disabled={isBusy}>
        Tell it
      </button>
    </form>
  )
}

function askedIn(form: FormData): JsonObject {
  const text = (name: string): string => {
    const value = form.get(name)
    return typeof value === 'string' ? value.trim() : ''
  }
  const since = Date.parse(`${text('since')}Z`)
  if (Number.isNaN(since)) return { id: text('id') }
  const until = Date.parse(`${text('until')}Z`)
  // All of the minute that was named.
  return { since, until: Number.isNaN(until) ? Date.now() : until + 59_999 }
}

function Whole({ of: { account, text, files } }: { readonly of: Incident }): JSX.Element {
  const name = account.title.replaceAll(/[^\w-]+/g, '-').toLowerCase()
  return (
    <>
      {account.headlines.map((line) => (
        <p key={line} class="sum">
          <Said>{line}</Said>
        </p>
      ))}
      <p class="row onscreen">
        <button class="main" onClick={() => save(`${name}.tar`, tarOf(files, name))}>
          Download the bundle
        </button>
        <button onClick={() => save(`${name}.txt`, text)}>The story as text</button>
        <button onClick={() => window.print()}>Print</button>
      </p>
      {account.sections.map(
        ({ heading, lines }) =>
          lines.length > 0 && (
            <section key={heading}>
              <h2>
                <Said>{heading}</Said>
              </h2>
              <ul>
                {lines.map((line, nth) => (
                  <li key={nth}>
                    <Said>{line.text}</Said>
                    {line.index !== null && <Cited index={line.index} />}
                  </li>
                ))}
              </ul>
            </section>
          ),
      )}
      <Minutes of={account.timeline} />
      <p class="quiet">
        Each number is an entry of the ledger. The bundle has each of them with its proof;{' '}
        <code>firebreak ledger check</code> reads one without a server.
      </p>
    </>
  )
}

function Cited({ index }: { readonly index: number }): JSX.Element {
  return (
    <>
      {' '}
      <a href={`#/ledger/${index}`} aria-label={`Entry ${index}`}>
        [{index}]
      </a>
    </>
  )
}

function Minutes({ of }: { readonly of: Incident['account']['timeline'] }): JSX.Element {
  const minutes = Map.groupBy(of, ({ at }) => at.slice(0, 16))
  return (
    <section aria-labelledby="minutes">
      <h2 id="minutes">Minute by minute (UTC)</h2>
      <ol class="minutes">
        {[...minutes].map(([minute, lines]) => (
          <li key={minute}>
            <h3>
              <time dateTime={`${minute}Z`}>{minute.replace('T', ' ')}</time>
            </h3>
            <ul>
              {lines.map(({ index, at, line }) => (
                <li key={index}>
                  <span class="quiet">{at.slice(16, 19)}</span> <Said>{line}</Said>
                  <Cited index={index} />
                </li>
              ))}
            </ul>
          </li>
        ))}
      </ol>
    </section>
  )
}
