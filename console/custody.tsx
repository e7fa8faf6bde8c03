/** Custody: which real credentials are kept, so that no agent has to; one comes in here and never comes out again. */
import type { JSX } from 'preact'
import { kept as keptShape, wanted as wantedShape } from './answers-house.ts'
import type { KeptCredential, WantedCredential } from './answers-house.ts'
import { anything } from './answers.ts'
import { call } from './call.ts'
import { AddCredential } from './custody-add.tsx'
import { LogIn } from './custody-login.tsx'
import { tell } from './notice.tsx'
import { At, Empty, Said, Title, Trouble } from './parts.tsx'
import { isAdmin, sitting } from './session.ts'
import { callSigned } from './sign.ts'
import { useReading, useWork } from './work.ts'

interface Found {
  readonly kept: readonly KeptCredential[]
  /** Null for whoever may not add one. */
  readonly wanted: readonly WantedCredential[] | null
}

export function Custody(): JSX.Element {
  const { found, refusal, again } = useReading(async (): Promise<Found> => {
    const [kept, wanted] = await Promise.all([
      call('custody-list', {}, keptShape),
      isAdmin() ? call('custody-wanted', {}, wantedShape) : null,
    ])
    return { kept, wanted }
  })
  return (
    <main>
      <Title name="Custody">Custody</Title>
      <Trouble of={refusal} />
      {found === null ? <p class="quiet">Asking…</p> : <Whole found={found} again={again} />}
    </main>
  )
}

function Whole({
  found: { kept, wanted },
  again,
}: {
  readonly found: Found
  readonly again: () => void
}): JSX.Element {
  const names = new Set(kept.map(({ target }) => target))
  const bare = (wanted ?? []).filter(({ name }) => !names.has(name))
  return (
    <>
      <section aria-labelledby="credentials">
        <h2 id="credentials">Kept</h2>
        {kept.length === 0 && (
          <Empty>
            <p>
              <strong>No credential is kept.</strong> What agents use now lies where they can read
              it. Move it here, and give them grants instead.
            </p>
          </Empty>
        )}
        <ul class="plain">
          {kept.map((one) => (
            <Row
              key={one.target}
              kept={one}
              goes={wanted?.find(({ name }) => name === one.target)?.goes ?? null}
              again={again}
            />
          ))}
        </ul>
      </section>
      {bare.length > 0 && (
        <section aria-labelledby="bare">
          <h2 id="bare">Not kept yet</h2>
          <ul class="plain">
            {bare.map(({ name, goes }) => (
              <li key={name} class="no">
                <Said>{name}</Said>: whatever needs it does not work; it would be sent to{' '}
                <Said>{goes}</Said>
              </li>
            ))}
          </ul>
        </section>
      )}
      {wanted === null ? (
        <p class="quiet">An admin adds and removes credentials. Nobody reads one here.</p>
      ) : (
        <>
          <LogIn wanted={wanted} again={again} />
          <AddCredential wanted={wanted} kept={names} again={again} />
        </>
      )}
    </>
  )
}

function Row({
  kept: { target, addedAt, addedBy, login },
  goes,
  again,
}: {
  readonly kept: KeptCredential
  readonly goes: string | null
  readonly again: () => void
}): JSX.Element {
  const { isBusy, refusal, run } = useWork()
  const remove = (): void =>
    run(async () => {
      const approver = sitting.value.kind === 'in' ? sitting.value.who.name : ''
      const wish = { command: 'custody-remove', input: { target }, approver }
      await callSigned({ ...wish, seen: { what: ['custody-remove', target] } }, anything)
      tell(`${target}: removed; whatever needs it works no more`)
      again()
    })
  return (
    <li class="point">
      <p>
        <strong>
          <Said>{target}</Said>
        </strong>{' '}
        <span aria-label="not shown to anybody">••••••••</span>, added by <Said>{addedBy}</Said>{' '}
        <At ms={addedAt} />
        {goes !== null && (
          <>
            ; sent to <Said>{goes}</Said>
          </>
        )}
        <Login of={login} />
      </p>
      {isAdmin() && (
        <button
          disabled={isBusy}
          onClick={remove}
          aria-label={`Remove with your passkey: ${target}`}
        >
          {isBusy ? 'Under way…' : 'Remove with your passkey'}
        </button>
      )}
      <Trouble of={refusal} />
    </li>
  )
}

/** Whether somebody has logged in for it, and what becomes of that. */
function Login({ of }: { readonly of: KeptCredential['login'] }): JSX.Element | null {
  if (of === null) return null
  if (of.deadSince !== null)
    return (
      <strong class="no">
        ; nothing renews it since <At ms={of.deadSince} />: log in again
      </strong>
    )
  return of.endsAt === null ? (
    <>; logged in</>
  ) : (
    <>
      ; logged in, until <At ms={of.endsAt} />
    </>
  )
}
