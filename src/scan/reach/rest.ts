/** What most platforms share: a token in a header, lists of things under paths, and a refusal that is told. */
import { objectOf } from '../../base/json.ts'
import type { JsonObject } from '../../base/json.ts'
import type { Secret } from '../../base/secret.ts'
import type { Ask, Heard } from './ask.ts'
import { mostThings, objectsOf, troubleOf, wordOf } from './provider.ts'
import type { Copy, Thing } from './reach.ts'

export const bearer = (secret: Secret): Readonly<Record<string, string>> => ({
  authorization: `Bearer ${secret.reveal()}`,
})

/** A platform as one credential sees it: what is read of it, and what could not be. */
export interface Rest {
  readonly host: string
  readonly get: (path: string) => Promise<Heard>
  /** The objects of a list; what stands in the way is written down. `at`: the member that is the list, null where it is the whole. */
  readonly list: (path: string, at: string | null) => Promise<readonly JsonObject[]>
  readonly unknown: string[]
}

export function openRest(ask: Ask, host: string, headers: Readonly<Record<string, string>>): Rest {
  const unknown: string[] = []
  /** A page of somebody in between (200, and HTML) is no answer of the platform. */
  const get = async (path: string): Promise<Heard> => {
    const heard = await ask({ host, path, headers })
    const isRead = heard.status !== 200 || heard.body !== null
    return isRead ? heard : { ...heard, status: 0, why: troubleOf(heard, host) }
  }
  return {
    host,
    get,
    unknown,
    list: async (path, at) => {
      const heard = await get(path)
      const value = at === null ? heard.body : objectOf(heard.body)[at]
      if (heard.status !== 200 || !Array.isArray(value)) {
        unknown.push(`${path.split('?')[0] ?? ''}: ${troubleOf(heard, host)}`)
        return []
      }
      const objects = objectsOf(value)
      const page = Number(/[?&](?:per_page|limit)=(\d+)/.exec(path)?.[1] ?? Infinity)
      // A full page has others behind it, perhaps: they are said, not guessed.
      if (objects.length >= page) unknown.push(`${path.split('?')[0] ?? ''}: more than ${page}`)
      if (objects.length > mostThings) unknown.push(`${objects.length - mostThings} more things`)
      return objects.slice(0, mostThings)
    },
  }
}

/** A thing by its `id` and `name`, as most lists tell it. */
export function thingOf(
  type: string,
  holds: Thing['holds'],
  object: JsonObject,
  name: string = wordOf(object['name']),
): Thing {
  const id = wordOf(object['id'])
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
