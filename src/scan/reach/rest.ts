/** What most platforms share: a token in a header, lists of things under paths, and a refusal that is told. */
import { objectOf } from '../../base/json.ts'
import type { JsonObject } from '../../base/json.ts'
import type { Secret } from '../../base/secret.ts'
import type { Ask, Heard } from './ask.ts'
import { limitOf } from './pages.ts'
import type { Next, Pages } from './pages.ts'
import { mostThings, objectsOf, troubleOf, wordOf } from './provider.ts'
import type { Copy, Thing } from './reach.ts'

export const bearer = (secret: Secret): Readonly<Record<string, string>> => ({
  authorization: `Bearer ${secret.reveal()}`,
})

/** A platform as one credential sees it: what is read of it, and what could not be. */
export interface Rest {
  readonly host: string
  /** Asked once, however often it is called. */
  readonly get: (path: string, headers?: Readonly<Record<string, string>>) => Promise<Heard>
  /**
   * The objects of a list, page by page where the platform's way is given; what stands in the way is written down. `at`: the
   * member that is the list, null where it is the whole.
   */
  readonly list: (path: string, at: string | null, pages?: Pages) => Promise<readonly JsonObject[]>
  readonly unknown: string[]
}

export function openRest(ask: Ask, host: string, headers: Readonly<Record<string, string>>): Rest {
  const unknown: string[] = []
  const answers = new Map<string, Promise<Heard>>()
  const asked = async (path: string, more: Readonly<Record<string, string>>): Promise<Heard> => {
    const heard = await ask({ host, path, headers: { ...headers, ...more } })
    // A page of somebody in between (200, and HTML) is no answer of the platform.
    const isRead = !isDone(heard) || heard.body !== null
    return isRead ? heard : { ...heard, status: 0, why: troubleOf(heard, host) }
  }
  const get: Rest['get'] = async (path, more = {}) => {
    const key = JSON.stringify([path, more])
    const answer = answers.get(key) ?? asked(path, more)
    answers.set(key, answer)
    return await answer
  }
  return {
    host,
    get,
    unknown,
    list: async (path, at, pages = oneFullPage) => {
      const { objects, left } = await everyPage({ path, at, pages, host, get })
      if (left !== null) unknown.push(`${path.split('?')[0] ?? ''}: ${left}`)
      return objects
    },
  }
}

interface Listing {
  readonly path: string
  readonly at: string | null
  readonly pages: Pages
  readonly host: string
  readonly get: Rest['get']
}

/** What was read, and what is left: said, not guessed. */
async function everyPage({ path, at, pages, host, get }: Listing): Promise<{
  readonly objects: readonly JsonObject[]
  readonly left: string | null
}> {
  const objects: JsonObject[] = []
  const seen = new Set<string>()
  let next: Next = { path }
  while (next !== null && next !== 'lost' && objects.length < mostThings) {
    const from: string = next.path
    const key = JSON.stringify(next)
    // A platform that leads in a circle is left.
    if (seen.has(key)) return { objects, left: `more than ${objects.length}` }
    seen.add(key)
    const heard = await get(from, next.headers)
    const value = at === null ? heard.body : objectOf(heard.body)[at]
    if (!isDone(heard) || !Array.isArray(value)) return { objects, left: troubleOf(heard, host) }
    const page = objectsOf(value)
    objects.push(...page)
    next = pages({ host, path: from, heard, many: page.length, last: page.at(-1) ?? null })
  }
  const most = objects.slice(0, mostThings)
  const more = objects.length - most.length
  if (next !== null) return { objects: most, left: `more than ${most.length}` }
  return { objects: most, left: more > 0 ? `${more} more things` : null }
}

/** 206: a part of a list, where the rest is to be asked for by its range (RFC 9110 §15.3.7). */
const isDone = ({ status }: Heard): boolean => status === 200 || status === 206

/** Where no way to the next page is known, a full page may have others behind it. */
const oneFullPage: Pages = ({ path, many }) => (many >= limitOf(path) ? 'lost' : null)

/** A thing by its `id` and `name`, as most lists tell it. The id is the platform's own, so the thing is the same for whoever tells of it. */
export function thingOf(
  type: string,
  holds: Thing['holds'],
  object: JsonObject,
  name: string = wordOf(object['name']),
): Thing {
  return { ...familyOf(type, holds, wordOf(object['id']), name), isGlobal: true }
}

/** What is known as a kind alone, and means another thing in each account. */
export function familyOf(
  type: string,
  holds: Thing['holds'],
  id: string,
  name: string = id,
): Thing {
  return {
    id: `${type}/${id}`,
    type,
    name: name === '' ? id : name,
    environments: [],
    shared: null,
    holds,
  }
}

/** A copy of a thing; nothing is said of a lock or a trial. */
export function copyOf(
  type: string,
  of: string,
  lies: Copy['lies'],
  { id, name }: { readonly id: string; readonly name: string },
): Copy {
  return {
    id: `${type}/${id}`,
    type,
    name: name === '' ? id : name,
    of,
    environment: null,
    lies,
    isImmutable: false,
    isTested: false,
  }
}
