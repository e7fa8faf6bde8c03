/** One recovery point: until when it is kept; read it back, restore it for trial, or restore it where it shall live. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { drilled, verified } from './answers-vault.ts'
import type { Point } from './answers-vault.ts'
import { call } from './call.ts'
import { tell } from './notice.tsx'
import { At, Said, Trouble } from './parts.tsx'
import { nameOf } from './recovery-line.tsx'
import { Restore } from './recovery-restore.tsx'
import { sayBytes, sayDuration } from './say.ts'
import { mayAct } from './session.ts'
import { during } from './standing.ts'
import { useWork } from './work.ts'

interface Props {
  readonly point: Point
  /** Until when it is kept, and why. */
  readonly fate: string | null
  readonly again: () => void
}

export function PointRow({ point, fate, again }: Props): JSX.Element {
  const { id, engine, takenAt, bytes, grade, verifiedAt, drill } = point
  const { isBusy, refusal, run } = useWork()
  const [isOpen, setOpen] = useState(false)
  const verify = (): void =>
    run(async () => {
      const { whole, wrong, lastGood, instead } = await during(() =>
        call('vault-verify', { id }, verified),
      )
      const other =
        instead ?? (lastGood === null ? 'no other is known' : `the last good one: ${lastGood}`)
      tell(whole ? `${id} is whole` : `${id} is NOT whole: ${wrong ?? ''}; ${other}`)
      again()
    })
  const trial = (): void =>
    run(async () => {
      const { passed, wrong, rtoMs } = await during(() => call('vault-drill', { id }, drilled))
      const took = rtoMs === null ? '' : ` in ${sayDuration(rtoMs)}`
      tell(passed ? `${id} was restored for trial${took}` : `the drill FAILED: ${wrong.join('; ')}`)
      again()
    })
  return (
    <li class="point">
      <p>
        <span class="tag">{grade}</span> <Said>{id}</Said> of <Said>{nameOf(point)}</Said> ({engine}
        , {sayBytes(bytes)}), taken <At ms={takenAt} />,{' '}
        {verifiedAt === null ? <strong class="no">not verified</strong> : 'verified'},{' '}
        {drill === null ? (
          'no drill yet'
        ) : drill.passed ? (
          'drill passed'
        ) : (
          <strong class="no">drill FAILED</strong>
        )}
        {fate !== null && <span class="quiet">; {fate}</span>}
      </p>
      {mayAct() && (
        <p class="row">
          <button disabled={isBusy} onClick={verify} aria-label={`Read back ${id}`}>
            Read back
          </button>
          <button disabled={isBusy} onClick={trial} aria-label={`Drill ${id}`}>
            Drill
          </button>
          <button
            disabled={isBusy}
            aria-expanded={isOpen}
            onClick={() => setOpen(!isOpen)}
            aria-label={`Restore ${id}`}
          >
            Restore…
          </button>
          {isBusy && <span class="quiet">under way…</span>}
        </p>
      )}
      <Trouble of={refusal} />
      {isOpen && <Restore point={point} again={again} />}
    </li>
  )
}
