/** Doctor: what weakens this set-up, as far as the daemon sees it. Reads only. */
import type { JSX } from 'preact'
import { findings as findingsShape } from './answers-house.ts'
import { call } from './call.ts'
import { Channels } from './channels.tsx'
import { Said, Title, Trouble } from './parts.tsx'
import { mayAct } from './session.ts'
import { useReading } from './work.ts'

export function Doctor(): JSX.Element {
  const { found, refusal } = useReading(() => call('doctor', {}, findingsShape))
  return (
    <main>
      <Title name="Doctor">Doctor</Title>
      <Trouble of={refusal} />
      {found?.length === 0 && <p class="stays">Nothing found.</p>}
      <ul class="plain">
        {(found ?? []).map(({ rule, message }) => (
          <li key={`${rule} ${message}`} class="box gone">
            <strong>
              <Said>{rule}</Said>:
            </strong>{' '}
            <Said>{message}</Said>
          </li>
        ))}
      </ul>
      <p class="quiet">
        As whom agents run, and whether the config has changed since the daemon was started, it
        cannot see: <code>firebreak doctor</code> says that, run where an agent runs.
      </p>
      {mayAct() && <Channels />}
    </main>
  )
}
