/** The tools of MCP servers as they were seen first, by their hashes: sealed in the state, and written over by what a person has put into the config. */
import { messageOf } from '../base/error.ts'
import { canonical, isObject, parseJson } from '../base/json.ts'
import type { OpenSeal } from '../custody/seal.ts'
import type { State } from '../guard/ports.ts'

/** The hash that counts for a tool; the one that it has now where it was never seen. */
export type Pinned = (name: string, hash: string) => string

interface PinsHouse {
  readonly state: State
  readonly seal: OpenSeal
  /** Hears of what cannot be read or kept. */
  readonly tell: (message: string) => void
}

/** INVARIANT (broken-is-closed): where what was seen first cannot be read, no tool is as it was seen first. */
export async function openPins(
  target: string,
  byPerson: Readonly<Record<string, string>>,
  { state, seal, tell }: PinsHouse,
): Promise<Pinned> {
  const id = `mcp-pins:${target}`
  const kept = await state.transact((tx) => tx.get('meta', id))
  let isBroken = false
  let seen = new Map<string, string>()
  try {
    if (typeof kept?.value === 'string') seen = hashesIn(parseJson(seal.open(kept.value, id)))
  } catch (thrown) {
    // Written over by another hand: said, and every tool waits for a person.
    isBroken = true
    tell(`what was seen of the tools of \`${target}\` is not readable: ${messageOf(thrown)}`)
  }
  const named = new Map(Object.entries(byPerson))
  let isDue = false
  const save = (): void => {
    isDue = false
    const value = seal.seal(canonical(Object.fromEntries(seen)), id)
    state
      .transact((tx) => tx.put('meta', { id, value }))
      .catch((thrown: unknown) =>
        tell(`the tools of \`${target}\` are not kept: ${messageOf(thrown)}`),
      )
  }
  return (name, hash) => {
    const found = named.get(name) ?? (isBroken ? 'not readable' : seen.get(name))
    if (found !== undefined) return found
    seen.set(name, hash)
    // A list of tools is kept at once, and not each for itself.
    if (!isDue) queueMicrotask(save)
    isDue = true
    return hash
  }
}

function hashesIn(value: unknown): Map<string, string> {
  const found = new Map<string, string>()
  for (const [name, hash] of Object.entries(isObject(value) ? value : {}))
    if (typeof hash === 'string') found.set(name, hash)
  return found
}
