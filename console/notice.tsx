/** What has just been done, in a line that a screen reader says too. */
import { signal } from '@preact/signals'
import type { JSX } from 'preact'
import { Said } from './parts.tsx'

const notice = signal<string | null>(null)

export function tell(line: string | null): void {
  notice.value = line
}

/** Always there, or a screen reader would not hear it change. */
export function Notice(): JSX.Element {
  return (
    <div class="notice" role="status">
      {notice.value !== null && (
        <p>
          <Said>{notice.value}</Said>{' '}
          <button class="small" onClick={() => tell(null)}>
            Close
          </button>
        </p>
      )}
    </div>
  )
}
