/** The ways to people: a test by each, and what each answered. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type * as v from 'valibot'
import { tested as testedShape } from './answers-house.ts'
import { call } from './call.ts'
import { Said, Trouble } from './parts.tsx'
import { useWork } from './work.ts'

export function Channels(): JSX.Element {
  const [tested, setTested] = useState<v.InferOutput<typeof testedShape> | null>(null)
  const { isBusy, refusal, run } = useWork()
  const test = (): void => run(async () => setTested(await call('notify-test', {}, testedShape)))
  return (
    <section aria-labelledby="channels">
      <h2 id="channels">Ways to people</h2>
      <button disabled={isBusy} onClick={test}>
        {isBusy ? 'Under way…' : 'Send a test by each'}
      </button>
      <div role="status">
        {tested?.length === 0 && (
          <p class="no">
            Nobody is told: the config has no <code>notify</code>.
          </p>
        )}
        <ul class="plain">
          {(tested ?? []).map(({ channel, taken, said }) => (
            <li key={channel} class={taken ? '' : 'no'}>
              <Said>{channel}</Said>: {taken ? 'taken' : 'NOT TAKEN'}, <Said>{said}</Said>
            </li>
          ))}
        </ul>
      </div>
      <Trouble of={refusal} />
    </section>
  )
}
