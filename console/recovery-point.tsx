/** One recovery point: read it back, restore it for trial, or restore it where it shall live. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { drilled, restored, verified } from './answers-vault.ts'
import type { Point } from './answers-vault.ts'
import { call } from './call.ts'
import type { JsonObject } from './json.ts'
import { tell } from './notice.tsx'
import { At, Said, Trouble } from './parts.tsx'
import { nameOf } from './recovery-line.tsx'
import { sayBytes, sayDuration } from './say.ts'
import { mayAct, sitting } from './session.ts'
import { callSigned } from './sign.ts'
import { useWork } from './work.ts'

interface Props {
  readonly point: Point
  readonly again: () => void
}

export function PointRow({ point, again }: Props): JSX.Element {
  const { id, engine, takenAt, bytes, grade, verifiedAt, drill } = point
  const { isBusy, refusal, run } = useWork()
  const [isOpen, setOpen] = useState(false)
  const verify = (): void =>
    run(async () => {
      const { whole, wrong, lastGood, instead } = await call('vault-verify', { id }, verified)
      const other =
        instead ?? (lastGood === null ? 'no other is known' : `the last good one: ${lastGood}`)
      tell(whole ? `${id} is whole` : `${id} is NOT whole: ${wrong ?? ''}; ${other}`)
      again()
    })
  const trial = (): void =>
    run(async () => {
      const { passed, wrong, rtoMs } = await call('vault-drill', { id }, drilled)
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

/** Into a database that is empty, or a folder that is: what lives is not written over. */
function Restore({ point, again }: Props): JSX.Element {
  const { id, engine } = point
  const [place, setPlace] = useState('')
  const { isBusy, refusal, run } = useWork()
  const isFolder = engine !== 'logical'
  const restore = (event: Event): void => {
    event.preventDefault()
    const who = sitting.value.kind === 'in' ? sitting.value.who.name : ''
    run(async () => {
      const where = isFolder ? { folder: place, into: null } : { folder: null, into: place }
      const nothing = { before: null, schema: null, time: null, lsn: null, name: null }
      const input: JsonObject = { id, ...where, ...nothing, tables: [], trust: false }
      const seen = { what: ['restore', { ...input, point: id }] }
      const wish = { command: 'vault-restore', input, approver: who, seen }
      tell((await callSigned(wish, restored)).done.join('; '))
      again()
    })
  }
  return (
    <form onSubmit={restore} class="box">
      <label for={`into-${id}`}>
        {isFolder
          ? 'Into which folder of the daemon’s machine (a whole path, empty or not there yet)'
          : 'Into which database of the same server (empty)'}
      </label>
      <input
        id={`into-${id}`}
        value={place}
        onInput={({ currentTarget }) => setPlace(currentTarget.value)}
        required
        autocomplete="off"
        autocapitalize="none"
        spellcheck={false}
      />
      <button class="main" disabled={isBusy}>
        {isBusy ? 'Under way…' : 'Restore with your passkey'}
      </button>
      <p class="quiet">
        A moment, single tables or another server: <code>firebreak restore --help</code>
      </p>
      <Trouble of={refusal} />
    </form>
  )
}
