/** Recovery points on a time line. */
import type { JSX } from 'preact'
import type { Point } from './answers-vault.ts'
import { clock } from './live.ts'
import { count, sayDuration, visible } from './say.ts'

const [width, left, step] = [1000, 10, 34]
/** Within a line each is told apart; older ones lie closer together, as their age matters less. */
const mostRows = 20

export function Timeline({ points }: { readonly points: readonly Point[] }): JSX.Element {
  const all = [...new Set(points.map(nameOf))]
  const sources = all.slice(0, mostRows)
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
        aria-label={`${points.length} recovery points of ${all.length} things; each stands in the list below`}
      >
        {sources.map((source, row) => (
          <g key={source}>
            <text x={left} y={row * step + 14}>
              {visible(source.slice(0, 80))}
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
        {all.length > mostRows && <>{count(all.length - mostRows, 'thing')} more below. </>}
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
