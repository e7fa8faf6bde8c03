/** One act at a time in a view: whether it is under way, and what was refused. */
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Refusal } from './call.ts'
import { moves } from './live.ts'
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

export interface Reading<T> {
  /** Null before the first answer; the last one while another is asked for. */
  readonly found: T | null
  readonly refusal: Refusal | null
  readonly again: () => void
}

/**
 * What a view shows: asked for at first, when it is told to, and whenever something moves, or only when `mark` is another. The newest
 * question's answer counts.
 */
export function useReading<T>(ask: () => Promise<T>, mark?: string | number): Reading<T> {
  const [found, setFound] = useState<T | null>(null)
  const [refusal, setRefusal] = useState<Refusal | null>(null)
  const newest = useRef(0)
  const read = async (): Promise<void> => {
    newest.current += 1
    const mine = newest.current
    try {
      const answer = await ask()
      if (mine !== newest.current) return
      setFound(answer)
      setRefusal(null)
    } catch (thrown) {
      if (mine === newest.current) setRefusal(heard(thrown))
    }
  }
  const again = (): void => void read()
  useEffect(again, [mark ?? moves.value])
  return { found, refusal, again }
}
