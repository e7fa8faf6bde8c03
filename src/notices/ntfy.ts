/** ntfy: published as JSON, so that no text of others stands in a header. */
import type { Secret } from '../base/secret.ts'
import type { Channel } from './channel.ts'
import { within } from './letter.ts'
import { post } from './post.ts'

/** A longer one becomes a file (ntfy, Limitations: 4096 bytes); four bytes for a character at most. */
const mostCharacters = 1000

export interface NtfyPlace {
  /** `https://ntfy.sh/TOPIC`. */
  readonly url: string
  /** Null where everybody may write there. */
  readonly token: (() => Promise<Secret>) | null
}

export function ntfy({ url: text, token }: NtfyPlace): Channel {
  return {
    send: async ({ title, text: facts, isUrgent }, signal) => {
      const { topic, url } = topicOf(text)
      const kept = token === null ? null : (await token()).reveal()
      const body = JSON.stringify({
        topic,
        title,
        message: within(facts, mostCharacters),
        priority: isUrgent ? 5 : 3,
      })
      const headers = {
        'content-type': 'application/json',
        ...(kept === null ? {} : { authorization: `Bearer ${kept}` }),
      }
      return await post({ url, headers, body, secrets: kept === null ? [] : [kept] }, signal)
    },
  }
}

/** The topic, and the place that takes JSON: the address without it (ntfy, Publish as JSON). */
function topicOf(text: string): { readonly topic: string; readonly url: URL } {
  const at = text.lastIndexOf('/')
  return { topic: text.slice(at + 1), url: new URL(text.slice(0, at + 1)) }
}
