/** What a server says on its way to an agent: lists of tools lose what the grant does not reach and what has changed; all else passes as it came. */
import { isObject, parseJson } from '../../base/json.ts'
import type { JsonObject } from '../../base/json.ts'
import { openEvents, withData } from '../../wire/sse.ts'
import type { Redactor } from '../http/house.ts'
import { toolsIn } from './catalog.ts'

/** What a visitor may be shown, and who hears of it. */
export interface Shows {
  /** True for a tool that may be shown. */
  readonly tool: (tool: JsonObject) => boolean
  /** Hears that the server's tools have become others. */
  readonly changed: () => void
}

/** An answer that is larger cannot be looked at, and goes to nobody. In characters. */
const mostCharacters = 16_000_000

/** The same message where nothing is taken out of it. */
export function shownMessage(message: JsonObject, shows: Shows): JsonObject {
  if (message['method'] === 'notifications/tools/list_changed') shows.changed()
  const tools = toolsIn(message['result'])
  if (tools === null || !isObject(message['result'])) return message
  const kept = tools.filter((tool) => shows.tool(tool))
  const { length } = Array.isArray(message['result']['tools']) ? message['result']['tools'] : []
  if (kept.length === length) return message
  return { ...message, result: { ...message['result'], tools: kept } }
}

/** Looks at a body of JSON, or at each event of a stream, behind another that looks for secrets. */
export function openListed(inner: Redactor, isStream: () => boolean, shows: Shows): Redactor {
  const decoder = new TextDecoder()
  const events = openEvents()
  let whole = ''
  const take = (text: string): string => {
    if (!isStream()) {
      whole += text
      if (whole.length > mostCharacters) throw tooMuch()
      return ''
    }
    const found = events.push(text)
    if (events.waiting() > mostCharacters) throw tooMuch()
    return found
      .map((event) => {
        // INVARIANT (pinned): what is no JSON to us could be some to a client, and nobody has looked at it.
        if (event.data.trim() !== '' && parsed(event.data) === null) return ''
        const shown = shownText(event.data, shows)
        return shown === event.data ? event.raw : withData(event, shown)
      })
      .join('')
  }
  return {
    push: (chunk) => Buffer.from(take(decoder.decode(inner.push(chunk), { stream: true }))),
    end: () => {
      const last = take(decoder.decode(inner.end()))
      // Half an event is none: what cannot be looked at goes to nobody.
      return Buffer.from(isStream() ? last : shownText(whole, shows))
    },
    whole: (text) => inner.whole(text),
  }
}

/** The very text where nothing is taken out of it. */
function shownText(text: string, shows: Shows): string {
  if (text.trim() === '') return text
  const value = parsed(text)
  // Old revisions may answer in a batch.
  const messages: readonly unknown[] = Array.isArray(value) ? value : [value]
  const shown = messages.map((each) => (isObject(each) ? shownMessage(each, shows) : each))
  if (shown.every((each, at) => each === messages[at])) return text
  return JSON.stringify(Array.isArray(value) ? shown : shown[0])
}

function parsed(text: string): unknown {
  try {
    return parseJson(text)
  } catch {
    // No JSON: no client takes it for a list of tools.
    return null
  }
}

function tooMuch(): Error {
  return new Error('the server says more at once than can be looked at')
}
