/** Backups, drills and restores under way, and how far each is. */
import type { JSX } from 'preact'
import { Said } from './parts.tsx'
import { sayStanding, useRunning } from './standing.ts'

export function UnderWay({ over }: { readonly over: () => void }): JSX.Element | null {
  const running = useRunning(over)
  if (running.length === 0) return null
  return (
    <section aria-labelledby="under-way" class="box">
      <h2 id="under-way">Under way</h2>
      <ul class="plain">
        {running.map((one) => (
          <li key={one.thing}>
            <Said>{one.thing}</Said>: {sayStanding(one)}{' '}
            {one.total !== null && (
              <progress
                aria-label={`How far: ${one.thing}`}
                max={Math.max(1, one.total)}
                value={Math.min(one.bytes, one.total)}
              />
            )}
          </li>
        ))}
      </ul>
    </section>
  )
}
