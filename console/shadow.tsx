/** What was let pass in shadow mode, by the rule that would have stopped it: what enforcing would cost, before it does. */
import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { shadow as shadowShape } from './answers.ts'
import type { Shadow } from './answers.ts'
import { call } from './call.ts'
import { Ago, Empty, Said, Trouble } from './parts.tsx'
import { count } from './say.ts'
import { useWork } from './work.ts'

export function ShadowSection({ mode }: { readonly mode: string }): JSX.Element {
  const [seen, setSeen] = useState<Shadow | null>(null)
  const { isBusy, refusal, run } = useWork()
  const look = (before: number | null): void =>
    run(async () => setSeen(await call('shadow-list', { before }, shadowShape)))
  useEffect(() => look(null), [])
  return (
    <section aria-labelledby="shadow">
      <h2 id="shadow">What shadow mode saw</h2>
      <Trouble of={refusal} />
      {seen?.rules.length === 0 && <Nothing mode={mode} />}
      {seen !== null && seen.rules.length > 0 && <Seen of={seen} />}
      {seen !== null && (seen.next !== null || seen.to < seen.size) && (
        <p class="row">
          <span class="quiet">
            entries {seen.from} to {seen.to - 1} of {seen.size}
          </span>
          {seen.to < seen.size && (
            <button disabled={isBusy} onClick={() => look(null)}>
              The newest
            </button>
          )}
          {seen.next !== null && (
            <button disabled={isBusy} onClick={() => look(seen.next)}>
              Further back
            </button>
          )}
        </p>
      )}
    </section>
  )
}

function Nothing({ mode }: { readonly mode: string }): JSX.Element {
  return (
    <Empty>
      {mode === 'shadow' ? (
        <p>
          <strong>Nothing that a rule would stop has come by.</strong> Firebreak looks on: all
          passes, and what would have been held or refused is counted here.
        </p>
      ) : (
        <p>
          <strong>Nothing was let pass.</strong> The rules are enforced. To see first what they
          would stop, write <code>mode: shadow</code> into <code>firebreak.yaml</code>, then{' '}
          <code>firebreak accept</code>.
        </p>
      )}
    </Empty>
  )
}

function Seen({ of: { rules, passed } }: { readonly of: Shadow }): JSX.Element {
  return (
    <>
      <p>{count(passed, 'action')} passed that would have been stopped.</p>
      <table class="feed">
        <thead>
          <tr>
            <th scope="col">Rule</th>
            <th scope="col">Would have been</th>
            <th scope="col">What</th>
            <th scope="col">Who</th>
            <th scope="col">Last</th>
          </tr>
        </thead>
        <tbody>
          {rules.map(({ rule, message, held, denied, agents, operations, entry, at }) => (
            <tr key={rule}>
              <td>
                <strong>
                  <Said>{rule}</Said>
                </strong>{' '}
                <span class="quiet">
                  <Said>{message}</Said>
                </span>
              </td>
              <td>
                {held} held, {denied} refused
              </td>
              <td>
                <Said>{operations.join(', ')}</Said>
              </td>
              <td>
                <Said>{agents.join(', ')}</Said>
              </td>
              <td>
                <a href={`#/ledger/${entry}`}>
                  <Ago at={at} />
                </a>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  )
}
