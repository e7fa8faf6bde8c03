/** A batch as it is kept with its hold: what was sent, text by text, so that what runs is this and nothing else. */
import type { Json } from '../../base/json.ts'
import type { Batch, Step } from './seam.ts'

/** JSON without a loss: values as base64, since they may be binary. */
export function storeBatch(batch: Batch): Json {
  if (batch.kind === 'query') return { kind: 'query', text: batch.text }
  if (batch.kind === 'call') return { kind: 'call', bytes: base64(batch.bytes) }
  return { kind: 'extended', steps: batch.steps.map(storeStep) }
}

function storeStep(step: Step): Json {
  if (step.kind !== 'bind') return { ...step }
  const values = step.values.map((value) => (value === null ? null : base64(value)))
  return { ...step, values, formats: [...step.formats] }
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
}
