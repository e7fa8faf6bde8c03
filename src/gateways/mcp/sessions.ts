/** Whose sessions are whose: in memory, the oldest forgotten first; a client whose session is forgotten begins another. */
import type { Principal } from '../../core/principal.ts'

export interface Sessions {
  readonly begin: (id: string, owner: string) => void
  readonly isOf: (id: string, owner: string) => boolean
}

/** The very grant: what was narrowed from it is somebody else's, and has sessions of its own. */
export function ownerOf({ hops, root }: Principal): string {
  return hops.at(-1) ?? root
}

const most = 10_000
/** Of one grant: then its own oldest goes. */
const mostEach = 200

export function openSessions(): Sessions {
  const owners = new Map<string, string>()
  const own = new Map<string, Set<string>>()
  const forget = (id: string | undefined): void => {
    if (id === undefined) return
    const owner = owners.get(id) ?? ''
    owners.delete(id)
    own.get(owner)?.delete(id)
    if (own.get(owner)?.size === 0) own.delete(owner)
  }
  return {
    begin: (id, owner) => {
      if (owners.has(id)) return
      const mine = own.get(owner) ?? new Set()
      // INVARIANT (own session): who begins very many loses their own, and nobody else's.
      if (mine.size >= mostEach) forget([...mine][0])
      else if (owners.size >= most) forget([...owners.keys()][0])
      own.set(owner, mine.add(id))
      owners.set(id, owner)
    },
    isOf: (id, owner) => owners.get(id) === owner,
  }
}
