/** Copies a text, and says whether it has: a browser may refuse, and then a person copies by hand. */
import type { JSX } from 'preact'
import { Refusal } from './call.ts'
import { tell } from './notice.tsx'
import { Trouble } from './parts.tsx'
import { useWork } from './work.ts'

export function Copy({
  text,
  what,
}: {
  readonly text: string
  readonly what: string
}): JSX.Element {
  const { isBusy, refusal, run } = useWork()
  const copy = (): void =>
    run(async () => {
      try {
        await navigator.clipboard.writeText(text)
      } catch {
        throw new Refusal('not_copied', 'this browser does not let it be copied: mark it by hand')
      }
      tell(`copied: ${what}`)
    })
  return (
    <>
      <button type="button" disabled={isBusy} onClick={copy} aria-label={`Copy ${what}`}>
        Copy
      </button>
      <Trouble of={refusal} />
    </>
  )
}
