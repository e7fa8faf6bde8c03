/** The stream of the ledger, and what is asked anew when it moves: open holds, alarms, what is halted. */
import { signal } from '@preact/signals'
import * as v from 'valibot'
import { alarms as alarmList, entry, holds as holdList, state as stateShape } from './answers.ts'
import type { Alarm, Hold, State } from './answers.ts'
import { call } from './call.ts'
import { nothingYet, openFeed } from './feed.ts'
import type { Picture } from './feed.ts'
import { heard, recall } from './session.ts'

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
const againMs = 3000

/** Follows the ledger until it is told to stop. */
export function follow(): () => void {
  const feed = openFeed()
  let [drawing, asking, again] = [0, 0, 0]
  let source: EventSource | null = null

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
  const onEntry = ({ data }: MessageEvent<string>): void => {
    const read = v.safeParse(entry, parsed(data))
    if (!read.success) return
    feed.take(read.output)
    draw()
    const { kind, subject } = read.output
    if (kind === 'alarm' || subject?.startsWith('hold_') === true) ask()
  }
  const onState = ({ data }: MessageEvent<string>): void => {
    const read = v.safeParse(stateShape, parsed(data))
    if (!read.success) return
    state.value = read.output
    ask()
  }
  const connect = (): void => {
    source = new EventSource('/api/live')
    source.addEventListener('open', () => {
      silentSince.value = null
      ask()
    })
    source.addEventListener('entry', onEntry)
    source.addEventListener('state', onState)
    source.addEventListener('error', () => {
      silentSince.value ??= Date.now()
      // A browser gives up where the answer was no stream; perhaps nobody is signed in any more.
      if (source?.readyState === EventSource.CLOSED)
        again ||= window.setTimeout(() => {
          again = 0
          void recall().then(connect)
        }, againMs)
    })
  }

  connect()
  const ticking = window.setInterval(() => {
    clock.value = Date.now()
    draw()
  }, 1000)
  return () => {
    source?.close()
    window.clearInterval(ticking)
    for (const timer of [drawing, asking, again]) window.clearTimeout(timer)
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
