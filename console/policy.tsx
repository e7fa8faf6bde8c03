/** Policy: the rules in force, each with what it is for and its own text; a text tried on them; and what shadow mode saw. */
import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { policy as policyShape } from './answers.ts'
import type { ReadPolicy } from './answers.ts'
import { call } from './call.ts'
import { Said, Title, Trouble } from './parts.tsx'
import { count } from './say.ts'
import { ShadowSection } from './shadow.tsx'
import { Try } from './try.tsx'
import { useWork } from './work.ts'

export function PolicyPage(): JSX.Element {
  const [read, setRead] = useState<ReadPolicy | null>(null)
  const { refusal, run } = useWork()
  useEffect(() => run(async () => setRead(await call('policy-read', {}, policyShape))), [])
  return (
    <main>
      <Title name="Policy">Policy</Title>
      <Trouble of={refusal} />
      <Try />
      {read !== null && (
        <>
          <ShadowSection mode={read.mode} />
          <Rules of={read} />
        </>
      )}
    </main>
  )
}

const sets = [
  ['guard', 'Denied, whoever asks'],
  ['hold', 'Waits for a person'],
  ['run', 'Runs without a person'],
  ['loosen', 'Holds that your own policies take away'],
] as const

function Rules({
  of: { set: digest, rules, issues, mode },
}: {
  readonly of: ReadPolicy
}): JSX.Element {
  const own = rules.filter((rule) => rule.own).length
  return (
    <section aria-labelledby="rules">
      <h2 id="rules">The rules in force</h2>
      <p class="quiet">
        {count(rules.length, 'rule')}, {own} of your own; mode <code>{mode}</code>; as a whole{' '}
        <code>{digest}</code>. The strictest answer counts.
      </p>
      {issues.map(({ level, file, line, message }) => (
        <p key={`${file}:${line} ${message}`} class={level === 'note' ? 'quiet' : 'waits'}>
          {level}: <Said>{`${file}:${line}: ${message}`}</Said>
        </p>
      ))}
      {sets.map(([name, title]) => (
        <Set key={name} title={title} rules={rules.filter(({ set }) => set === name)} />
      ))}
      <p class="quiet">
        Rules of your own go into the folder that <code>policies:</code> names in{' '}
        <code>firebreak.yaml</code>; <code>firebreak policy check</code> reads them first, and{' '}
        <code>firebreak accept</code> puts them in force.
      </p>
    </section>
  )
}

function Set({
  title,
  rules,
}: {
  readonly title: string
  readonly rules: ReadPolicy['rules']
}): JSX.Element | null {
  if (rules.length === 0) return null
  return (
    <>
      <h3>{title}</h3>
      {rules.map(({ id, own, says, message, asks, file, line, text }) => (
        <details key={id}>
          <summary>
            <strong>
              <Said>{id}</Said>
            </strong>{' '}
            <Said>{says}</Said> {own && <span class="tag">your own</span>}
          </summary>
          {message !== '' && message !== says && (
            <p>
              The agent is told: “<Said>{message}</Said>”
            </p>
          )}
          {asks.length > 0 && (
            <p>
              Asks for: <Said>{asks.join(', ')}</Said>
            </p>
          )}
          <p class="quiet">
            <Said>{`${file}:${line}`}</Said>
          </p>
          <pre tabIndex={0}>
            <Said>{text}</Said>
          </pre>
        </details>
      ))}
    </>
  )
}
