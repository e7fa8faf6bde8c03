/** What would go: each target's platform is asked, reads only, under a deadline; no answer counts as the widest radius. */
import type { Clock } from '../base/clock.ts'
import { messageOf } from '../base/error.ts'
import { canonical, toJson } from '../base/json.ts'
import { widestRadius } from '../core/blast-radius.ts'
import type { Operation } from '../core/operation.ts'
import type { Inventory, Measured } from '../guard/ports.ts'
import type { AskGraphql, Platform } from '../platforms/platform.ts'
import { follow } from './links.ts'
import type { Link } from './links.ts'
import { readsOnly } from './reads.ts'

export interface InventoryTarget {
  readonly platform: Platform
  /** Sends one question; it must give up when the signal aborts. */
  readonly ask: (
    query: string,
    variables: Parameters<AskGraphql>[1],
    signal: AbortSignal,
  ) => ReturnType<AskGraphql>
}

export interface InventoryHouse {
  readonly targets: ReadonlyMap<string, InventoryTarget>
  readonly clock: Clock
  /** A signal that aborts after so many milliseconds. */
  readonly deadline: (ms: number) => AbortSignal
  readonly links: readonly Link[]
  readonly deadlineMs: number
  /** How long an answer may be used again; what is to run is measured fresh. */
  readonly freshMs: number
  /** Most questions of one survey: a platform that pages for ever is no answer. */
  readonly mostAsks: number
}

interface Kept {
  readonly at: number
  readonly answer: Promise<Measured>
}

/** The oldest answers are dropped beyond so many: a client with many ids must not fill the memory, nor one with large ones. */
const mostKept = 2000
const longestKey = 4000

/** INVARIANT (no answer is the widest): whatever the platform does, `measure` fulfils, in time, and never with less than it was told. */
export function openInventory(house: InventoryHouse): Inventory {
  const kept = new Map<string, Kept>()

  const survey = async (target: string, operations: readonly Operation[]): Promise<Measured> => {
    const entry = house.targets.get(target)
    if (entry === undefined) return { operations, radius: widestRadius(`no target \`${target}\``) }
    const signal = house.deadline(house.deadlineMs)
    let asks = 0
    const ask: AskGraphql = async (query, variables) => {
      asks += 1
      if (asks > house.mostAsks) throw new Error(`more than ${house.mostAsks} questions`)
      if (!readsOnly(query)) throw new Error('only reads are asked')
      return await entry.ask(query, variables, signal)
    }
    try {
      const surveyed = await raced(entry.platform.survey(target, operations, ask), signal)
      return { operations: surveyed.operations, radius: follow(surveyed.radius, house.links) }
    } catch (thrown) {
      const why = signal.aborted ? `no answer within ${house.deadlineMs} ms` : messageOf(thrown)
      return { operations, radius: widestRadius(`${target}: ${why}`) }
    }
  }

  const keep = (key: string, answer: Promise<Measured>): Promise<Measured> => {
    kept.set(key, { at: house.clock.steady(), answer })
    const oldest = kept.keys().next()
    if (kept.size > mostKept && oldest.done !== true) kept.delete(oldest.value)
    // What the platform could not say is asked again the next time.
    void answer.then(({ radius }) => radius.known || kept.delete(key))
    return answer
  }

  return {
    measureFresh: survey,
    measure: async (target, operations) => {
      const key = keyOf(target, operations)
      // What has no one text, or a long one, is asked about every time.
      if (key === null) return await survey(target, operations)
      const found = kept.get(key)
      if (found !== undefined && house.clock.steady() - found.at < house.freshMs)
        return { ...(await found.answer), kept: true }
      kept.delete(key)
      return await keep(key, survey(target, operations))
    },
  }
}

/** Two questions are the same when target, names and arguments are; null for what is no JSON (a lone surrogate), or too long to be kept. */
function keyOf(target: string, operations: readonly Operation[]): string | null {
  const asked = operations.map(({ name, parameters, selects }) => [name, parameters, selects])
  try {
    const key = canonical(toJson([target, asked]))
    return key.length > longestKey ? null : key
  } catch {
    // `measure` never throws: the guard's own digest refuses such a thing, with its reason.
    return null
  }
}

/** The answer, or a rejection when the signal aborts first: a platform that ignores it must not hold us up. */
async function raced<T>(answer: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>()
  const abort = (): void => reject(new Error('too late'))
  signal.addEventListener('abort', abort, { once: true })
  try {
    return await Promise.race([answer, promise])
  } finally {
    signal.removeEventListener('abort', abort)
    promise.catch(() => null)
  }
}
