/** Events of a stream, kept so that a client that comes back gets those that it missed. */
import type { EventStore } from '@modelcontextprotocol/server'

export function openEvents(): EventStore {
  const kept: { readonly id: string; readonly stream: string; readonly message: Message }[] = []
  return {
    storeEvent: async (stream, message) => {
      const id = `${stream}:${kept.length}`
      kept.push({ id, stream, message })
      return await Promise.resolve(id)
    },
    replayEventsAfter: async (last, { send }) => {
      const at = kept.findIndex(({ id }) => id === last)
      const stream = kept[at]?.stream ?? ''
      for (const event of kept.slice(at + 1))
        if (event.stream === stream && 'jsonrpc' in event.message)
          await send(event.id, event.message)
      return stream
    },
  }
}

type Message = Parameters<EventStore['storeEvent']>[1]
