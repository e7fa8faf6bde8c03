/** Work that may not take longer than it is given: a reader that never ends must not keep an agent's host waiting until that lets the call run. */
import { runInThisContext } from 'node:vm'

/** Runs it to its end, or throws once `ms` are over. A timer could not: it never gets its turn while this thread is busy. */
export function bounded<Value>(work: () => Value, ms: number): Value {
  const done: Value[] = []
  const place = Symbol.for('firebreak.bounded')
  Reflect.set(globalThis, place, () => {
    done.push(work())
  })
  try {
    runInThisContext("globalThis[Symbol.for('firebreak.bounded')]()", { timeout: ms })
  } finally {
    Reflect.deleteProperty(globalThis, place)
  }
  const [value] = done
  if (value === undefined) throw new Error('it gave nothing')
  return value
}
