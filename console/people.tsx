/** People: who may say yes, with which keys, and who is signed in. */
import type { JSX } from 'preact'
import { approvers, passkeys, sessions } from './answers-people.ts'
import type { Approver, Key, Seat } from './answers-people.ts'
import { anything } from './answers.ts'
import { Away, Standing } from './away.tsx'
import { call } from './call.ts'
import { Invite } from './invite.tsx'
import { tell } from './notice.tsx'
import { At, Said, Title, Trouble } from './parts.tsx'
import { count, sayTime } from './say.ts'
import { isAdmin, mayAct, sitting } from './session.ts'
import { callSigned } from './sign.ts'
import { useReading, useWork } from './work.ts'

interface Found {
  readonly people: readonly Approver[]
  readonly keys: readonly Key[]
  /** Admins see who is signed in. */
  readonly seats: readonly Seat[]
}

export function People(): JSX.Element {
  const { found, refusal, again } = useReading(async (): Promise<Found> => {
    const [people, keys, seats] = await Promise.all([
      call('approver-list', {}, approvers),
      call('passkey-list', {}, passkeys),
      isAdmin() ? call('session-list', {}, sessions) : [],
    ])
    return { people, keys, seats }
  })
  return (
    <main>
      <Title name="People">People</Title>
      <Trouble of={refusal} />
      {found === null ? (
        <p class="quiet">Asking…</p>
      ) : (
        <>
          <section aria-labelledby="enrolled">
            <h2 id="enrolled">Enrolled</h2>
            <ul class="plain">
              {found.people.map((one) => (
                <Person key={one.name} one={one} found={found} again={again} />
              ))}
            </ul>
          </section>
          {mayAct() && <Away people={found.people} done={again} />}
          {mayAct() && <Invite done={again} />}
          {isAdmin() && <Seats seats={found.seats} again={again} />}
        </>
      )}
    </main>
  )
}

function Person({
  one,
  found: { keys },
  again,
}: {
  readonly one: Approver
  readonly found: Found
  readonly again: () => void
}): JSX.Element {
  const { name, role, enrolledAt, enrolledBy } = one
  const { isBusy, refusal, run } = useWork()
  const own = keys.filter((key) => key.name === name)
  const me = sitting.value.kind === 'in' ? sitting.value.who.name : ''
  const remove = (): void =>
    run(async () => {
      const wish = { command: 'approver-remove', input: { name }, approver: me }
      await callSigned({ ...wish, seen: { what: ['remove', name] } }, anything)
      tell(
        `${name} signs nothing any more, and what they signed for what has not run counts no more`,
      )
      again()
    })
  const drop = (id: string): void =>
    run(async () => {
      const wish = { command: 'passkey-remove', input: { name, id }, approver: me }
      await callSigned({ ...wish, seen: { what: ['passkey-remove', name, id] } }, anything)
      tell(`that passkey of ${name} signs nothing any more`)
      again()
    })
  const isMine = me === name
  return (
    <li class="point">
      <p>
        <strong>
          <Said>{name}</Said>
        </strong>{' '}
        <span class="tag">{role}</span> since <At ms={enrolledAt} />
        {enrolledBy === null ? (
          ', the first'
        ) : (
          <>
            , by <Said>{enrolledBy}</Said>
          </>
        )}
        ; {own.length === 0 ? 'one-time codes' : count(own.length, 'passkey')}
      </p>
      <Standing one={one} done={again} />
      <ul class="plain">
        {own.map((key) => (
          <li key={key.id} class="row">
            <span>
              passkey <Said>{key.id.slice(0, 12)}</Said>…, made <At ms={key.addedAt} />
              {key.usedAt === null ? (
                ', never used'
              ) : (
                <>
                  , used <At ms={key.usedAt} />
                </>
              )}
            </span>
            {(isMine ? mayAct() : isAdmin()) && (
              <button
                disabled={isBusy}
                onClick={() => drop(key.id)}
                aria-label={`Take away the passkey ${key.id.slice(0, 12)} of ${name}`}
              >
                Take away
              </button>
            )}
          </li>
        ))}
      </ul>
      {isAdmin() && (
        <button disabled={isBusy} onClick={remove} aria-label={`Remove ${name}`}>
          Remove
        </button>
      )}
      <Trouble of={refusal} />
    </li>
  )
}

function Seats({
  seats,
  again,
}: {
  readonly seats: readonly Seat[]
  readonly again: () => void
}): JSX.Element {
  const { isBusy, refusal, run } = useWork()
  const end = (who: string): void =>
    run(async () => {
      await call('session-end', { who }, anything)
      again()
    })
  return (
    <section aria-labelledby="seats">
      <h2 id="seats">Signed in</h2>
      <ul class="plain">
        {seats.map(({ id, name, since, until }) => (
          <li key={id} class="row">
            <span>
              <Said>{name}</Said> since <At ms={since} />, until <At ms={until} />
            </span>
            <button
              disabled={isBusy}
              onClick={() => end(id)}
              aria-label={`Sign out ${name}, there since ${sayTime(since)}`}
            >
              Sign out
            </button>
          </li>
        ))}
      </ul>
      <Trouble of={refusal} />
    </section>
  )
}
