/** Slack, by an incoming webhook: blocks of plain text, in which nothing is a mention, a link of ours aside. */
import { FirebreakError } from '../base/error.ts'
import type { Secret } from '../base/secret.ts'
import type { Channel } from './channel.ts'
import { within } from './letter.ts'
import { post } from './post.ts'

/** Of one block (Slack, Block Kit, section), with room for what escaping adds at its end. */
const mostInBlock = 2900
const mostInLetter = 12_000

/** The address itself is the secret: it lies in custody. */
export function slack(address: () => Promise<Secret>): Channel {
  return {
    send: async ({ title, text }, signal) => {
      const kept = (await address()).reveal()
      const url = addressOf(kept)
      const body = JSON.stringify({
        text: escaped(title),
        unfurl_links: false,
        unfurl_media: false,
        blocks: [block(title), ...pieces(within(text, mostInLetter)).map(block)],
      })
      const headers = { 'content-type': 'application/json' }
      return await post({ url, headers, body, secrets: [kept, url.pathname, partOf(url)] }, signal)
    },
  }
}

/** Its last part alone is as good as the address. */
function partOf({ pathname }: URL): string {
  return pathname.slice(pathname.lastIndexOf('/') + 1)
}

function block(text: string): object {
  return { type: 'section', text: { type: 'plain_text', text: escaped(text), emoji: false } }
}

/** The three characters by which Slack begins a mention or a link (Slack, Formatting text, Escaping). */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

/** Cut so that each piece, escaped, fits into a block: between lines where that can be. */
function pieces(text: string): readonly string[] {
  const found: string[] = []
  let piece = ''
  for (const part of text.split(/(?<=\n)/).flatMap((line) => line.match(/[^]{1,500}/gu) ?? [])) {
    if (escaped(piece + part).length > mostInBlock) {
      found.push(piece)
      piece = ''
    }
    piece += part
  }
  return piece === '' ? found : [...found, piece]
}

function addressOf(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null
  if (url !== null && isSafe(url)) return url
  throw new FirebreakError(
    'bad_config',
    'what custody keeps is no address of a Slack webhook',
    'add the one that begins with `https://hooks.slack.com/`',
  )
}

/** Over TLS, or to this machine alone; no user and password in it. */
export function isSafe({ protocol, hostname, username, password }: URL): boolean {
  if (username !== '' || password !== '') return false
  const isHere = ['127.0.0.1', '[::1]', 'localhost'].includes(hostname)
  return protocol === 'https:' || (protocol === 'http:' && isHere)
}
