/** A webhook, signed as Standard Webhooks 1.0.0 describes: who receives it can tell that it is ours, and new. */
import { createHmac } from 'node:crypto'
import { FirebreakError } from '../base/error.ts'
import type { Secret } from '../base/secret.ts'
import type { Channel } from './channel.ts'
import type { Letter } from './letter.ts'
import { post } from './post.ts'

export interface WebhookPlace {
  readonly url: string
  readonly secret: () => Promise<Secret>
  /** Seconds since 1970. */
  readonly now: () => number
}

const prefix = 'whsec_'

export function webhook({ url, secret, now }: WebhookPlace): Channel {
  return {
    send: async (letter, signal) => {
      const kept = (await secret()).reveal()
      const body = bodyOf(letter)
      const time = String(now())
      const headers = {
        'content-type': 'application/json',
        'webhook-id': letter.id,
        'webhook-timestamp': time,
        'webhook-signature': `v1,${signature(keyOf(kept), letter.id, time, body)}`,
      }
      return await post(
        { url: new URL(url), headers, body, secrets: [kept, kept.slice(prefix.length)] },
        signal,
      )
    },
  }
}

function signature(key: Uint8Array, id: string, time: string, body: string): string {
  return createHmac('sha256', key).update(`${id}.${time}.${body}`).digest('base64')
}

function keyOf(secret: string): Uint8Array {
  const [, text = ''] = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(secret) ?? []
  const key = Buffer.from(text, 'base64')
  if (key.length >= 24 && key.length <= 64) return key
  throw new FirebreakError(
    'bad_config',
    'what custody keeps is no secret of a webhook',
    'make one: `echo "whsec_$(openssl rand -base64 32)"`',
  )
}

function bodyOf({ id, at, title, items }: Letter): string {
  const told = items.map((item) => ({
    id: item.id,
    kind: item.kind,
    subject: item.subject,
    at: new Date(item.at).toISOString(),
    title: item.title,
    facts: item.facts,
  }))
  return JSON.stringify({
    type: 'firebreak.told',
    timestamp: new Date(at).toISOString(),
    data: { id, title, told },
  })
}
