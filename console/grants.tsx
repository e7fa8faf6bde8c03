/** Grants: what agents hold instead of the real credential; minted by a passkey, narrowed by anybody who has one, revoked by a press. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { anything, grants as grantsShape } from './answers.ts'
import type { Grant } from './answers.ts'
import { call } from './call.ts'
import { Copy } from './copy.tsx'
import { Mint } from './grant-mint.tsx'
import { Narrow } from './grant-narrow.tsx'
import { clock } from './live.ts'
import { tell } from './notice.tsx'
import { At, Empty, Said, Title, Trouble } from './parts.tsx'
import { sayDuration, sayTime } from './say.ts'
import { mayAct } from './session.ts'
import { useReading, useWork } from './work.ts'

export function Grants(): JSX.Element {
  const { found, refusal, again } = useReading(() => call('grant-list', {}, grantsShape))
  const [fresh, setFresh] = useState<string | null>(null)
  const isLive = ({ revokedAt, expiresAt }: Grant): boolean =>
    revokedAt === null && expiresAt > clock.value
  const live = (found ?? []).filter(isLive).toReversed()
  const over = (found ?? []).filter((one) => !isLive(one)).toReversed()
  return (
    <main>
      <Title name="Grants">Grants</Title>
      <Trouble of={refusal} />
      <section aria-labelledby="in-force">
        <h2 id="in-force">In force</h2>
        {found?.length === 0 && (
          <Empty>
            <p>
              <strong>No agent holds anything.</strong> Mint the first below, and give it to the
              agent in the place of the token that it has now.
            </p>
          </Empty>
        )}
        {found !== null && found.length > 0 && live.length === 0 && (
          <p class="quiet">None: every grant is over or revoked.</p>
        )}
        <ul class="plain">
          {live.map((one) => (
            <Row key={one.id} grant={one} again={again} />
          ))}
        </ul>
      </section>
      {fresh !== null && <Fresh grant={fresh} done={() => setFresh(null)} />}
      {mayAct() && (
        <Mint
          minted={(grant) => {
            setFresh(grant)
            again()
          }}
        />
      )}
      <Narrow />
      {over.length > 0 && (
        <section aria-labelledby="over">
          <h2 id="over">Over</h2>
          <ul class="plain quiet">
            {over.slice(0, 50).map((one) => (
              <li key={one.id}>
                <Said>{one.principal}</Said>, <Said>{one.id}</Said>:{' '}
                {one.revokedAt === null ? 'expired' : 'revoked'}{' '}
                <At ms={one.revokedAt ?? one.expiresAt} />
              </li>
            ))}
          </ul>
        </section>
      )}
    </main>
  )
}

function Row({ grant, again }: { readonly grant: Grant; readonly again: () => void }): JSX.Element {
  const { id, principal, mintedBy, mintedAt, expiresAt, note, caveats } = grant
  const { isBusy, refusal, run } = useWork()
  const revoke = (): void =>
    run(async () => {
      await call('grant-revoke', { id }, anything)
      tell(`${principal}: the grant and all that was narrowed from it are revoked`)
      again()
    })
  return (
    <li class="point">
      <p>
        <strong>
          <Said>{principal}</Said>
        </strong>{' '}
        for {sayDuration(expiresAt - clock.value)} more; minted by <Said>{mintedBy}</Said>{' '}
        <At ms={mintedAt} />
        {note !== '' && (
          <>
            {' '}
            · <Said>{note}</Said>
          </>
        )}
      </p>
      <ul class="laws" aria-label={`What it is bound to: ${principal}`}>
        {caveats.map((one) => (
          <li key={one}>
            <Said>{one}</Said>
          </li>
        ))}
      </ul>
      {mayAct() && (
        <button
          disabled={isBusy}
          onClick={revoke}
          aria-label={`Revoke the grant of ${principal}, minted ${sayTime(mintedAt)}`}
        >
          Revoke
        </button>
      )}
      <Trouble of={refusal} />
    </li>
  )
}

/** Shown once: it is kept nowhere. */
function Fresh({
  grant,
  done,
}: {
  readonly grant: string
  readonly done: () => void
}): JSX.Element {
  return (
    <section aria-labelledby="fresh" class="box">
      <h2 id="fresh">The grant, once</h2>
      <p>Give it to the agent now. It is not kept here, and nobody can read it again.</p>
      <pre class="text" tabIndex={0}>
        {grant}
      </pre>
      <p class="row">
        <Copy text={grant} what="the grant" />
        <button onClick={done}>It is handed over</button>
      </p>
    </section>
  )
}
