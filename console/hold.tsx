/** Hold: in words and a picture what goes, who asks through whom, which way back there is; then yes or no. */
import type { ComponentChildren, JSX } from 'preact'
import { shownHold } from './answers.ts'
import type { Detail, ShownHold } from './answers.ts'
import { hexOf, sha256 } from './bytes.ts'
import { call, Refusal } from './call.ts'
import { Decide } from './decide.tsx'
import { canonical } from './json.ts'
import { clock, moves } from './live.ts'
import { At, Said, Title, Trouble } from './parts.tsx'
import { Radius } from './radius.tsx'
import { count, sayCountdown, sayTime, sayWindow } from './say.ts'
import { Settle } from './settle.tsx'
import { Undo } from './undo.tsx'
import { useReading } from './work.ts'

export function HoldPage({ id }: { readonly id: string }): JSX.Element {
  // Another hold's answer may still be under way: the newest question's counts.
  const {
    found: hold,
    refusal,
    again,
  } = useReading(async () => {
    const found = await call('hold-show', { id }, shownHold)
    if (hexOf(await sha256(found.text)) !== found.shown)
      throw new Refusal('odd_statement', 'this text is not what would be signed', 'sign nothing')
    return found
  }, `${id} ${moves.value}`)
  const shown = hold?.id === id ? hold : null
  return (
    <main>
      <Title name={`Hold ${id}`}>
        {shown === null ? <Said>{id}</Said> : <Said>{shown.operation}</Said>}
      </Title>
      <Trouble of={refusal} />
      {shown !== null && <Whole hold={shown} again={again} />}
    </main>
  )
}

function Whole({
  hold,
  again,
}: {
  readonly hold: ShownHold
  readonly again: () => void
}): JSX.Element {
  const { detail } = hold
  const waits = hold.state === 'approved' || hold.state === 'scheduled'
  return (
    <>
      <State hold={hold} />
      <Radius detail={detail} />
      <Calls detail={detail} />
      <Who detail={detail} />
      <WayBack hold={hold} />
      <Why detail={detail} />
      <section aria-labelledby="text">
        <h2 id="text">The text that an approval signs</h2>
        <pre class="text" tabIndex={0}>
          {hold.text}
        </pre>
      </section>
      {hold.state === 'open' && <Decide key={hold.id} hold={hold} again={again} />}
      {hold.lost !== null && <Settle hold={hold} again={again} />}
      {(waits || hold.state === 'executed') && <Undo hold={hold} again={again} />}
    </>
  )
}

function State({ hold }: { readonly hold: ShownHold }): JSX.Element {
  const { state, closing, short, lost, expiresAt, executesAt } = hold
  return (
    <div class={`state ${state}`}>
      <p>
        <strong>{state}</strong>
        {state === 'open' && (
          <>
            {' '}
            · {hold.approvals} of {hold.approvalsNeeded} approved · nobody’s answer is a refusal, in{' '}
            {sayCountdown(expiresAt - clock.value)}
          </>
        )}
        {(state === 'approved' || state === 'scheduled') && executesAt !== null && (
          <> · runs {sayTime(executesAt)}</>
        )}
        {closing !== null && (
          <>
            {' '}
            · <Said>{closing}</Said>
          </>
        )}
      </p>
      {[short, lost].map(
        (note) =>
          note !== null && (
            <p key={note} class="no">
              <Said>{note}</Said>
            </p>
          ),
      )}
      <p>
        <a href={`#/incident/${hold.id}`}>What happened, minute by minute</a>
      </p>
    </div>
  )
}

function Who({ detail: { principal, reason } }: { readonly detail: Detail }): JSX.Element {
  return (
    <section aria-labelledby="who">
      <h2 id="who">Who asks</h2>
      <ol class="chain">
        {[principal.name, ...principal.chain].map((name, at) => (
          <li key={`${at} ${name}`}>
            {at > 0 && <span class="quiet">for </span>}
            <Said>{name}</Said>
          </li>
        ))}
        <li>
          <span class="quiet">grant minted by </span>
          <Said>{principal.mintedBy}</Said>
        </li>
      </ol>
      {reason !== null && (
        <blockquote>
          <Said>{reason}</Said>
          <footer>the agent's own words, not checked</footer>
        </blockquote>
      )}
    </section>
  )
}

function Calls({ detail: { operations } }: { readonly detail: Detail }): JSX.Element {
  return (
    <section aria-labelledby="calls">
      <h2 id="calls">What would run</h2>
      {operations.slice(0, 30).map(({ name, target, effect, kinds, shown }, at) => (
        <div key={`${at} ${name}`} class="call">
          <p>
            <strong>
              <Said>{name}</Said>
            </strong>{' '}
            on <Said>{target}</Said> <span class="tag">{[effect, ...kinds].join(' · ')}</span>
          </p>
          <pre tabIndex={0}>
            <Said>{canonical(shown)}</Said>
          </pre>
        </div>
      ))}
      {operations.length > 30 && (
        <p class="no">and {count(operations.length - 30, 'operation')} more</p>
      )}
    </section>
  )
}

function WayBack({ hold: { detail } }: { readonly hold: ShownHold }): JSX.Element {
  const { points, needsRecoveryPoint, graceMs } = detail
  const none = needsRecoveryPoint
    ? 'A recovery point is taken and verified before it runs, or it does not run.'
    : 'No recovery point is asked for: what goes is gone.'
  return (
    <section aria-labelledby="back">
      <h2 id="back">The way back</h2>
      <dl>
        <dt>Recovery point</dt>
        <dd>
          {points.length === 0 && none}
          {points.map((one) => (
            <p key={one.id}>
              <span class="tag">{one.grade}</span> <Said>{one.id}</Said> ({one.engine}), taken{' '}
              <At ms={one.takenAt} />,{' '}
              {one.verifiedAt === null ? <strong>not verified</strong> : 'verified'}
            </p>
          ))}
        </dd>
        <dt>Last drill</dt>
        <dd>
          {points.every(({ drilledAt }) => drilledAt === null)
            ? 'none: nobody has tried to restore it'
            : points.map(
                ({ id, drilledAt }) =>
                  drilledAt !== null && (
                    <p key={id}>
                      passed <At ms={drilledAt} />
                    </p>
                  ),
              )}
        </dd>
        <dt>Grace</dt>
        <dd>
          {graceMs === 0
            ? 'none: it runs at once when approved'
            : `it runs ${sayWindow(graceMs)} after the approval; until then undo works`}
        </dd>
      </dl>
    </section>
  )
}

function Why({ detail: { findings, alternatives } }: { readonly detail: Detail }): JSX.Element {
  return (
    <section aria-labelledby="why">
      <h2 id="why">Why it is held</h2>
      <List of={findings.map(({ rule, message }) => `${message} (${rule})`)}>nothing is said</List>
      <h3>Instead</h3>
      <List of={alternatives}>no safer way is known</List>
    </section>
  )
}

function List({
  of,
  children,
}: {
  readonly of: readonly string[]
  readonly children: ComponentChildren
}): JSX.Element {
  if (of.length === 0) return <p class="quiet">{children}</p>
  return (
    <ul>
      {of.map((one) => (
        <li key={one}>
          <Said>{one}</Said>
        </li>
      ))}
    </ul>
  )
}
