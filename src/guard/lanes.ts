/**
 * Between the look and the act: ordinary writes to a target go together; whatever else than reads and writes goes alone. So
 * an agent cannot stage one change while another is looked at, and have both committed.
 */
import type { Timer } from '../base/clock.ts'
import { FirebreakError } from '../base/error.ts'

export type Lane = 'together' | 'alone'

/** May be called more than once. */
type Leave = () => void

export interface Lanes {
  /** At once where the road is free; else waits for its turn, first come first served, and throws `wrong_state` after 75 s. */
  enter(target: string, lane: Lane): Leave | Promise<Leave>
}

interface Waiting {
  readonly lane: Lane
  readonly go: () => void
}

interface Road {
  readonly queue: readonly Waiting[]
  /** How many are on it together; -1 for one alone. */
  readonly busy: number
}

/** Longer than a target may take for the head of an answer: who waits behind one write gets its turn. */
const mostMs = 75_000
const free: Road = { queue: [], busy: 0 }

export function openLanes(timer: Timer): Lanes {
  const roads = new Map<string, Road>()
  const roadOf = (target: string): Road => roads.get(target) ?? free
  // A free road is kept: the targets are few, and a map that things come to and go from makes itself anew all the time.
  const put = (target: string, road: Road): void => void roads.set(target, road)
  /** Lets on whoever may: the first in the queue, and those behind it that go together with it. */
  const admit = (target: string): void => {
    const { queue, busy } = roadOf(target)
    const [first, ...rest] = queue
    if (first === undefined || !mayGo(first.lane, busy)) return
    put(target, { queue: rest, busy: first.lane === 'alone' ? -1 : busy + 1 })
    first.go()
    admit(target)
  }
  const leaving = (target: string, lane: Lane): Leave => {
    let isGone = false
    return () => {
      if (isGone) return
      isGone = true
      const road = roadOf(target)
      put(target, { ...road, busy: lane === 'alone' ? 0 : road.busy - 1 })
      admit(target)
    }
  }
  const wait = (target: string, lane: Lane): Promise<Leave> =>
    new Promise((resolve, reject) => {
      const stop = timer(mostMs, () => {
        const road = roadOf(target)
        put(target, { ...road, queue: road.queue.filter((one) => one !== mine) })
        reject(
          new FirebreakError(
            'wrong_state',
            `other changes to \`${target}\` are still on their way; nothing was sent`,
          ),
        )
        admit(target)
      })
      const mine: Waiting = {
        lane,
        go: () => {
          stop()
          resolve(leaving(target, lane))
        },
      }
      const road = roadOf(target)
      put(target, { ...road, queue: [...road.queue, mine] })
      admit(target)
    })
  return {
    enter: (target, lane) => {
      const { queue, busy } = roadOf(target)
      // Nobody is overtaken: where one waits, all who come after it do.
      if (queue.length > 0 || !mayGo(lane, busy)) return wait(target, lane)
      put(target, { queue, busy: lane === 'alone' ? -1 : busy + 1 })
      return leaving(target, lane)
    },
  }
}

function mayGo(lane: Lane, busy: number): boolean {
  return lane === 'alone' ? busy === 0 : busy >= 0
}
