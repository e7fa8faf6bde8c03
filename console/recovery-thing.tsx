/** How well one thing is kept, and a copy of it now. */
import type { JSX } from 'preact'
import type { Kept } from './answers-vault.ts'
import { anything } from './answers.ts'
import { call } from './call.ts'
import { tell } from './notice.tsx'
import { Said, Trouble } from './parts.tsx'
import { count, sayDuration, sayTime, visible } from './say.ts'
import { mayAct } from './session.ts'
import { during } from './standing.ts'
import { useWork } from './work.ts'

interface Props {
  readonly kept: Kept
  /** What a person calls it; null where only its key is known. */
  readonly name: string | null
  readonly again: () => void
}

/** Three copies, two media, one off site; locked; tried. */
export function Thing({ kept, name, again }: Props): JSX.Element {
  const { isBusy, refusal, run } = useWork()
  const backUp = (): void =>
    run(async () => {
      await during(() => call('vault-backup', { target: kept.of }, anything))
      tell(`${kept.of}: a recovery point is taken and read back`)
      again()
    })
  const laws = [
    [kept.copies >= 3, `${kept.copies} of 3 copies`],
    [kept.media >= 2, `${kept.media} of 2 media`],
    [kept.isOffSite, 'one off site'],
    [kept.lockedUntil !== null, 'one locked'],
    [kept.drilledAt !== null, 'tried'],
  ] as const
  return (
    <li class={kept.points === 0 ? 'box gone' : 'box'}>
      <p class="what">
        <Said>{name ?? kept.of}</Said>{' '}
        {kept.grade !== undefined && <span class="tag">{kept.grade}</span>}
      </p>
      {name !== null && (
        <p class="quiet">
          <Said>{kept.of}</Said>
        </p>
      )}
      <p>
        {kept.points === 0 ? (
          <strong class="no">No copy: what goes here is gone.</strong>
        ) : (
          <>
            {count(kept.points, 'point')}, the newest {sayDuration(kept.ageMs ?? 0)} old
            {kept.isStale && <strong class="no">: stale, the next is overdue</strong>}
          </>
        )}
      </p>
      <Facts kept={kept} />
      <ul class="laws" aria-label={`3-2-1 of ${kept.of}`}>
        {laws.map(([holds, said]) => (
          <li key={said} class={holds ? 'stays' : 'no'}>
            {holds ? '✓' : '✗'} {said}
          </li>
        ))}
      </ul>
      {mayAct() && (
        <button disabled={isBusy} onClick={backUp} aria-label={`Back up now: ${kept.of}`}>
          {isBusy ? 'Under way…' : 'Back up now'}
        </button>
      )}
      <Trouble of={refusal} />
    </li>
  )
}

/** What else is known of it, where anything is. */
function Facts({ kept: { lockedUntil, drilledAt, schema } }: Pick<Props, 'kept'>): JSX.Element {
  const facts = [
    ...(lockedUntil === null ? [] : [`locked until ${sayTime(lockedUntil)}`]),
    ...(drilledAt === null ? [] : [`a drill passed ${sayTime(drilledAt)}`]),
    ...(schema === null ? [] : [`schema ${visible(schema)}`]),
  ]
  return facts.length === 0 ? <></> : <p class="quiet">{facts.join('; ')}</p>
}
