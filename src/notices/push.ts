/** Browser push: the facts, sealed for one browser (RFC 8291), by the service that its maker runs (RFC 8030), in our name (RFC 8292). */
import { createECDH } from 'node:crypto'
import webpush from 'web-push'
import type { Answer, Channel } from './channel.ts'
import { within } from './letter.ts'
import type { Letter } from './letter.ts'
import { post } from './post.ts'

/** A browser that somebody has asked to be told at. */
export interface Subscription {
  readonly endpoint: string
  readonly p256dh: string
  readonly auth: string
}

export interface PushPlace {
  /** 32 bytes that are ours alone; browsers know us by what is made of them. */
  readonly key: Uint8Array
  /** Where people look: a mail address or a page (RFC 8292, §2.1). */
  readonly contact: string
  /** Of everybody who is still enrolled. */
  readonly subscriptions: () => Promise<readonly (Subscription & { readonly id: string })[]>
  /** The browser has taken it back. */
  readonly forget: (id: string) => Promise<void>
  /** Where a message leads: a hold, or the page. */
  readonly linkTo: (letter: Letter) => string | null
}

/** A day: after that it is given up here too. */
const keptSeconds = 24 * 3600
/** A sealed record has room for 4096 bytes in all (RFC 8188); a character has four at most. */
const mostCharacters = 800

/** Letters that some browser has refused, at a time: those of a day, and more than there will be. */
const mostLetters = 500

export function push(place: PushPlace): Channel {
  // Who has taken which letter: a restart forgets it, and the tag shows the second of the same once.
  const had = new Map<string, Set<string>>()
  const hadBy = (letter: string): Set<string> => {
    const [oldest] = had.keys()
    if (had.size >= mostLetters && oldest !== undefined && !had.has(letter)) had.delete(oldest)
    const taken = had.get(letter) ?? new Set<string>()
    had.set(letter, taken)
    return taken
  }
  return {
    send: async (letter, signal) => {
      const all = await place.subscriptions()
      if (all.length === 0) return { kind: 'taken', said: 'nobody has asked to be told there' }
      const taken = hadBy(letter.id)
      const answers = await Promise.all(
        all
          .filter(({ id }) => !taken.has(id))
          .map(async (one) => {
            const answer = await sendOne(place, { one, letter, signal })
            if (answer.kind === 'gone') await place.forget(one.id)
            if (answer.kind === 'taken') taken.add(one.id)
            return answer
          }),
      )
      // One that is gone is nobody's fault; one that did not take it gets it again, and nobody else does.
      const refused = answers.find(({ kind }) => kind === 'refused')
      if (refused !== undefined) return refused
      had.delete(letter.id)
      return { kind: 'taken', said: `${taken.size} of ${all.length} took it` }
    },
  }
}

async function sendOne(
  place: PushPlace,
  {
    one,
    letter,
    signal,
  }: { readonly one: Subscription; readonly letter: Letter; readonly signal: AbortSignal },
): Promise<Answer> {
  const { endpoint, p256dh, auth } = one
  const told = {
    title: letter.title,
    body: within(letter.text, mostCharacters),
    tag: letter.id,
    url: place.linkTo(letter),
  }
  const { headers, body } = webpush.generateRequestDetails(
    { endpoint, keys: { p256dh, auth } },
    JSON.stringify(told),
    {
      vapidDetails: { subject: place.contact, ...vapidKeys(place.key) },
      TTL: keptSeconds,
      urgency: letter.isUrgent ? 'high' : 'normal',
      // One of these stays with the service for a browser that is away, and not one for each try.
      topic: letter.id.slice(-32),
      contentEncoding: 'aes128gcm',
    },
  )
  // Its length is the transport's to say.
  const { 'Content-Length': _, ...rest } = headers
  const sent = {
    url: new URL(endpoint),
    headers: rest,
    body: body ?? Buffer.alloc(0),
    // Who has the address can write to that browser (RFC 8030, §8.1).
    secrets: [auth, endpoint, new URL(endpoint).pathname],
  }
  const answer = await post(sent, signal)
  // RFC 8030, §7.3: 404 says the same as 410.
  return answer.status === 404 ? { ...answer, kind: 'gone' } : answer
}

/** The pair of keys that browsers subscribe by; base64url. */
export function vapidKeys(key: Uint8Array): {
  readonly publicKey: string
  readonly privateKey: string
} {
  const pair = createECDH('prime256v1')
  pair.setPrivateKey(key)
  return {
    publicKey: pair.getPublicKey('base64url'),
    privateKey: pair.getPrivateKey('base64url'),
  }
}
