/** Work that may not take longer than it is given: a pattern or a reader that never ends must not keep anybody waiting. */
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

/** True where the time was not enough; what the work had put down until then stays. Its own faults are thrown on. */
export function isLate(work: () => void, ms: number): boolean {
  try {
    bounded(() => {
      work()
      return true
    }, ms)
    return false
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === tookTooLong) return true
    throw thrown
  }
}

const tookTooLong = 'ERR_SCRIPT_EXECUTION_TIMEOUT'
