/** One act at a time in a view: whether it is under way, and what was refused. */
import { useState } from 'preact/hooks'
import type { Refusal } from './call.ts'
import { heard } from './session.ts'

export interface Work {
  readonly isBusy: boolean
  readonly refusal: Refusal | null
  /** Does it, unless something is under way already. */
  readonly run: (act: () => Promise<void>) => void
}

export function useWork(): Work {
  const [isBusy, setBusy] = useState(false)
  const [refusal, setRefusal] = useState<Refusal | null>(null)
  const go = async (act: () => Promise<void>): Promise<void> => {
    setBusy(true)
    setRefusal(null)
    try {
      await act()
    } catch (thrown) {
      setRefusal(heard(thrown))
    } finally {
      setBusy(false)
    }
  }
  const run = (act: () => Promise<void>): void => {
    if (!isBusy) void go(act)
  }
  return { isBusy, refusal, run }
}
