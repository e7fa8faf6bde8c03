/** Our own session with a server that is a process. */
import type { JsonObject } from '../../base/json.ts'
import { openLine, silent } from './line.ts'
import type { Exchange } from './line.ts'
import { startProcess } from './process.ts'
import type { Started } from './process.ts'
import type { Line } from './target.ts'

export async function openStdioLine(started: Started, signal: AbortSignal): Promise<Line> {
  const waiting = new Map<unknown, (answer: JsonObject | null) => void>()
  const fail = (): void => {
    for (const answer of waiting.values()) answer(null)
    waiting.clear()
    isOver = true
  }
  let isOver = false
  const process = startProcess(started, {
    message: (message) => {
      const { id, method } = message
      if (method !== undefined) return
      waiting.get(id)?.(message)
      waiting.delete(id)
    },
    ended: fail,
  })
  signal.addEventListener('abort', fail, { once: true })
  const exchange: Exchange = async (message) => {
    const { id } = message
    if (isOver || signal.aborted) throw silent()
    if (id === undefined) {
      process.write(message)
      return null
    }
    const { promise, resolve } = Promise.withResolvers<JsonObject | null>()
    waiting.set(id, resolve)
    process.write(message)
    const answer = await promise
    if (answer === null) throw silent()
    return answer
  }
  const close = async (): Promise<void> => {
    process.end()
    await Promise.resolve()
  }
  try {
    return await openLine(exchange, close)
  } catch (thrown) {
    // Nobody has it to close it.
    process.end()
    throw thrown
  }
}
