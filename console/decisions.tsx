/** Decisions: how often people are asked, how fast they answer, and what is always yes. */
import type { JSX } from 'preact'
import { decisions as shape } from './answers-decisions.ts'
import type { Decisions } from './answers-decisions.ts'
import { call } from './call.ts'
import { At, Empty, Said, Title, Trouble } from './parts.tsx'
import { count, sayDuration } from './say.ts'
import { useReading } from './work.ts'

const days = 30

export function DecisionsPage(): JSX.Element {
  const { found, refusal } = useReading(() => call('decisions', { days }, shape))
  return (
    <main>
      <Title name="Decisions">Decisions</Title>
      <Trouble of={refusal} />
      {found === null ? <p class="quiet">Asking…</p> : <Whole told={found} />}
    </main>
  )
}

function Whole({ told }: { readonly told: Decisions }): JSX.Element {
  if (told.asked === 0)
    return (
      <Empty>
        <p>
          <strong>Nobody was asked anything in {days} days.</strong> What can be taken back goes
          through; what cannot is held, and how people answered stands here, so that a question that
          is always yes is seen before nobody reads it any more.
        </p>
      </Empty>
    )
  return (
    <>
      <p class="sum">
        {count(told.asked, 'question')}: {told.approved} approved, {told.denied} denied,{' '}
        {told.expired} nobody answered, {told.open} open
      </p>
      <p>
        Time to decide: {sayTook(told.medianMs)} in the middle, {sayTook(told.p90Ms)} for nine of
        ten.
        {!told.isWhole && (
          <>
            {' '}
            The ledger is long: counted since <At ms={told.since} />.
          </>
        )}
      </p>
      <Advice classes={told.classes} />
      <Classes classes={told.classes} />
      <Days days={told.days} />
    </>
  )
}

function Advice({ classes }: Pick<Decisions, 'classes'>): JSX.Element | null {
  const spoken = classes.filter(({ advice }) => advice !== null)
  if (spoken.length === 0) return null
  return (
    <section aria-labelledby="always">
      <h2 id="always">Always yes</h2>
      {spoken.map(({ agent, operation, target, advice, rule }) => (
        <div key={`${agent} ${operation} ${target}`} class="box">
          <p class="what">
            <Said>{operation}</Said> on <Said>{target}</Said>, by <Said>{agent}</Said>
          </p>
          <p>
            <Said>{advice ?? ''}</Said>
          </p>
          {rule !== null && (
            <pre class="text" tabIndex={0} aria-label={`A rule for ${operation}`}>
              {rule}
            </pre>
          )}
        </div>
      ))}
    </section>
  )
}

function Classes({ classes }: Pick<Decisions, 'classes'>): JSX.Element {
  return (
    <section aria-labelledby="classes">
      <h2 id="classes">By agent and operation</h2>
      <div
        class="scroll"
        tabIndex={0}
        role="region"
        aria-label="What was asked, the most asked first"
      >
        <table>
          <thead>
            <tr>
              <th scope="col">Agent</th>
              <th scope="col">What</th>
              <th scope="col">Asked</th>
              <th scope="col">Approved</th>
              <th scope="col">Denied</th>
              <th scope="col">Unanswered</th>
              <th scope="col">In the middle</th>
            </tr>
          </thead>
          <tbody>
            {classes.slice(0, 100).map((one) => (
              <tr key={`${one.agent} ${one.operation} ${one.target}`}>
                <td>
                  <Said>{one.agent}</Said>
                </td>
                <td>
                  <Said>{one.operation}</Said> on <Said>{one.target}</Said>
                </td>
                <td>{one.asked}</td>
                <td>{one.approved}</td>
                <td>{one.denied}</td>
                <td>{one.expired}</td>
                <td>{sayTook(one.medianMs)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}

function Days({ days: rows }: Pick<Decisions, 'days'>): JSX.Element {
  const most = Math.max(1, ...rows.map(({ asked }) => asked))
  return (
    <section aria-labelledby="days">
      <h2 id="days">By day and agent</h2>
      <ul class="plain">
        {rows.slice(0, 60).map(({ day, agent, asked }) => (
          <li key={`${day} ${agent}`}>
            {day} <Said>{agent}</Said>{' '}
            <svg class="bar" viewBox="0 0 100 8" aria-hidden="true">
              <rect width={Math.max(2, (asked / most) * 100)} height="8" />
            </svg>{' '}
            {count(asked, 'question')}
          </li>
        ))}
      </ul>
    </section>
  )
}

function sayTook(ms: number | null): string {
  return ms === null ? 'no answer yet' : sayDuration(ms)
}
