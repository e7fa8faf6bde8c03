/** The whole ledger checked by the daemon, as `firebreak ledger verify` does: every entry, hash and signature, and the state against it. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type * as v from 'valibot'
import { checkedLedger } from './answers-house.ts'
import { call } from './call.ts'
import { Said, Trouble } from './parts.tsx'
import { count } from './say.ts'
import { useWork } from './work.ts'

export function CheckAll(): JSX.Element {
  const [told, setTold] = useState<v.InferOutput<typeof checkedLedger> | null>(null)
  const { isBusy, refusal, run } = useWork()
  const check = (): void => run(async () => setTold(await call('ledger-verify', {}, checkedLedger)))
  return (
    <>
      <p class="row">
        <button disabled={isBusy} onClick={check}>
          {isBusy ? 'Under way…' : 'Check all of it'}
        </button>
        {told !== null && (
          <span role="status" class={told.ok ? 'stays' : 'no'}>
            {told.ok
              ? `${count(told.size, 'entry', 'entries')}, all whole, as the daemon says`
              : `NOT whole: ${count(told.faults.length, 'fault')}`}
          </span>
        )}
      </p>
      {told !== null && (
        <ul>
          {told.faults.slice(0, 50).map((fault) => (
            <li key={fault} class="no">
              <Said>{fault}</Said>
            </li>
          ))}
        </ul>
      )}
      <Trouble of={refusal} />
    </>
  )
}
