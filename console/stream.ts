/** Server-sent events (WHATWG HTML, §9.2) over `fetch`, since an `EventSource` cannot carry the page's half of the session; it goes on where it was. */
import { pageSecret } from './call.ts'
import { openReader } from './events.ts'
import type { Event } from './events.ts'

interface Heard {
  readonly opened: () => void
  readonly event: (event: Event) => void
  /** The stream has ended, or never began; it is tried again. */
  readonly silent: () => void
}

const againMs = 2000

/** Listens until what comes back is called. */
export function openStream(heard: Heard): () => void {
  const stop = new AbortController()
  let [last, again] = ['', 0]
  const listen = async (): Promise<void> => {
    const answer = await fetch('/api/live', {
      headers: {
        'x-firebreak': pageSecret(),
        ...(last === '' ? {} : { 'last-event-id': last }),
      },
      credentials: 'same-origin',
      redirect: 'error',
      signal: stop.signal,
    })
    if (!answer.ok || answer.body === null) return
    heard.opened()
    const read = openReader(({ id, ...event }) => {
      if (id !== null) last = id
      heard.event(event)
    })
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader()
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      read(value)
    }
  }
  const go = (): void => {
    listen()
      .catch(() => undefined)
      .finally(() => {
        if (stop.signal.aborted) return
        heard.silent()
        again = window.setTimeout(go, againMs)
      })
  }
  go()
  return () => {
    stop.abort()
    window.clearTimeout(again)
  }
}
