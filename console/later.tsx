/** Later: what was approved and has not run yet, with the time that is left to take it back; and what has run. */
import type { JSX } from 'preact'
import { holds as holdList } from './answers.ts'
import type { Hold } from './answers.ts'
import { call } from './call.ts'
import { clock, holds, reload } from './live.ts'
import { At, Empty, Said, Title, Trouble } from './parts.tsx'
import { sayCountdown } from './say.ts'
import { Undo } from './undo.tsx'
import { useReading } from './work.ts'

export function Later(): JSX.Element {
  const coming = (holds.value ?? [])
    .filter(({ state }) => ['approved', 'scheduled', 'executing'].includes(state))
    .toSorted((a, b) => (a.executesAt ?? 0) - (b.executesAt ?? 0))
  return (
    <main>
      <Title name="Later">Later</Title>
      {holds.value !== null && coming.length === 0 && (
        <Empty>
          <p>
            <strong>Nothing is scheduled.</strong> An approved delete runs after its grace window.
            Until then it stands here, and one press undoes it.
          </p>
        </Empty>
      )}
      <ul class="holds">
        {coming.map((hold) => (
          <Coming key={hold.id} hold={hold} />
        ))}
      </ul>
      <Ran />
    </main>
  )
}

function Coming({ hold }: { readonly hold: Hold }): JSX.Element {
  const { id, state, operation, target, principal, executesAt } = hold
  return (
    <li class="coming">
      <div>
        <a href={`#/hold/${id}`} class="what">
          <Said>{operation}</Said> on <Said>{target}</Said>
        </a>
        <p class="who">
          asked by <Said>{principal}</Said>
        </p>
      </div>
      {state === 'executing' || executesAt === null ? (
        <p class="count">{state}</p>
      ) : (
        <p>
          <span class="count" role="timer">
            {sayCountdown(executesAt - clock.value)}
          </span>{' '}
          left to undo <span class="quiet">(runs {<At ms={executesAt} />})</span>
        </p>
      )}
      {state !== 'executing' && <Undo hold={hold} again={() => void reload()} />}
    </li>
  )
}

/** The last that ran: what a recovery point holds of it comes back. */
function Ran(): JSX.Element {
  const { found: ran, refusal } = useReading(async () => {
    const all = await call('hold-list', { all: true }, holdList)
    return all.filter(({ state }) => state === 'executed' || state === 'failed').toReversed()
  })
  return (
    <section aria-labelledby="ran">
      <h2 id="ran">Has run</h2>
      <Trouble of={refusal} />
      {ran?.length === 0 && <p class="quiet">Nothing that was held has run yet.</p>}
      <ul class="plain">
        {(ran ?? []).slice(0, 20).map(({ id, state, operation, target, closing }) => (
          <li key={id}>
            <a href={`#/hold/${id}`}>
              <Said>{operation}</Said> on <Said>{target}</Said>
            </a>{' '}
            <span class={state === 'failed' ? 'no' : 'quiet'}>
              {state}
              {closing !== null && <Said>{`: ${closing}`}</Said>}
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}
