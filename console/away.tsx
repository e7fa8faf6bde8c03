/** While somebody is away: their voice is lent to a viewer until the end of a day, and taken back. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { Approver } from './answers-people.ts'
import { anything } from './answers.ts'
import { tell } from './notice.tsx'
import { At, Said, Trouble } from './parts.tsx'
import { sayTime } from './say.ts'
import { isAdmin, mayAct, sitting } from './session.ts'
import { callSigned } from './sign.ts'
import { useWork } from './work.ts'

interface Props {
  readonly people: readonly Approver[]
  readonly done: () => void
}

const me = (): string => (sitting.value.kind === 'in' ? sitting.value.who.name : '')

export function Away({ people, done }: Props): JSX.Element {
  const mine = people.filter(
    ({ name, role, lent }) => role !== 'viewer' && lent === null && (isAdmin() || name === me()),
  )
  const viewers = people.filter((one) => one.role === 'viewer' && one.for === null)
  return (
    <section aria-labelledby="away">
      <h2 id="away">Away</h2>
      <p class="quiet">
        A viewer signs in the place of who is away, until the end of a day: holds, and what is
        halted or closed. The two are one voice, and people, grants and the config stay as they are.
      </p>
      {viewers.length === 0 || mine.length === 0 ? (
        <p>
          {viewers.length === 0
            ? 'There is no viewer to stand in: an admin invites one.'
            : 'Whoever may lend has lent.'}
        </p>
      ) : (
        <Lend key={`${mine.length} ${viewers.length}`} mine={mine} viewers={viewers} done={done} />
      )}
    </section>
  )
}

function Lend({
  mine,
  viewers,
  done,
}: {
  readonly mine: readonly Approver[]
  readonly viewers: readonly Approver[]
  readonly done: () => void
}): JSX.Element {
  const [name, setName] = useState(mine.find((one) => one.name === me())?.name ?? mine[0]?.name)
  const [to, setTo] = useState(viewers[0]?.name)
  const [day, setDay] = useState('')
  const { isBusy, refusal, run } = useWork()
  const lend = (event: Event): void => {
    event.preventDefault()
    const until = endOf(day)
    if (name === undefined || to === undefined || until === null) return
    run(async () => {
      const wish = { command: 'approver-delegate', input: { name, to, until }, approver: me() }
      await callSigned({ ...wish, seen: { what: ['delegate', name, to, until] } }, anything)
      tell(`${to} signs in the place of ${name} until ${sayTime(until)}`)
      done()
    })
  }
  return (
    <form onSubmit={lend} class="fields">
      <Choice id="away-name" label="Who is away" of={mine} value={name} set={setName} />
      <Choice id="away-to" label="Who signs instead" of={viewers} value={to} set={setTo} />
      <label for="away-until">Until the end of</label>
      <input
        id="away-until"
        type="date"
        required
        value={day}
        onInput={({ currentTarget }) => setDay(currentTarget.value)}
      />
      <button class="main" disabled={isBusy}>
        {isBusy ? 'Under way…' : 'Lend with your passkey'}
      </button>
      <Trouble of={refusal} />
    </form>
  )
}

function Choice({
  id,
  label,
  of,
  value,
  set,
}: {
  readonly id: string
  readonly label: string
  readonly of: readonly Approver[]
  readonly value: string | undefined
  readonly set: (name: string) => void
}): JSX.Element {
  return (
    <>
      <label for={id}>{label}</label>
      <select id={id} value={value} onChange={({ currentTarget }) => set(currentTarget.value)}>
        {of.map(({ name }) => (
          <option key={name}>{name}</option>
        ))}
      </select>
    </>
  )
}

/** At a person: who signs in their place, or in whose place they sign. */
export function Standing({
  one: { name, lent, for: place },
  done,
}: {
  readonly one: Approver
  readonly done: () => void
}): JSX.Element | null {
  const { isBusy, refusal, run } = useWork()
  const takeBack = (): void =>
    run(async () => {
      const wish = { command: 'approver-undelegate', input: { name }, approver: me() }
      await callSigned({ ...wish, seen: { what: ['undelegate', name] } }, anything)
      tell(`nobody signs in the place of ${name} any more`)
      done()
    })
  if (place !== null)
    return (
      <p>
        Signs in the place of <Said>{place.name}</Said> until <At ms={place.until} />.
      </p>
    )
  if (lent === null) return null
  return (
    <p class="row">
      <span>
        Away: <Said>{lent.to}</Said> signs in their place until <At ms={lent.until} />.
      </span>
      {(isAdmin() || (mayAct() && name === me())) && (
        <button disabled={isBusy} onClick={takeBack} aria-label={`Take back the voice of ${name}`}>
          Take back
        </button>
      )}
      <Trouble of={refusal} />
    </p>
  )
}

/** Of a day as a field of dates gives it, to its end as this browser counts days; null for none. */
function endOf(day: string): number | null {
  const [year, month, date] = day.split('-').map(Number)
  if (year === undefined || month === undefined || date === undefined) return null
  return new Date(year, month - 1, date + 1).getTime()
}
