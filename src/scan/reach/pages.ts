/** How a platform tells the next page of a list: each has its own way, and none leads anywhere but to more of the same list. */
import { objectOf } from '../../base/json.ts'
import type { Json, JsonObject } from '../../base/json.ts'
import type { Heard } from './ask.ts'
import { wordOf } from './provider.ts'

/** What was asked for, and what came. */
export interface Page {
  readonly host: string
  readonly path: string
  readonly heard: Heard
  /** How many objects it has. */
  readonly many: number
  readonly last: JsonObject | null
}

/** Where the next page is: another query, or another header. Null: this was the last one. `lost`: there is one, and it is not followed. */
export type Next =
  { readonly path: string; readonly headers?: Readonly<Record<string, string>> } | 'lost' | null

export type Pages = (page: Page) => Next

/** The same path with one word of its query set anew. */
export function withQuery(path: string, name: string, value: string): string {
  const [head = '', query = ''] = path.split(/\?(.*)/s)
  const words = new URLSearchParams(query)
  words.set(name, value)
  return `${head}?${words.toString()}`
}

/** An address that a platform says itself, where it is of the same list; its host may be named, and be no other. */
function sameList(address: string, { host, path }: Page): Next {
  const base = `https://${host}`
  if (!URL.canParse(address, base)) return 'lost'
  const next = new URL(address, base)
  const isSame = next.origin === base && next.pathname === new URL(path, base).pathname
  return isSame && next.username === '' ? { path: `${next.pathname}${next.search}` } : 'lost'
}

/** RFC 8288 §3: `<https://…?page=2>; rel="next"`. */
export const byLink: Pages = (page) => {
  const parts = (page.heard.headers['link'] ?? '').split(/,\s*(?=<)/)
  const next = parts.find((part) => /;\s*rel="?next"?(?:;|$)/i.test(part.trim()))
  return next === undefined ? null : sameList(/^<([^>]*)>/.exec(next.trim())?.[1] ?? '', page)
}

/** An address in the answer: `links.pages.next`. */
export const byAddress =
  (...members: readonly string[]): Pages =>
  (page) => {
    const address = wordOf(memberOf(page.heard.body, members))
    return address === '' ? null : sameList(address, page)
  }

/** A word in the answer that is said back under a name: `pagination.cursor` as `cursor`. */
export const byWord =
  (name: string, ...members: readonly string[]): Pages =>
  ({ path, heard, many }) => {
    const word = wordOf(memberOf(heard.body, members))
    // Some say one behind the last page too: an empty page ends it.
    return word === '' || many === 0 ? null : { path: withQuery(path, name, word) }
  }

/** A member of the last thing is said back, while the answer says that there is more; null: until a page is not full. */
export const byLast =
  (name: string, member: string, more: string | null): Pages =>
  ({ path, heard, many, last }) => {
    const word = wordOf(last?.[member])
    const isMore = more === null ? many >= limitOf(path) : objectOf(heard.body)[more] === true
    if (!isMore || many === 0) return null
    return word === '' ? 'lost' : { path: withQuery(path, name, word) }
  }

/** Pages by number, as many as the answer says; where it does not say, until a page is not full. */
export const byNumber =
  (...members: readonly string[]): Pages =>
  ({ path, heard, many }) => {
    const number = Number(/[?&]page=(\d{1,6})/.exec(path)?.[1] ?? 1)
    const all = memberOf(heard.body, members)
    const isMore = typeof all === 'number' ? number < all : many >= limitOf(path)
    return isMore && many > 0 ? { path: withQuery(path, 'page', String(number + 1)) } : null
  }

/** A range in a header, which is said back as `Range`. */
export const byRange: Pages = ({ path, heard }) => {
  const range = heard.headers['next-range'] ?? ''
  if (range === '') return null
  return /^[\x20-\x7E]{1,300}$/.test(range) ? { path, headers: { range } } : 'lost'
}

/** How many a full page has; infinite where the question does not say. */
export const limitOf = (path: string): number =>
  Number(/[?&](?:per_page|limit)=(\d{1,6})/.exec(path)?.[1] ?? Infinity)

const memberOf = (body: Json, members: readonly string[]): Json | undefined =>
  members.reduce<Json | undefined>((value, name) => objectOf(value)[name], body)
