/** A restore where it shall live: what it will do is said before it is pressed. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { restored } from './answers-vault.ts'
import type { Point } from './answers-vault.ts'
import type { JsonObject } from './json.ts'
import { tell } from './notice.tsx'
import { Said, Trouble } from './parts.tsx'
import { nameOf } from './recovery-line.tsx'
import { sayBytes, sayDuration, sayTime } from './say.ts'
import { sitting } from './session.ts'
import { callSigned } from './sign.ts'
import { during } from './standing.ts'
import { useWork } from './work.ts'

interface Props {
  readonly point: Point
  readonly again: () => void
}

/** Into a database that is empty, or a folder that is: what lives is not written over. */
export function Restore({ point, again }: Props): JSX.Element {
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
      tell((await during(() => callSigned(wish, restored))).done.join('; '))
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
      <p id={`does-${id}`}>
        <Said>{sayRestore(point, place)}</Said>
      </p>
      <button class="main" disabled={isBusy} aria-describedby={`does-${id}`}>
        {isBusy ? 'Under way…' : 'Restore with your passkey'}
      </button>
      <p class="quiet">
        A moment, single tables or another server: <code>firebreak restore --help</code>
      </p>
      <Trouble of={refusal} />
    </form>
  )
}

/** What it will do, and what not, in a sentence. */
export function sayRestore(point: Point, place: string): string {
  const { engine, bytes, takenAt, verifiedAt, drill } = point
  const what = `${sayBytes(bytes)} of ${nameOf(point)}, as it was at ${sayTime(takenAt)}`
  const took =
    drill?.passed === true && drill.rtoMs !== null
      ? `; a drill of it took ${sayDuration(drill.rtoMs)}`
      : '; nobody has restored it for trial'
  const doubt = verifiedAt === null ? ', and it is not verified' : ''
  if (engine === 'logical')
    return `This writes ${what}, into the empty database ${place || '…'} on the same server; no other database is touched${took}${doubt}.`
  const where = `into the folder ${place || '…'}, which must be empty or not there yet`
  if (engine === 'physical')
    return `This writes a whole cluster (${what}, and then all WAL that was received since) ${where}; you start it yourself, and what runs now is not touched${took}${doubt}.`
  return `This writes ${what}, ${where}; what lives now is not touched${took}${doubt}.`
}
