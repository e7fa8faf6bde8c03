/** Decisions: how often people are asked, how fast they answer, and what is always yes. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { decisions as shape } from './answers-decisions.ts'
import type { Decisions } from './answers-decisions.ts'
import { call } from './call.ts'
import { Copy } from './copy.tsx'
import { moves } from './live.ts'
import { At, Empty, Said, Title, Trouble } from './parts.tsx'
import { count, sayDuration } from './say.ts'
import { useReading } from './work.ts'

/** As the command line takes them. */
const [usualDays, mostDays] = [30, 365]

export function DecisionsPage(): JSX.Element {
  const [days, setDays] = useState(usualDays)
  const ask = async (): Promise<Answered> => ({
    days,
    told: await call('decisions', { days }, shape),
  })
  const { found, refusal } = useReading(ask, `${days} ${moves.value}`)
  return (
    <main>
      <Title name="Decisions">Decisions</Title>
      <Trouble of={refusal} />
      <Days days={days} set={setDays} />
      {found === null ? <p class="quiet">Asking…</p> : <Whole {...found} />}
    </main>
  )
}

interface Answered {
  readonly days: number
  readonly told: Decisions
}

/** What is no number of days yet is asked for when it is one. */
function Days({
  days,
  set,
}: {
  readonly days: number
  readonly set: (days: number) => void
}): JSX.Element {
  return (
    <p class="row">
      <label for="days-back">Days back</label>
      <input
        id="days-back"
        type="number"
        min="1"
        max={mostDays}
        required
        value={days}
        onInput={({ currentTarget }) => {
          if (currentTarget.checkValidity()) set(currentTarget.valueAsNumber)
        }}
      />
    </p>
  )
}

function Whole({ days, told }: Answered): JSX.Element {
  if (told.asked === 0)
    return (
      <Empty>
        <p>
          <strong>Nobody was asked anything in {count(days, 'day')}.</strong> What can be taken back
          goes through; what cannot is held, and how people answered stands here, so that a question
          that is always yes is seen before nobody reads it any more.
        </p>
      </Empty>
    )
  return (
    <>
      <p class="sum">
        {count(told.asked, 'question')}: {told.approved} approved, {told.denied} denied,{' '}
        {told.expired} nobody answered, {told.open} open
        {told.approvedPercent !== null && <>; {told.approvedPercent} % yes</>}
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
      <ByDay days={told.days} />
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
            <>
              <pre class="text" tabIndex={0} aria-label={`A rule for ${operation}`}>
                {rule}
              </pre>
              <Copy text={rule} what={`the rule for ${operation}`} />
            </>
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
              <th scope="col">Yes</th>
              <th scope="col">In the middle</th>
            </tr>
          </thead>
          <tbody>
            {classes.slice(0, mostClasses).map((one) => (
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
                <td>{one.approvedPercent === null ? 'open' : `${one.approvedPercent} %`}</td>
                <td>{sayTook(one.medianMs)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <More many={classes.length - mostClasses} />
    </section>
  )
}

const [mostClasses, mostRows] = [100, 60]

function ByDay({ days: rows }: Pick<Decisions, 'days'>): JSX.Element {
  const most = Math.max(1, ...rows.map(({ asked }) => asked))
  return (
    <section aria-labelledby="days">
      <h2 id="days">By day and agent</h2>
      <ul class="plain">
        {rows.slice(0, mostRows).map(({ day, agent, asked }) => (
          <li key={`${day} ${agent}`}>
            {day} <Said>{agent}</Said>{' '}
            <svg class="bar" viewBox="0 0 100 8" aria-hidden="true">
              <rect width={Math.max(2, (asked / most) * 100)} height="8" />
            </svg>{' '}
            {count(asked, 'question')}
          </li>
        ))}
      </ul>
      <More many={rows.length - mostRows} />
    </section>
  )
}

/** What does not stand here is said. */
function More({ many }: { readonly many: number }): JSX.Element | null {
  if (many <= 0) return null
  return (
    <p class="quiet">
      and {count(many, 'row')} more: <code>firebreak decisions</code>
    </p>
  )
}

function sayTook(ms: number | null): string {
  return ms === null ? 'no answer yet' : sayDuration(ms)
}
