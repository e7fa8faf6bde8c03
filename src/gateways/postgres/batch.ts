/** What a scan has found, read as a batch. */
import { frameLength, headBytes } from '../../wire/postgres/frame.ts'
import { readCall, readQuery } from '../../wire/postgres/front.ts'
import type { Found } from '../../wire/postgres/scan.ts'
import type { Sent } from '../../wire/postgres/session.ts'
import { readStep } from '../../wire/postgres/step.ts'
import type { Batch, Step } from './seam.ts'

/** Null where a text in it is not UTF-8. */
export function readBatch(whole: Uint8Array, found: Found): Batch | null {
  const { at, end } = found
  const bytes = whole.subarray(at, end)
  if (found.kind === 'call') return { kind: 'call', oid: readCall(whole, at, end), bytes }
  if (found.kind === 'query') {
    const text = readQuery(whole, at, end)
    return text === null ? null : { kind: 'query', text, bytes }
  }
  const steps = readSteps(whole, at, stepsEnd(found))
  const closes = found.closes === 'sync' ? 'sync' : 'flush'
  return steps === null ? null : { kind: 'extended', steps, closes, bytes }
}

/** Where its steps end: before the Sync or Flush. */
export function stepsEnd(found: Found): number {
  return found.closes === 'part' ? found.end : found.end - headBytes
}

/** What a session waits for once a batch is sent on. */
export function sentBy(batch: Batch): readonly Sent[] {
  if (batch.kind !== 'extended') return [batch.kind]
  return batch.closes === 'sync' ? [...batch.steps, 'sync'] : batch.steps
}

/** True if COPY may be in it: behind that the server reads differently, so nothing may be sent on before it has answered. */
export function mayCopy(batch: Batch): boolean {
  if (batch.kind === 'query') return copy.test(batch.text)
  return (
    batch.kind === 'extended' &&
    batch.steps.some((step) => step.kind === 'parse' && copy.test(step.text))
  )
}

const copy = /copy/i

function readSteps(whole: Uint8Array, from: number, end: number): readonly Step[] | null {
  const steps: Step[] = []
  let at = from
  while (at < end) {
    const next = at + frameLength(whole, at, end, end)
    const step = readStep(whole, at, next)
    if (step === null) return null
    steps.push(step)
    at = next
  }
  return steps
}
