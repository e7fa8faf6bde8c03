/** The stream of the ledger, and what is asked anew when it moves: open holds, alarms, what is halted. */
import { signal } from '@preact/signals'
import * as v from 'valibot'
import { alarms as alarmList, entry, holds as holdList, state as stateShape } from './answers.ts'
import type { Alarm, Hold, State } from './answers.ts'
import { call } from './call.ts'
import { nothingYet, openFeed } from './feed.ts'
import type { Picture } from './feed.ts'
import { heard, recall } from './session.ts'
import { openStream } from './stream.ts'

export const picture = signal<Picture>(nothingYet)
/** Null before the first answer: not the same as none. */
export const holds = signal<readonly Hold[] | null>(null)
export const alarms = signal<readonly Alarm[]>([])
export const state = signal<State | null>(null)
/** Since when nothing is heard; null while the stream is open. A page that stands still must not look calm. */
export const silentSince = signal<number | null>(null)
export const clock = signal(Date.now())
/** Counts what has moved a hold: whoever shows one reads it again. */
export const moves = signal(0)

/** However much comes, the page is drawn this often. */
const drawMs = 250
const askMs = 400
const aboutPeople = new Set(['enrolled', 'removed', 'delegated', 'undelegated'])

/** Follows the ledger until it is told to stop. */
export function follow(): () => void {
  const feed = openFeed()
  let [drawing, asking] = [0, 0]

  const draw = (): void => {
    drawing ||= window.setTimeout(() => {
      drawing = 0
      picture.value = feed.picture(Date.now())
    }, drawMs)
  }
  const ask = (): void => {
    asking ||= window.setTimeout(() => {
      asking = 0
      moves.value += 1
      void reload()
    }, askMs)
  }
  const onEntry = (data: string): void => {
    const read = v.safeParse(entry, parsed(data))
    if (!read.success) return
    feed.take(read.output)
    draw()
    const { kind, subject } = read.output
    if (aboutPeople.has(kind) || kind === 'alarm' || subject?.startsWith('hold_') === true) ask()
    // Whoever sits here may sign from now on, or no more.
    if (kind === 'delegated' || kind === 'undelegated') void recall()
  }
  const onState = (data: string): void => {
    const read = v.safeParse(stateShape, parsed(data))
    if (!read.success) return
    state.value = read.output
    ask()
  }
  const stream = openStream({
    opened: () => {
      silentSince.value = null
      ask()
    },
    event: ({ name, data }) => {
      if (name === 'entry') onEntry(data)
      if (name === 'state') onState(data)
    },
    // Perhaps nobody is signed in any more.
    silent: () => {
      silentSince.value ??= Date.now()
      void recall()
    },
  })

  const ticking = window.setInterval(() => {
    clock.value = Date.now()
    draw()
  }, 1000)
  return () => {
    stream()
    window.clearInterval(ticking)
    for (const timer of [drawing, asking]) window.clearTimeout(timer)
    picture.value = nothingYet
    holds.value = null
    state.value = null
    alarms.value = []
  }
}

/** Asks for what waits and what rings. */
export async function reload(): Promise<void> {
  try {
    const [open, ringing] = await Promise.all([
      call('hold-list', { all: false }, holdList),
      call('alarm-list', { all: false }, alarmList),
    ])
    holds.value = open
    alarms.value = ringing
  } catch (thrown) {
    heard(thrown)
    silentSince.value ??= Date.now()
  }
}

function parsed(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text)
    return value
  } catch {
    // What cannot be read is not shown; the ledger has it.
    return null
  }
}
