/** Drills: how long it takes to be back, and how much would have been lost, each time that somebody tried. */
import type { JSX } from 'preact'
import { drills as drillsShape } from './answers-vault.ts'
import type { Drill, Drills } from './answers-vault.ts'
import { call } from './call.ts'
import { At, Said, Trouble } from './parts.tsx'
import { count, sayDuration } from './say.ts'
import { useReading } from './work.ts'

const mostShown = 100

/** `last`: when the newest drill was; the ledger is looked through again when that is another. */
export function DrillHistory({ last }: { readonly last: number }): JSX.Element {
  const { found, refusal } = useReading(() => call('vault-drills', {}, drillsShape), last)
  return (
    <section aria-labelledby="drills">
      <h2 id="drills">Drills</h2>
      <Trouble of={refusal} />
      {found !== null && <Whole told={found} />}
    </section>
  )
}

function Whole({ told: { drills, isWhole } }: { readonly told: Drills }): JSX.Element {
  if (drills.length === 0)
    return (
      <p class="no">
        Nobody has restored any of these. A copy that was never restored is a hope: press Drill on
        one, or give <code>drill: 7d</code> in the config.
      </p>
    )
  return (
    <>
      <Line drills={drills} />
      <Table drills={drills.slice(0, mostShown)} />
      {drills.length > mostShown && (
        <p class="quiet">
          and {count(drills.length - mostShown, 'drill')} before:{' '}
          <code>firebreak vault drills</code>
        </p>
      )}
      {!isWhole && (
        <p class="quiet">
          The ledger is long: of older drills, only the last of each point is here.
        </p>
      )}
    </>
  )
}

const [width, height, edge] = [1000, 120, 14]

/** RTO over time, each drill a bar as high as it took; what failed stands at full height. */
function Line({ drills }: { readonly drills: readonly Drill[] }): JSX.Element {
  const oldest = drills.at(-1)?.at ?? 0
  const span = Math.max(1, (drills[0]?.at ?? 0) - oldest)
  const longest = Math.max(1, ...drills.map(({ rtoMs }) => rtoMs ?? 0))
  const high = height - 2 * edge - 8
  const failed = drills.filter(({ passed }) => !passed).length
  return (
    <svg
      class="line"
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-label={`${count(drills.length, 'drill')}, ${failed} failed; the longest took ${sayDuration(longest)}; each stands in the table below`}
    >
      {drills.map(({ at, point, passed, rtoMs }) => {
        const tall = passed ? Math.max(3, ((rtoMs ?? 0) / longest) * high) : high
        const x = edge + ((at - oldest) / span) * (width - 2 * edge - 8)
        return (
          <rect
            key={`${at} ${point}`}
            class={passed ? 'tried' : 'bad'}
            x={x}
            y={height - edge - 6 - tall}
            width="8"
            height={tall}
          />
        )
      })}
      <text x={edge} y={edge}>
        {sayDuration(longest)} to be back
      </text>
    </svg>
  )
}

function Table({ drills }: { readonly drills: readonly Drill[] }): JSX.Element {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Drills, the newest first">
      <table>
        <thead>
          <tr>
            <th scope="col">When</th>
            <th scope="col">Of</th>
            <th scope="col">Point</th>
            <th scope="col">Came of it</th>
            <th scope="col">Back after (RTO)</th>
            <th scope="col">Behind by (RPO)</th>
          </tr>
        </thead>
        <tbody>
          {drills.map(({ at, point, of, passed, rtoMs, rpoMs, wrong }) => (
            <tr key={`${at} ${point}`} class={passed ? '' : 'no'}>
              <td>
                <At ms={at} />
              </td>
              <td>{of === null ? 'the point is gone' : <Said>{of}</Said>}</td>
              <td>
                <Said>{point}</Said>
              </td>
              <td>
                {passed ? 'passed' : 'FAILED'}
                {wrong !== null && (
                  <>
                    : <Said>{wrong}</Said>
                  </>
                )}
              </td>
              <td>{rtoMs !== null && sayDuration(rtoMs)}</td>
              <td>{rpoMs !== null && sayDuration(rpoMs)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
