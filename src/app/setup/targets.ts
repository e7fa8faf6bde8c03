/** What a set-up puts behind Firebreak: each target once, under a name of its own, with what opens it. */
import type { Secret } from '../../base/secret.ts'
import { targetName } from '../hosts/mcp-entry.ts'

export interface Wanted {
  readonly name: string
  /** As it stands below `targets:`. */
  readonly entry: object
  readonly secret: Secret | null
}

export interface Targets {
  readonly all: () => readonly Wanted[]
  /** The target that this key stands for; made where there is none yet. */
  readonly of: (key: string, make: () => Omit<Wanted, 'name'> & { readonly like: string }) => string
}

/** `taken`: names that the config has already. */
export function openTargets(taken: readonly string[]): Targets {
  const known = new Map<string, Wanted>()
  const free = (like: string): string => {
    const used = new Set([...taken, ...[...known.values()].map(({ name }) => name)])
    const base = targetName(like)
    for (let count = 1; ; count += 1) {
      const name = count === 1 ? base : `${base.slice(0, 36)}-${count}`
      if (!used.has(name)) return name
    }
  }
  return {
    all: () => [...known.values()],
    of: (key, make) => {
      const found = known.get(key)
      if (found !== undefined) return found.name
      const { like, ...rest } = make()
      const name = free(like)
      known.set(key, { name, ...rest })
      return name
    },
  }
}
