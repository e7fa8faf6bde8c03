/** What the gateway says to the server of its own accord. */
import { joined } from '../../wire/postgres/frame.ts'
import { call, flush, query, sync } from '../../wire/postgres/front.ts'
import type { Found } from '../../wire/postgres/scan.ts'
import type { Sent } from '../../wire/postgres/session.ts'
import { writeStep, type Step } from '../../wire/postgres/step.ts'

export interface Said {
  readonly bytes: Uint8Array
  /** What the session waits for after it. */
  readonly sent: readonly Sent[]
}

const noSql = 'FIREBREAK REFUSED THIS'

/**
 * Something of the same kind that the server refuses in every state, so that session and transaction are as after an
 * error of its own: a Query or a Parse loses the unnamed statement, all others leave it.
 */
export function provoke(
  kind: Found['kind'],
  first: Step | null,
  closes: 'sync' | 'flush',
  ownName: string,
): Said {
  if (kind === 'query') return { bytes: query(noSql), sent: ['query'] }
  if (kind === 'call') return { bytes: call(0), sent: ['call'] }
  const step: Step =
    first?.kind === 'parse' && first.name === ''
      ? { kind: 'parse', name: '', text: noSql, types: [] }
      : { kind: 'describe', what: 'statement', name: `${ownName}_none` }
  return closed([step], closes)
}

/** A text that is prepared and forgotten: whether the server can read it. */
export function reads(ownName: string, text: string, closes: 'sync' | 'flush'): Said {
  const steps: readonly Step[] = [
    { kind: 'close', what: 'statement', name: ownName },
    { kind: 'parse', name: ownName, text, types: [] },
    { kind: 'close', what: 'statement', name: ownName },
  ]
  return closed(steps, closes)
}

export interface Asking {
  readonly texts: readonly string[]
  readonly values: readonly (string | null)[]
  /** True where the names may still be taken by what failed. */
  readonly leftover: boolean
}

/** Statements of the gateway's own, under a name of its own, so that the client's unnamed one stays. */
export function ask(
  ownName: string,
  { texts, values, leftover }: Asking,
  closes: 'sync' | 'flush',
): Said {
  const encoder = new TextEncoder()
  const bound = values.map((value) => (value === null ? null : encoder.encode(value)))
  const forget: readonly Step[] = [
    { kind: 'close', what: 'portal', name: ownName },
    { kind: 'close', what: 'statement', name: ownName },
  ]
  const asked = texts.flatMap((text): readonly Step[] => [
    { kind: 'parse', name: ownName, text, types: [] },
    {
      kind: 'bind',
      portal: ownName,
      statement: ownName,
      values: bound,
      formats: [],
      results: [],
    },
    { kind: 'execute', portal: ownName, rows: 0 },
    ...forget,
  ])
  const steps = leftover ? [...forget, ...asked] : asked
  return closed(steps, closes)
}

function closed(steps: readonly Step[], closes: 'sync' | 'flush'): Said {
  const bytes = steps.map(writeStep)
  return closes === 'sync'
    ? { bytes: joined([...bytes, sync]), sent: [...steps, 'sync'] }
    : { bytes: joined([...bytes, flush]), sent: steps }
}
