/** Map: from credentials to ways back, drawn, the worst on top; and the same as a table, for whoever does not see it. */
import type { JSX } from 'preact'
import { map as mapShape } from './answers-map.ts'
import type { ReachMap } from './answers-map.ts'
import { call } from './call.ts'
import { Drawing } from './drawing.tsx'
import { At, Empty, Said, Title, Trouble } from './parts.tsx'
import { count } from './say.ts'
import { useReading } from './work.ts'

export function MapPage(): JSX.Element {
  const { found: map, refusal } = useReading(async () => await call('map', {}, mapShape))
  return (
    <main>
      <Title name="Map">Map</Title>
      <Trouble of={refusal} />
      {map !== null && <Whole of={map} />}
    </main>
  )
}

function Whole({ of: map }: { readonly of: ReachMap }): JSX.Element {
  const bare = map.things.filter(({ point }) => point === null)
  const unasked = map.grants.filter(({ reach }) => reach.some(({ worst }) => worst === 'runs'))
  return (
    <>
      <p>
        {count(unasked.length, 'grant')} could destroy something without a person;{' '}
        {count(bare.length, 'known thing')} without a way back outside. Things are known from what
        was held and what is kept: others may be there. What waits for a person waits by the default
        rules: <a href="#/policy">Policy</a> has those of your own that take a hold away.
      </p>
      {map.grants.length === 0 && (
        <Empty>
          <p>
            <strong>No grant is in force.</strong> No agent reaches anything through Firebreak until{' '}
            <code>firebreak grant mint AGENT …</code> gives it one.
          </p>
        </Empty>
      )}
      <div class="scroll" tabIndex={0} role="region" aria-label="The map, drawn">
        <Drawing of={map.drawn} />
      </div>
      <Reach of={map} />
      <section aria-labelledby="things">
        <h2 id="things">Known things</h2>
        {map.things.length === 0 && (
          <p class="quiet">None yet: a hold measures them, and so does a recovery point.</p>
        )}
        <ul class="plain">
          {map.things.map(({ key, type, name, environment, point, grade }) => (
            <li key={key}>
              <span class="quiet">
                <Said>{type}</Said>
              </span>{' '}
              <strong>
                <Said>{name}</Said>
              </strong>
              {environment !== null && (
                <>
                  {' in '}
                  <Said>{environment}</Said>
                </>
              )}
              :{' '}
              {point === null ? (
                <span class="no">no way back outside</span>
              ) : (
                <>
                  <span class="tag">{grade}</span> <Said>{point}</Said>
                </>
              )}
            </li>
          ))}
        </ul>
      </section>
    </>
  )
}

const worsts = {
  reads: ['nothing: it reads', 'quiet'],
  held: ['what destroys waits for a person', 'waits'],
  runs: ['what destroys runs unasked', 'no'],
} as const

function Reach({ of: { grants } }: { readonly of: ReachMap }): JSX.Element {
  return (
    <section aria-labelledby="reach">
      <h2 id="reach">What each grant could at worst do</h2>
      <table class="feed">
        <thead>
          <tr>
            <th scope="col">Grant</th>
            <th scope="col">Operations</th>
            <th scope="col">Where</th>
            <th scope="col">At worst</th>
          </tr>
        </thead>
        <tbody>
          {grants.flatMap(({ id, principal, operations, expiresAt, reach, bare }) =>
            reach.map(({ target, environment, worst }) => (
              <tr key={`${id} ${target} ${environment}`} class={worsts[worst][1]}>
                <td>
                  <Said>{principal}</Said>{' '}
                  <span class="quiet">
                    until <At ms={expiresAt} />
                  </span>
                </td>
                <td>
                  <Said>{operations.join(', ')}</Said>
                </td>
                <td>
                  <Said>{`${target}, ${environment}`}</Said>
                </td>
                <td>
                  {worsts[worst][0]}
                  {bare > 0 && worst !== 'reads' && ` (${count(bare, 'thing')} without a way back)`}
                </td>
              </tr>
            )),
          )}
        </tbody>
      </table>
    </section>
  )
}
