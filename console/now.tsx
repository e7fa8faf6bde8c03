/** Now: what waits for a person, on top; who does what; and what comes by. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { anything } from './answers.ts'
import type { Hold } from './answers.ts'
import { call } from './call.ts'
import { nothingYet } from './feed.ts'
import type { Agent, Line, Picture } from './feed.ts'
import { useKeys } from './keys.ts'
import { alarms, clock, holds, picture, reload } from './live.ts'
import { Ago, Empty, Said, Title, Trouble } from './parts.tsx'
import { TellHere } from './push.tsx'
import { count, sayCountdown, sayTime } from './say.ts'
import { mayAct } from './session.ts'
import { Changed, Closed } from './waits.tsx'
import { useWork } from './work.ts'

export function Now(): JSX.Element {
  return (
    <main>
      <Title name="Now">Now</Title>
      <Changed />
      <Waiting />
      <Alarms />
      <Closed />
      <Stream />
      <TellHere />
    </main>
  )
}

function Waiting(): JSX.Element {
  const open = holds.value?.filter(({ state }) => state === 'open') ?? null
  useKeys({ j: () => step(1), k: () => step(-1) })
  return (
    <section aria-labelledby="waiting">
      <h2 id="waiting">Waits for a person</h2>
      {open === null && <p class="quiet">Asking…</p>}
      {open?.length === 0 && (
        <Empty>
          <p>
            <strong>Nothing waits.</strong> Reads and ordinary writes go through unasked. What
            cannot be taken back stops here, and you say yes or no.
          </p>
        </Empty>
      )}
      {open !== null && open.length > 0 && (
        <ul class="holds">
          {open.map((one) => (
            <Card key={one.id} hold={one} />
          ))}
        </ul>
      )}
    </section>
  )
}

function Card({ hold }: { readonly hold: Hold }): JSX.Element {
  const { id, operation, target, goes, principal, requestedAt, expiresAt } = hold
  return (
    <li>
      <a class="hold" href={`#/hold/${id}`}>
        <span class="what">
          <Said>{operation}</Said> on <Said>{target}</Said>
        </span>
        {goes !== '' && (
          <span class="goes">
            <Said>{goes}</Said>
          </span>
        )}
        <span class="who">
          <Said>{principal}</Said> asks, <Ago at={requestedAt} />
        </span>
        <span class="left">
          {hold.approvals} of {hold.approvalsNeeded} approved · refused in{' '}
          {sayCountdown(expiresAt - clock.value)}
        </span>
      </a>
    </li>
  )
}

/** From hold to hold, without the mouse. */
function step(by: 1 | -1): void {
  const all = [...document.querySelectorAll<HTMLElement>('a.hold')]
  const at = all.findIndex((one) => one === document.activeElement)
  const next = at === -1 && by === -1 ? all.length - 1 : at + by
  all[Math.min(all.length - 1, Math.max(0, next))]?.focus()
}

function Alarms(): JSX.Element | null {
  const { isBusy, refusal, run } = useWork()
  const seen = (): void =>
    run(async () => {
      await call('alarm-seen', {}, anything)
      await reload()
    })
  if (alarms.value.length === 0) return null
  return (
    <section aria-labelledby="alarms">
      <h2 id="alarms">Alarms</h2>
      <ul class="plain">
        {alarms.value.slice(-20).map(({ id, at, rule, message }) => (
          <li key={id} class="no">
            <Ago at={at} /> <strong>{rule}</strong> <Said>{message}</Said>
          </li>
        ))}
      </ul>
      <p class="row">
        {mayAct() && (
          <button disabled={isBusy} onClick={seen}>
            Seen: take them down
          </button>
        )}
        <span class="quiet">{count(alarms.value.length, 'alarm')} not seen yet</span>
      </p>
      <Trouble of={refusal} />
    </section>
  )
}

function Stream(): JSX.Element {
  const [stopped, setStopped] = useState<Picture | null>(null)
  const [agent, setAgent] = useState<string | null>(null)
  const [isGrave, setGrave] = useState(false)
  const shown = stopped ?? picture.value
  const toggle = (): void => setStopped(stopped === null ? picture.value : null)
  useKeys({ p: toggle })
  const lines = (isGrave ? shown.grave : shown.lines).filter(
    (line) => agent === null || line.agent === agent,
  )
  return (
    <section aria-labelledby="stream">
      <h2 id="stream">Comes by</h2>
      {shown === nothingYet || shown.total === 0 ? (
        <Empty>
          <p>
            <strong>Nothing has come by since this page was opened.</strong> Point an agent at the
            gateway with a grant (<code>firebreak grant mint AGENT …</code>), and each of its
            actions shows here within a second.
          </p>
        </Empty>
      ) : (
        <>
          <Agents agents={shown.agents} chosen={agent} choose={setAgent} />
          <p class="row">
            <button aria-pressed={isGrave} onClick={() => setGrave(!isGrave)}>
              Only what is grave
            </button>
            <button aria-pressed={stopped !== null} onClick={toggle}>
              Stand still
            </button>
            <span class="quiet">{count(shown.total, 'action')} since this page was opened</span>
          </p>
          <Lines lines={lines} />
        </>
      )}
    </section>
  )
}

function Agents({
  agents,
  chosen,
  choose,
}: {
  readonly agents: readonly Agent[]
  readonly chosen: string | null
  readonly choose: (name: string | null) => void
}): JSX.Element {
  return (
    <ul class="agents" aria-label="Agents, the busiest first">
      {agents.slice(0, 12).map(({ name, minute, refused, held }) => (
        <li key={name}>
          <button
            aria-pressed={chosen === name}
            onClick={() => choose(chosen === name ? null : name)}
          >
            <Said>{name}</Said> <span class="quiet">{minute} a minute</span>
            {held > 0 && <span class="waits">{held} held</span>}
            {refused > 0 && <span class="no">{refused} refused</span>}
          </button>
        </li>
      ))}
    </ul>
  )
}

function Lines({ lines }: { readonly lines: readonly Line[] }): JSX.Element {
  if (lines.length === 0) return <p class="quiet">Nothing of that kind among the last.</p>
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="The last actions">
      <table class="feed">
        <thead>
          <tr>
            <th scope="col">When</th>
            <th scope="col">Who</th>
            <th scope="col">What</th>
            <th scope="col">Where</th>
            <th scope="col">Became</th>
          </tr>
        </thead>
        <tbody>
          {lines.map((line) => (
            <tr key={line.key} class={line.tone}>
              <td>{sayTime(line.at).slice(11)}</td>
              <td>
                <Said>{line.agent}</Said>
              </td>
              <td>
                <Said>{line.operation}</Said>
              </td>
              <td>
                <Said>{line.target}</Said>
              </td>
              <td>
                {line.hold === null ? line.said : <a href={`#/hold/${line.hold}`}>{line.said}</a>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
