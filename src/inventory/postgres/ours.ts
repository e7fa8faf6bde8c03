/** The server's processes that are sessions of ours, and those that were and may not know yet that nobody listens. */

export interface Ours {
  /** A session has begun; what comes back is called when it has ended. */
  began(process: number): () => void
  has(process: number): boolean
  /** What the server has by now: what is gone there is forgotten here. */
  there(processes: ReadonlySet<number>): void
}

export function openOurs(): Ours {
  const live = new Map<number, symbol>()
  const left = new Set<number>()
  return {
    began: (process) => {
      const mine = Symbol('session')
      live.set(process, mine)
      return () => {
        // The server may have given the number to another session of ours by now.
        if (live.get(process) !== mine) return
        live.delete(process)
        left.add(process)
      }
    },
    has: (process) => live.has(process) || left.has(process),
    there: (processes) => {
      for (const process of left) if (!processes.has(process)) left.delete(process)
    },
  }
}
