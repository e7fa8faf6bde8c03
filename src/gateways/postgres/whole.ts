/** A batch as it can run by itself, in a session that has prepared nothing; and what it does, read once more. */
import type { Json } from '../../base/json.ts'
import { isObject } from '../../base/json.ts'
import type { Operation } from '../../core/operation.ts'
import { joined } from '../../wire/postgres/frame.ts'
import { sync } from '../../wire/postgres/front.ts'
import { writeStep } from '../../wire/postgres/step.ts'
import { openNames } from './names.ts'
import type { Seen } from './names.ts'
import { changesRows, readBatch } from './reading.ts'
import type { Reader, ReadStatement } from './reading.ts'
import type { Batch, Step } from './seam.ts'
import { openBatch, storeBatch } from './stored.ts'
import type { Setting } from './stored.ts'

/** Each Execute with its own Parse and Bind, whatever names the session had for them. */
export function wholeOf(batch: Batch, { runs }: Seen): Batch {
  if (batch.kind !== 'extended') return batch
  const steps = (runs ?? []).flatMap(({ step, bounds }): readonly Step[] =>
    bounds.flatMap(({ text, types, values, formats, results }): readonly Step[] => [
      { kind: 'parse', name: '', text, types },
      { kind: 'bind', portal: '', statement: '', values, formats, results },
      { kind: 'execute', portal: '', rows: step.rows },
    ]),
  )
  return { kind: 'extended', steps, closes: 'sync', bytes: joined([...steps.map(writeStep), sync]) }
}

/** As it is kept with a hold. `over`: it was counted, and is more than the budget has. */
export function requestOf(whole: Batch, setting: Setting, over: boolean): Json {
  return { ...storeBatch(whole, setting), ...(over ? { over } : {}) }
}

/** What a stored request does now: the operations that a person has approved, if nothing has changed. */
export function rereadRequest(request: Json, reader: Reader): readonly Operation[] {
  const { batch, ...setting } = openBatch(request)
  const names = openNames()
  const session = {
    prepared: () => null,
    temporary: new Set<string>(),
    functions: new Set<string>(),
  }
  const statements = readBatch(reader, batch, { names, session })?.statements ?? []
  const isOver = isObject(request) && request['over'] === true
  return operationsOf(statements, setting, isOver ? null : undefined)
}

/**
 * What the guard is asked about. The settings of the session are part of an act: under another role or search path it is
 * another one. `over`: the message where more rows would go than the budget has; null where it is not known any more.
 */
export function operationsOf(
  statements: readonly ReadStatement[],
  setting: Setting | null,
  over?: string | null,
): readonly Operation[] {
  // At the end of a transaction it is the end that would keep them.
  const isAny = !statements.some(changesRows)
  return statements.map((statement) => {
    const operation = under(statement.operation, setting)
    const isIt = over !== undefined && (isAny || changesRows(statement))
    return isIt ? destroying(operation, over) : operation
  })
}

/** A read stays what it is: the guard knows it again by that. */
function under(operation: Operation, setting: Setting | null): Operation {
  if (setting === null || operation.effect === 'read') return operation
  const { role, settings } = setting
  if (role === null && settings.size === 0) return operation
  // What is nobody's but the application's may hold a secret.
  const masked = [...settings].map(([name, value]) => [name, name.includes('.') ? '…' : value])
  return {
    ...operation,
    parameters: {
      ...operation.parameters,
      under: { role, settings: Object.fromEntries(settings) },
    },
    shown: { ...operation.shown, under: { role, settings: Object.fromEntries(masked) } },
  }
}

function destroying(operation: Operation, message: string | null): Operation {
  const finding = message === null ? [] : [{ rule: 'row-budget', message }]
  return {
    ...operation,
    effect: 'destroy',
    kinds: ['data'],
    findings: [...finding, ...operation.findings],
  }
}
