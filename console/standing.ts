/** What is under way in the vault, whoever began it: asked for each second while there is anything, and not while there is nothing. */
import { signal } from '@preact/signals'
import { useEffect, useState } from 'preact/hooks'
import { running as runningShape } from './answers-vault.ts'
import type { Running } from './answers-vault.ts'
import { call } from './call.ts'
import { clock, moves } from './live.ts'
import { sayBytes, sayDuration } from './say.ts'
import { heard } from './session.ts'

/** How much of it this page waits for. */
const begun = signal(0)

/** Long work that this page has asked for: how far it is, is asked for meanwhile. */
export async function during<T>(work: () => Promise<T>): Promise<T> {
  begun.value += 1
  try {
    return await work()
  } finally {
    begun.value -= 1
  }
}

/** `over` is called when what was under way has come to its end. */
export function useRunning(over: () => void): readonly Running[] {
  const [running, setRunning] = useState<readonly Running[]>([])
  const ask = async (): Promise<void> => {
    try {
      const now = await call('vault-running', {}, runningShape)
      setRunning(now)
      if (running.length > now.length) over()
    } catch (thrown) {
      // The work goes on without being looked at.
      heard(thrown)
      setRunning([])
    }
  }
  useEffect(() => void ask(), [moves.value])
  const isOn = begun.value > 0 || running.length > 0
  useEffect(() => {
    // An open page alone must not keep a session from ending.
    if (isOn) void ask()
  }, [isOn, clock.value])
  return running
}

/** In the words of the command line: `1.2 GB of about 4.0 GB, 85 MB/s, 33 s left`. */
export function sayStanding({ bytes, total, about, sinceMs }: Running): string {
  const perMs = sinceMs > 0 ? bytes / sinceMs : 0
  const fast = perMs > 0 ? `, ${sayBytes(Math.round(perMs * 1000))}/s` : ''
  const soFar = `${sayDuration(sinceMs)} so far`
  const left = (total ?? 0) - bytes
  if (total === null || left <= 0) return `${sayBytes(bytes)}${fast}, ${soFar}`
  const end = perMs > 0 ? `${sayDuration(Math.max(1000, left / perMs))} left` : soFar
  return `${sayBytes(bytes)} of ${about ? 'about ' : ''}${sayBytes(total)}${fast}, ${end}`
}
