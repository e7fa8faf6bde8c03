/** Recovery points on a time line, and what trying them has shown. */
import type { JSX } from 'preact'
import type { Point } from './answers-vault.ts'
import { clock } from './live.ts'
import { At, Said } from './parts.tsx'
import { sayDuration } from './say.ts'

const [width, left, step] = [1000, 10, 34]
/** Within a line each is told apart; older ones lie closer together, as their age matters less. */
const mostRows = 20

export function Timeline({ points }: { readonly points: readonly Point[] }): JSX.Element {
  const sources = [...new Set(points.map(nameOf))].slice(0, mostRows)
  const oldest = Math.max(60_000, ...points.map(({ takenAt }) => clock.value - takenAt))
  const x = (takenAt: number): number => {
    const age = Math.max(0, clock.value - takenAt)
    return (
      width - left - (Math.log1p(age / 60_000) / Math.log1p(oldest / 60_000)) * (width - 2 * left)
    )
  }
  const height = sources.length * step + 24
  return (
    <section aria-labelledby="line">
      <h2 id="line">Time line</h2>
      <svg
        class="line"
        viewBox={`0 0 ${width} ${height}`}
        role="img"
        aria-label={`${points.length} recovery points of ${sources.length} things; each stands in the list below`}
      >
        {sources.map((source, row) => (
          <g key={source}>
            <text x={left} y={row * step + 14}>
              {source.slice(0, 80)}
            </text>
            <line x1={left} x2={width - left} y1={row * step + 24} y2={row * step + 24} />
            {points
              .filter((one) => nameOf(one) === source)
              .map((one) => (
                <circle
                  key={one.id}
                  class={markOf(one)}
                  cx={x(one.takenAt)}
                  cy={row * step + 24}
                  r={one.drill?.passed === true ? 7 : 5}
                />
              ))}
          </g>
        ))}
        <text x={left} y={height - 2}>
          {sayDuration(oldest)} ago
        </text>
        <text x={width - left} y={height - 2} text-anchor="end">
          now
        </text>
      </svg>
      <p class="quiet legend">
        <span class="tried">●</span> tried and restored <span class="whole">●</span> read back whole{' '}
        <span class="open">○</span> not verified <span class="bad">●</span> a trial failed
      </p>
    </section>
  )
}

export function nameOf({ source, covers, engine }: Point): string {
  const [first] = covers
  return source ?? (first === undefined ? engine : `${first.target}/${first.type}/${first.id}`)
}

function markOf({ drill, verifiedAt }: Point): string {
  if (drill !== null) return drill.passed ? 'tried' : 'bad'
  return verifiedAt === null ? 'open' : 'whole'
}

/** How long it takes to be back, and how much of the newest is not in it, drill by drill. */
export function Drills({ points }: { readonly points: readonly Point[] }): JSX.Element {
  const tried = points
    .flatMap((one) => (one.drill === null ? [] : [{ ...one.drill, id: one.id, of: nameOf(one) }]))
    .toSorted((a, b) => b.at - a.at)
    .slice(0, 30)
  const longest = Math.max(1, ...tried.map(({ rtoMs }) => rtoMs ?? 0))
  return (
    <section aria-labelledby="drills">
      <h2 id="drills">Drills</h2>
      {tried.length === 0 ? (
        <p class="no">
          Nobody has restored any of these. A copy that was never restored is a hope: press Drill on
          one, or give <code>drill: 7d</code> in the config.
        </p>
      ) : (
        <div class="scroll" tabIndex={0} role="region" aria-label="Drills, the newest first">
          <table>
            <thead>
              <tr>
                <th scope="col">When</th>
                <th scope="col">Of</th>
                <th scope="col">Came of it</th>
                <th scope="col">Back after (RTO)</th>
                <th scope="col">Behind by (RPO)</th>
              </tr>
            </thead>
            <tbody>
              {tried.map(({ id, of, at, passed, rtoMs, rpoMs }) => (
                <tr key={id} class={passed ? '' : 'no'}>
                  <td>
                    <At ms={at} />
                  </td>
                  <td>
                    <Said>{of}</Said>
                  </td>
                  <td>{passed ? 'passed' : 'FAILED'}</td>
                  <td>
                    {rtoMs !== null && (
                      <>
                        <svg class="bar" viewBox="0 0 100 8" aria-hidden="true">
                          <rect width={Math.max(1, (rtoMs / longest) * 100)} height="8" />
                        </svg>{' '}
                        {sayDuration(rtoMs)}
                      </>
                    )}
                  </td>
                  <td>{rpoMs !== null && sayDuration(rpoMs)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  )
}
