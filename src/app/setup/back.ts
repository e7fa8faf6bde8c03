/** Files of a set-up as they were before it: whole where nobody has changed them since, else with only what is Firebreak's taken out. */
import { FirebreakError } from '../../base/error.ts'
import { hosts } from '../hosts/known.ts'
import { changed } from '../hosts/place.ts'
import type { FileChange, Place } from '../hosts/host.ts'
import { unmade } from './unmade.ts'
import { textOf } from './write.ts'
import type { Wanted } from './write.ts'

export interface Left {
  readonly path: string
  readonly why: string
  /** As it was before the set-up: what stood in it is nowhere else. */
  readonly original: string
}

export interface Back {
  readonly writes: readonly Wanted[]
  /** What a person has to look at. */
  readonly left: readonly Left[]
}

export interface Going {
  readonly place: Place
  /** As they were written, one behind another where one was written again. */
  readonly files: readonly FileChange[]
  /** What must not stand in any of them afterwards. */
  readonly grants: RegExp
  /** Files that other set-ups of this person need as they are. */
  readonly isShared: (path: string) => boolean
}

export function backTo({ place, files, grants, isShared }: Going): Back {
  const left: Left[] = []
  const own: Wanted[] = []
  for (const [path, steps] of Map.groupBy(files, (each) => each.path)) {
    const isOfGrants = steps.some(({ after }) => grants.test(after))
    if (!isOfGrants && isShared(path)) continue
    const { write, why } = undone(place, path, steps)
    if (write !== null) own.push(write)
    const after = write === null ? textIn(place, path) : write.after
    const wrong = why ?? (grants.test(after ?? '') ? 'a grant still stands in it' : null)
    const original = isOfGrants ? originalOf(steps) : null
    if (wrong !== null && original !== null) left.push({ path, why: wrong, original })
  }
  return { writes: withoutHooks(place, own, isShared), left }
}

function originalOf([first]: readonly FileChange[]): string | null {
  return first?.before ?? null
}

interface Undone {
  readonly write: Wanted | null
  /** What kept it from being put back whole. */
  readonly why: string | null
}

/** What was done last is undone first. */
function undone(place: Place, path: string, steps: readonly FileChange[]): Undone {
  const now = stands(place, path)
  if ('why' in now) return { write: null, why: now.why }
  if (steps[0]?.before === null) {
    const isOurs = now.text === steps.at(-1)?.after
    return { write: isOurs ? { path, before: now.text, after: null } : null, why: null }
  }
  let [text, isWhole] = [now.text, true]
  for (const { before, after } of steps.toReversed()) {
    const back = unmade(text, before ?? '', after)
    text = back.text
    isWhole &&= back.isWhole
  }
  const write = text === now.text ? null : { path, before: now.text, after: text }
  return {
    write,
    why: isWhole ? null : 'it was changed since, and not all of it could be put back',
  }
}

function stands(place: Place, path: string): { readonly text: string } | { readonly why: string } {
  if (place.real(path) !== path) return { why: 'a link stands in its way' }
  try {
    const text = textOf(path)
    return text === null ? { why: 'it is not there any more' } : { text }
  } catch (thrown) {
    // Whatever it is now, it is not what was written.
    if (!(thrown instanceof FirebreakError)) throw thrown
    return { why: thrown.message }
  }
}

function textIn(place: Place, path: string): string {
  const now = stands(place, path)
  return 'text' in now ? now.text : ''
}

/** The same, and no hook of ours left wherever a host still has one. */
function withoutHooks(
  place: Place,
  writes: readonly Wanted[],
  isShared: Going['isShared'],
): readonly Wanted[] {
  const all = new Map(writes.map((each) => [each.path, each]))
  const seen = changed(
    place,
    writes.flatMap(({ path, before, after }) => (after === null ? [] : [{ path, before, after }])),
  )
  for (const { path, before, after } of hosts.flatMap((host) => host.unhooked(seen))) {
    const first = all.get(path)
    if (first?.after !== null && !isShared(path))
      all.set(path, { path, before: first?.before ?? before, after })
  }
  return [...all.values()]
}
