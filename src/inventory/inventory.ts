/** What would go: each target's platform is asked, reads only, under a deadline; no answer counts as the widest radius. */
import type { Clock } from '../base/clock.ts'
import { messageOf } from '../base/error.ts'
import { widestRadius } from '../core/blast-radius.ts'
import type { Operation } from '../core/operation.ts'
import type { Inventory, Measured } from '../guard/ports.ts'
import type { AskGraphql, Platform, Surveyed } from '../platforms/platform.ts'
import { openAnswers } from './answers.ts'
import type { Answers } from './answers.ts'
import { follow } from './links.ts'
import type { Link } from './links.ts'
import { readsOnly } from './reads.ts'

export interface InventoryTarget {
  readonly platform: Pick<Platform, 'survey'>
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

/** INVARIANT (no answer is the widest): whatever the platform does, `measure` fulfils, in time, and never with less than it was told. */
export function openInventory(house: InventoryHouse): Inventory {
  const answers = openAnswers(house.clock, house.freshMs)

  const survey = (
    target: string,
    operations: readonly Operation[],
    asking: Asking,
  ): Measured | Promise<Measured> => {
    const entry = house.targets.get(target)
    if (entry === undefined)
      return { operations, kept: false, radius: widestRadius(`no target \`${target}\``) }
    let signal: AbortSignal | null = null
    const asked: string[] = []
    let kept = false
    const ask: AskGraphql = async (query, variables) => {
      const question = JSON.stringify([target, query, variables])
      asked.push(question)
      if (asked.length > house.mostAsks) throw new Error(`more than ${house.mostAsks} questions`)
      if (!readsOnly(query)) throw new Error('only reads are asked')
      const until = (signal ??= house.deadline(house.deadlineMs))
      let fresh = false
      const answer = asking(question, () => {
        fresh = true
        return entry.ask(query, variables, until)
      })
      kept = kept || !fresh
      return await raced(answer, until)
    }
    const measured = (surveyed: Surveyed): Measured => {
      if (!surveyed.radius.known) answers.forget(asked)
      const radius = follow(surveyed.radius, house.links)
      return { operations: surveyed.operations, radius, kept }
    }
    const unknown = (thrown: unknown): Measured => {
      answers.forget(asked)
      const why = isAborted(signal) ? `no answer within ${house.deadlineMs} ms` : messageOf(thrown)
      return { operations, kept, radius: widestRadius(`${target}: ${why}`) }
    }
    try {
      const surveyed = entry.platform.survey(target, operations, ask)
      return surveyed instanceof Promise
        ? surveyed.then(measured).catch(unknown)
        : measured(surveyed)
    } catch (thrown) {
      return unknown(thrown)
    }
  }

  return {
    measure: (target, operations) => survey(target, operations, answers.of),
    measureFresh: (target, operations) => survey(target, operations, (_, ask) => ask()),
  }
}

type Asking = Answers['of']

function isAborted(signal: AbortSignal | null): boolean {
  return signal?.aborted ?? false
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
