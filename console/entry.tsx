/** One entry of the ledger, whole: shown from the bytes that this browser has proven, and from nothing else. */
import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { entryProof } from './answers.ts'
import type { EntryProof } from './answers.ts'
import { call } from './call.ts'
import { heldKey, holdKey } from './ledger-key.ts'
import { Said, Title, Trouble } from './parts.tsx'
import { prove } from './proof.ts'
import type { Proved } from './proof.ts'
import { save } from './save.ts'
import { count } from './say.ts'
import { useWork } from './work.ts'

interface Shown {
  readonly told: EntryProof
  /** What was proven; else why it was not. */
  readonly proved: Proved | string
}

export function EntryPage({ index }: { readonly index: number }): JSX.Element {
  const [shown, setShown] = useState<Shown | null>(null)
  const { refusal, run } = useWork()
  const key = heldKey.value
  const read = (): void =>
    run(async () => {
      const told = await call('ledger-proof', { index }, entryProof)
      if (heldKey.value === null) holdKey(told.verifier)
      setShown({ told, proved: await provenOr(told.receipt, heldKey.value ?? '', index) })
    })
  useEffect(read, [key])
  const size = shown?.told.size ?? 0
  return (
    <main>
      <Title name={`Entry ${index}`}>Entry {index}</Title>
      <nav class="row" aria-label="Entries">
        <a href="#/ledger">All entries</a>
        {index > 0 && <a href={`#/ledger/${index - 1}`}>The one before</a>}
        {index + 1 < size && <a href={`#/ledger/${index + 1}`}>The next</a>}
      </nav>
      <Trouble of={refusal} />
      {shown !== null && key !== null && shown.told.verifier !== key && (
        <OtherKey held={key} told={shown.told.verifier} />
      )}
      {shown !== null &&
        (typeof shown.proved === 'string' ? (
          <div class="trouble" role="alert">
            <p>
              <strong>Not proven:</strong> <Said>{shown.proved}</Said>. Nothing of it is shown.
            </p>
            <p class="hint">
              <code>firebreak ledger verify</code> looks at the whole ledger.
            </p>
          </div>
        ) : (
          <Proven proved={shown.proved} told={shown.told} />
        ))}
    </main>
  )
}

async function provenOr(receipt: string, key: string, index: number): Promise<Proved | string> {
  try {
    const proved = await prove(receipt, key)
    return proved.index === index ? proved : `the daemon answered with entry ${proved.index}`
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : String(thrown)
  }
}

function Proven({
  proved,
  told,
}: {
  readonly proved: Proved
  readonly told: EntryProof
}): JSX.Element {
  const { index, entry, leafHash, steps, root, size, origin } = proved
  const { subject } = entry
  return (
    <>
      <section class="proof" aria-labelledby="proof">
        <h2 id="proof">Proven in this browser</h2>
        <ol>
          <li>
            The bytes of the entry have the hash <code>{leafHash}</code>.
          </li>
          <li>
            By {count(steps, 'hash', 'hashes')} of its neighbours it is entry {index} under the root{' '}
            <code>{root}</code>.
          </li>
          <li>
            <Said>{origin}</Said> has signed that root over {count(size, 'entry', 'entries')}.
          </li>
        </ol>
        <p class="quiet">
          Held to the key <code>{heldKey.value}</code>. Compare it once with what{' '}
          <code>firebreak ledger key</code> prints on the machine.
        </p>
        <button onClick={() => save(`firebreak-entry-${index}.tlog-proof`, told.receipt)}>
          Download the receipt
        </button>{' '}
        <span class="quiet">
          <code>firebreak ledger check</code> reads it without a server.
        </span>
      </section>
      {told.flaw !== null && (
        <p class="trouble" role="alert">
          The entry is as it was signed, but the passkey’s word in it does not hold:{' '}
          <Said>{told.flaw}</Said>
        </p>
      )}
      {typeof subject === 'string' && subject.startsWith('hold_') && (
        <p>
          <a href={`#/hold/${subject}`}>The hold that it is about</a>, and{' '}
          <a href={`#/incident/${subject}`}>all of it as an incident</a>
        </p>
      )}
      <section aria-labelledby="whole">
        <h2 id="whole">The entry</h2>
        <pre tabIndex={0}>
          <Said>{JSON.stringify(entry, null, 2)}</Said>
        </pre>
      </section>
    </>
  )
}

/** Either the daemon has a new key, or this is not the ledger that it was. */
function OtherKey({ held, told }: { readonly held: string; readonly told: string }): JSX.Element {
  return (
    <div class="trouble" role="alert">
      <p>
        <strong>The daemon names another key than this browser has held it to.</strong> If nobody
        has set Firebreak up anew, somebody else signs this ledger.
      </p>
      <p>
        Held: <code>{held}</code>
        <br />
        Named now:{' '}
        <code>
          <Said>{told}</Said>
        </code>
      </p>
      <p>
        On the machine, <code>firebreak ledger key</code> prints the right one.{' '}
        <button onClick={() => holdKey(told)}>It prints the one named now: hold it to that</button>
      </p>
    </div>
  )
}
