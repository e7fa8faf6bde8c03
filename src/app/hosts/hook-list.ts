/** Hooks in a JSON file, event by event: ours put in or taken out, everybody else's left. */
import { isDeepStrictEqual } from 'node:util'
import { isObject, textOf } from '../../base/json.ts'
import type { Json, JsonObject } from '../../base/json.ts'
import { isHere } from '../config-targets.ts'
import { broken, readText, withoutValue, withValue, written } from './json-text.ts'
import type { Leniency, Path } from './json-text.ts'
import { asksUs } from './own-hook.ts'

/** How one host writes its hooks. */
export interface HookForm {
  readonly host: string
  readonly leniency: Leniency
  /** What a file has besides hooks, where we make it. */
  readonly base: JsonObject
  /** `grouped`: an entry has a matcher and a list of hooks of its own. */
  readonly form: 'flat' | 'grouped'
  /** Members of `hooks` that are no events. */
  readonly besides?: readonly string[]
}

/** An event, and the entry that stands there. */
export type Wanted = readonly (readonly [event: string, entry: JsonObject])[]

/** One hook of ours in a file. */
export interface Found {
  readonly event: string
  /** The hook itself, which in a group is one of several. */
  readonly hook: JsonObject
  readonly entry: JsonObject
  readonly at: Path
}

/** The text with each entry once, and no older one of ours beside it at that event. */
export function withHooks(
  path: string,
  text: string | null,
  how: HookForm,
  wanted: Wanted,
): string {
  if (text === null || text.trim() === '') return fresh(how, wanted)
  let now = text
  for (const [event, entry] of wanted) now = withHook(path, now, how, [event, entry])
  for (const [key, value] of Object.entries(how.base))
    if (!(key in readText(path, now, how.leniency))) now = withValue(now, [key], value)
  return now
}

function fresh({ base }: HookForm, wanted: Wanted): string {
  const events = [...new Set(wanted.map(([event]) => event))]
  const hooks = events.map((event) => [
    event,
    wanted.filter(([name]) => name === event).map(([, entry]) => entry),
  ])
  return written({ ...base, hooks: Object.fromEntries(hooks) })
}

function withHook(
  path: string,
  text: string,
  how: HookForm,
  [event, entry]: readonly [string, JsonObject],
): string {
  const own = hooksIn(path, text, how).filter((found) => found.event === event)
  const right = own.find((found) => isAsWanted(found, entry))
  const kept = right ?? own.find((found) => found.at.length === 3)
  // From behind, so that the places of those before stay.
  const others = own.filter((found) => found !== kept).toReversed()
  let now = text
  for (const { at } of others) now = withoutValue(now, at)
  if (right !== undefined) return now
  const place =
    kept === undefined ? null : hooksIn(path, now, how).find((found) => found.event === event)
  if (place !== null && place !== undefined) return withValue(now, place.at, entry)
  return appended(now, readText(path, now, how.leniency), event, entry)
}

function appended(text: string, file: JsonObject, event: string, entry: JsonObject): string {
  const { hooks } = file
  if (!isObject(hooks)) return withValue(text, ['hooks'], { [event]: [entry] })
  const list = hooks[event]
  return Array.isArray(list)
    ? withValue(text, ['hooks', event, list.length], entry)
    : withValue(text, ['hooks', event], [entry])
}

/** What a person has set up by hand to ask the daemon is as good; a server elsewhere under our path answers what it likes. */
function isAsWanted({ entry, hook }: Found, wanted: JsonObject): boolean {
  return (
    (hook['type'] === 'http' && leadsHere(textOf(hook['url']))) || isDeepStrictEqual(entry, wanted)
  )
}

function leadsHere(url: string): boolean {
  return URL.canParse(url) && isHere(new URL(url).hostname)
}

/** The text without any hook of ours; null where nothing is left of a file that was ours alone. */
export function withoutHooks(path: string, text: string, how: HookForm): string | null {
  const file = readText(path, text, how.leniency)
  const found = hooksIn(path, text, how)
  if (found.length === 0) return text
  let now = text
  for (const { at } of found.toReversed()) now = withoutValue(now, at)
  for (const event of new Set(found.map(({ event }) => event)))
    if (isEmpty(hooksOf(readText(path, now, how.leniency))?.[event]))
      now = withoutValue(now, ['hooks', event])
  if (isEmpty(hooksOf(readText(path, now, how.leniency)) ?? undefined))
    now = withoutValue(now, ['hooks'])
  const left = readText(path, now, how.leniency)
  const wasOurs = text === written(file) && isDeepStrictEqual(left, how.base)
  return wasOurs ? null : now
}

function isEmpty(value: Json | undefined): boolean {
  return value !== undefined && value !== null && Object.keys(value).length === 0
}

/** Our hooks, in the order of the file. Throws where `hooks` has not the form that the host reads. */
export function hooksIn(path: string, text: string, how: HookForm): readonly Found[] {
  const hooks = hooksOf(readText(path, text, how.leniency))
  if (hooks === null) return []
  if (hooks === undefined) throw broken(path, 'has `hooks` in another form than an object')
  const events = Object.entries(hooks).filter(([name]) => how.besides?.includes(name) !== true)
  return events.flatMap(([event, list]) => {
    if (!Array.isArray(list))
      throw broken(path, `has \`hooks.${event}\` in another form than a list`)
    const entries: readonly Json[] = list
    return entries.flatMap((entry, nth) => ownIn(how, event, entry, ['hooks', event, nth]))
  })
}

/** Null where there are none, undefined where they are no object. */
function hooksOf({ hooks }: JsonObject): JsonObject | null | undefined {
  if (hooks === undefined) return null
  return isObject(hooks) ? hooks : undefined
}

function ownIn(how: HookForm, event: string, entry: Json, at: Path): readonly Found[] {
  if (!isObject(entry)) return []
  if (how.form === 'flat') return asksUs(entry, how.host) ? [{ event, hook: entry, entry, at }] : []
  const { hooks } = entry
  const within: readonly Json[] = Array.isArray(hooks) ? hooks : []
  const own = within.flatMap((hook, nth) =>
    isObject(hook) && asksUs(hook, how.host) ? [{ hook, nth }] : [],
  )
  // A group that is ours alone goes as a whole.
  if (own.length === within.length)
    return own.slice(0, 1).map(({ hook }) => ({ event, hook, entry, at }))
  return own.map(({ hook, nth }) => ({ event, hook, entry, at: [...at, 'hooks', nth] }))
}
