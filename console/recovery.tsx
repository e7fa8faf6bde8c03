/** Recovery: how well each thing is kept, what points there are, whether anybody has tried them, and the way back. */
import type { JSX } from 'preact'
import { points as pointsShape, status as statusShape } from './answers-vault.ts'
import type { Kept, Listed, Point, Status } from './answers-vault.ts'
import { anything } from './answers.ts'
import { call } from './call.ts'
import { tell } from './notice.tsx'
import { Empty, Said, Title, Trouble } from './parts.tsx'
import { PointRow } from './recovery-point.tsx'
import { Drills, Timeline } from './recovery-line.tsx'
import { count, sayBytes, sayDuration } from './say.ts'
import { mayAct } from './session.ts'
import { useReading, useWork } from './work.ts'

interface Found {
  readonly status: Status
  readonly listed: readonly Listed[]
}

export function Recovery(): JSX.Element {
  const { found, refusal, again } = useReading(async (): Promise<Found> => {
    const [status, listed] = await Promise.all([
      call('vault-status', {}, statusShape),
      call('vault-list', {}, pointsShape),
    ])
    return { status, listed }
  })
  return (
    <main>
      <Title name="Recovery">Recovery</Title>
      <Trouble of={refusal} />
      {found === null ? <p class="quiet">Asking…</p> : <Whole found={found} again={again} />}
    </main>
  )
}

function Whole({
  found: { status, listed },
  again,
}: {
  readonly found: Found
  readonly again: () => void
}): JSX.Element {
  const whole = listed.filter((one): one is Point => !('why' in one))
  const broken = listed.filter((one) => 'why' in one)
  // Those without a copy first, then those with most against them.
  const kept = status.kept.toSorted(
    (a, b) => a.copies - b.copies || b.problems.length - a.problems.length,
  )
  return (
    <>
      {broken.map((one) => (
        <p key={one.id} class="box gone" role="note">
          <strong>
            <Said>{one.id}</Said> is damaged:
          </strong>{' '}
          <Said>{'why' in one ? one.why : ''}</Said>
        </p>
      ))}
      <section aria-labelledby="kept">
        <h2 id="kept">How each thing is kept</h2>
        {kept.length === 0 && (
          <Empty>
            <p>
              <strong>Nothing is kept yet.</strong> <code>firebreak protect URL</code> finds the
              best way for a database, takes a first recovery point and restores it once. Folders
              are named under <code>vault.sources</code>.
            </p>
          </Empty>
        )}
        <ul class="kept">
          {kept.map((one) => (
            <Thing key={one.of} kept={one} again={again} />
          ))}
        </ul>
        <Place status={status} />
      </section>
      {whole.length > 0 && (
        <>
          <Timeline points={whole} />
          <Drills points={whole} />
          <section aria-labelledby="points">
            <h2 id="points">Recovery points</h2>
            <ul class="plain">
              {whole
                .toSorted((a, b) => b.takenAt - a.takenAt)
                .slice(0, 100)
                .map((one) => (
                  <PointRow key={one.id} point={one} again={again} />
                ))}
            </ul>
            {whole.length > 100 && (
              <p class="quiet">
                and {count(whole.length - 100, 'point')} more: <code>firebreak vault list</code>
              </p>
            )}
          </section>
        </>
      )}
    </>
  )
}

/** Three copies, two media, one off site; locked; tried. */
function Thing({ kept, again }: { readonly kept: Kept; readonly again: () => void }): JSX.Element {
  const { isBusy, refusal, run } = useWork()
  const backUp = (): void =>
    run(async () => {
      await call('vault-backup', { target: kept.of }, anything)
      tell(`${kept.of}: a recovery point is taken and read back`)
      again()
    })
  const laws = [
    [kept.copies >= 3, `${kept.copies} of 3 copies`],
    [kept.media >= 2, `${kept.media} of 2 media`],
    [kept.isOffSite, 'one off site'],
    [kept.lockedUntil !== null, 'one locked'],
    [kept.drilledAt !== null, 'tried'],
  ] as const
  return (
    <li class={kept.points === 0 ? 'box gone' : 'box'}>
      <p class="what">
        <Said>{kept.of}</Said> {kept.grade !== undefined && <span class="tag">{kept.grade}</span>}
      </p>
      <p>
        {kept.points === 0 ? (
          <strong class="no">No copy: what goes here is gone.</strong>
        ) : (
          <>
            {count(kept.points, 'point')}, the newest {sayDuration(kept.ageMs ?? 0)} old
          </>
        )}
      </p>
      <ul class="laws" aria-label={`3-2-1 of ${kept.of}`}>
        {laws.map(([holds, said]) => (
          <li key={said} class={holds ? 'stays' : 'no'}>
            {holds ? '✓' : '✗'} {said}
          </li>
        ))}
      </ul>
      {mayAct() && (
        <button disabled={isBusy} onClick={backUp} aria-label={`Back up now: ${kept.of}`}>
          {isBusy ? 'Under way…' : 'Back up now'}
        </button>
      )}
      <Trouble of={refusal} />
    </li>
  )
}

function Place({ status: { room, offsite, wal } }: { readonly status: Status }): JSX.Element {
  return (
    <ul class="plain quiet">
      {room !== null && (
        <li>
          <Said>{room.place}</Said>: {sayBytes(room.bytes)}
          {room.quota !== null && <> of {sayBytes(room.quota)}</>}
          {room.free !== null && <>, {sayBytes(room.free)} free on the disk</>}
        </li>
      )}
      <li>
        {offsite === null ? (
          <>
            no second place: <code>vault.bucket</code> names one that nobody here can delete from
          </>
        ) : (
          <>
            <Said>{offsite.place}</Said>: grade {offsite.grade ?? 'not known yet'}
            {offsite.trouble !== null && (
              <strong class="no">
                {' '}
                <Said>{offsite.trouble}</Said>
              </strong>
            )}
          </>
        )}
      </li>
      {wal.map(({ target, receives, exposedMs, trouble }) => (
        <li key={target}>
          <Said>{target}</Said>:{' '}
          {receives ? 'every byte of WAL is received' : <strong class="no">no WAL comes</strong>}
          {exposedMs !== null && <>, {sayDuration(exposedMs)} behind</>}
          {trouble !== null && (
            <>
              {' '}
              <Said>{trouble}</Said>
            </>
          )}
        </li>
      ))}
    </ul>
  )
}
