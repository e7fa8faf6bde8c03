/** Where recovery points lie: how full that is, what the second place is worth, how far WAL is received; and what weakens it. */
import type { ComponentChildren, JSX } from 'preact'
import type { Status } from './answers-vault.ts'
import { anything } from './answers.ts'
import { call } from './call.ts'
import { tell } from './notice.tsx'
import { At, Said, Trouble } from './parts.tsx'
import { count, sayBytes, sayDuration } from './say.ts'
import { mayAct } from './session.ts'
import { during } from './standing.ts'
import { useWork } from './work.ts'

export function Findings({ of }: { readonly of: Status['findings'] }): JSX.Element {
  return (
    <>
      {of.map(({ rule, message }) => (
        <p key={rule} class="box gone" role="note">
          <strong>
            <Said>{rule}</Said>:
          </strong>{' '}
          <Said>{message}</Said>
        </p>
      ))}
    </>
  )
}

export function Place({
  status: { room, offsite, wal },
  again,
}: {
  readonly status: Status
  readonly again: () => void
}): JSX.Element {
  return (
    <ul class="plain quiet">
      {room !== null && <Room room={room} />}
      <li>
        {offsite === null ? (
          <>
            no second place: <code>vault.bucket</code> names one that nobody here can delete from
          </>
        ) : (
          <Second offsite={offsite} again={again} />
        )}
      </li>
      {wal.map((one) => (
        <li key={one.target}>
          <Wal wal={one} />
        </li>
      ))}
    </ul>
  )
}

function Room({ room }: { readonly room: NonNullable<Status['room']> }): JSX.Element {
  const over = room.kept.filter(({ prunable }) => prunable).length
  return (
    <>
      <li>
        <Said>{room.place}</Said>: {sayBytes(room.bytes)}
        {room.quota !== null && <> of {sayBytes(room.quota)}</>}
        {room.free !== null && <>, {sayBytes(room.free)} free on the disk</>}
      </li>
      <li>
        {count(room.points, 'point')}; {sayBytes(room.plain)} lie there in {sayBytes(room.stored)}
        {over > 0 && (
          <>
            ; {over} may go: <code>firebreak vault prune</code>, as the owner of the store
          </>
        )}
      </li>
    </>
  )
}

function Second({
  offsite: { place, grade, at, waiting, trouble },
  again,
}: {
  readonly offsite: NonNullable<Status['offsite']>
  readonly again: () => void
}): JSX.Element {
  const { isBusy, refusal, run } = useWork()
  const attack = (): void =>
    run(async () => {
      await during(() => call('vault-grade', {}, anything))
      tell(`${place}: attacked with every credential`)
      again()
    })
  return (
    <>
      <Said>{place}</Said>:{' '}
      {grade === null ? 'no canary attack has shown what it is worth yet' : `grade ${grade}`}
      {at !== null && (
        <>
          , shown <At ms={at} />
        </>
      )}
      {waiting !== null && waiting > 0 && (
        <span class="waits">, {count(waiting, 'point')} not there yet</span>
      )}
      <No>{trouble}</No>{' '}
      {mayAct() && (
        <button class="small" disabled={isBusy} onClick={attack}>
          {isBusy ? 'Under way…' : 'Attack it now'}
        </button>
      )}
      <Trouble of={refusal} />
    </>
  )
}

function Wal({
  wal: { target, receives, durable, lagBytes, exposedMs, way, trouble, gap, offsite },
}: {
  readonly wal: Status['wal'][number]
}): JSX.Element {
  return (
    <>
      <Said>{target}</Said>:{' '}
      {receives ? (
        <>
          every byte of WAL is received, safe up to <Said>{durable}</Said>, {sayBytes(lagBytes)}{' '}
          behind
        </>
      ) : (
        <strong class="no">no WAL comes</strong>
      )}
      {exposedMs !== null && <>; all that was there {sayDuration(exposedMs)} ago is safe</>}
      {offsite !== null && (
        <>
          ;{' '}
          {offsite.exposedMs === null
            ? 'off site: not known yet'
            : `off site, all of ${sayDuration(offsite.exposedMs)} ago`}
          <No>{offsite.trouble}</No>
        </>
      )}
      {way === 'sql' && '; over SQL: replication is refused'}
      <No>{trouble}</No>
      <No>{gap}</No>
    </>
  )
}

function No({ children }: { readonly children: ComponentChildren & (string | null) }): JSX.Element {
  if (children === null) return <></>
  return (
    <strong class="no">
      {' '}
      <Said>{children}</Said>
    </strong>
  )
}
