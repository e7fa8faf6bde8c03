/** Undo: before it runs, nobody need sign; what would write over living data takes a passkey. */
import type { JSX } from 'preact'
import { done } from './answers.ts'
import type { Hold } from './answers.ts'
import { call, refusalOf } from './call.ts'
import { tell } from './notice.tsx'
import { Trouble } from './parts.tsx'
import { sitting } from './session.ts'
import { callSigned } from './sign.ts'
import { useWork } from './work.ts'

export function Undo({
  hold,
  again,
}: {
  readonly hold: Pick<Hold, 'id' | 'state' | 'operation'>
  readonly again: () => void
}): JSX.Element {
  const { isBusy, refusal, run } = useWork()
  const undo = (): void =>
    run(async () => {
      tell((await undone(hold.id)).join('; '))
      again()
    })
  const label = hold.state === 'executed' ? 'Bring back what it took' : 'Undo: it will not run'
  return (
    <div class="undo">
      <button
        class="main"
        disabled={isBusy}
        onClick={undo}
        aria-label={`${label} (${hold.operation}, ${hold.id})`}
      >
        {isBusy ? 'Under way…' : label}
      </button>
      <Trouble of={refusal} />
    </div>
  )
}

/** Asks for the passkey where the daemon says that this one takes an approver. */
async function undone(id: string): Promise<readonly string[]> {
  try {
    return (await call('hold-undo', { id }, done)).done
  } catch (thrown) {
    const who = sitting.value
    if (refusalOf(thrown).code !== 'factor_refused' || who.kind !== 'in') throw thrown
    const seen = { what: ['undo', id] }
    const wish = { command: 'hold-undo', input: { id }, approver: who.who.name, seen }
    return (await callSigned(wish, done)).done
  }
}
