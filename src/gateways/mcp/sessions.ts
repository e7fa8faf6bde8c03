/** Whose sessions are whose: in memory, the oldest forgotten first; a client whose session is forgotten begins another. */

export interface Sessions {
  readonly begin: (id: string, root: string) => void
  readonly isOf: (id: string, root: string) => boolean
}

const most = 10_000

export function openSessions(): Sessions {
  const roots = new Map<string, string>()
  return {
    begin: (id, root) => {
      const [oldest] = roots.keys()
      if (roots.size >= most && oldest !== undefined) roots.delete(oldest)
      if (!roots.has(id)) roots.set(id, root)
    },
    isOf: (id, root) => roots.get(id) === root,
  }
}
