/** Files of a set-up as they were before it: whole where nobody has changed them since, else with only what is Firebreak's taken out. */
import { hosts } from '../hosts/known.ts'
import { changed } from '../hosts/place.ts'
import type { FileChange, Place } from '../hosts/host.ts'
import { rewritten } from './span.ts'
import type { Span } from './span.ts'
import { textOf } from './write.ts'
import type { Wanted } from './write.ts'

export interface Back {
  readonly writes: readonly Wanted[]
  /** What a person has to look at: the file, and why. */
  readonly left: readonly { readonly path: string; readonly why: string }[]
}

/** `files` as they were written; `grants`: what must not stand in any of them afterwards. */
export function backTo(place: Place, files: readonly FileChange[], grants: RegExp): Back {
  const own = files.flatMap((file) => writesFor(file))
  const gone = files.filter(({ path, before }) => before !== null && textOf(path) === null)
  const writes = withoutHooks(place, own)
  const afterOf = (path: string): string | null => {
    const write = writes.find((each) => each.path === path)
    return write === undefined ? textOf(path) : write.after
  }
  const changed = files.filter(({ path }) => grants.test(afterOf(path) ?? ''))
  return {
    writes,
    left: [
      ...gone.map(({ path }) => ({ path, why: 'it is not there any more' })),
      ...changed.map(({ path }) => ({
        path,
        why: 'a grant still stands in it: it was changed since, put it right by hand',
      })),
    ],
  }
}

function writesFor(file: FileChange): readonly Wanted[] {
  const { path, before, after } = file
  const now = textOf(path)
  if (now === before || now === null) return []
  if (now === after) return [{ path, before: now, after: before }]
  const back = swapped(now, file)
  return back === now ? [] : [{ path, before: now, after: back }]
}

/** Each stretch that was written anew, as it was, wherever exactly that stretch stands today. */
function swapped(now: string, { before, after }: FileChange): string {
  const spans: Span[] = []
  for (const { was, is } of stretches(before ?? '', after)) {
    const at = now.indexOf(is)
    if (is.length >= shortest && at !== -1 && now.indexOf(is, at + 1) === -1)
      spans.push({ from: at, to: at + is.length, text: was })
  }
  return rewritten(now, spans)
}

/** A shorter one may stand for anything. */
const shortest = 12

/** Lines that changed, as they were and as they are. */
function stretches(
  before: string,
  after: string,
): readonly { readonly was: string; readonly is: string }[] {
  const [was, is] = [before.split('\n'), after.split('\n')]
  return was.length === is.length
    ? was.flatMap((line, at) => (line === is[at] ? [] : [{ was: line, is: is[at] ?? '' }]))
    : []
}

/** The same, and no hook of ours left wherever a host still has one. */
function withoutHooks(place: Place, writes: readonly Wanted[]): readonly Wanted[] {
  const all = new Map(writes.map((each) => [each.path, each]))
  const seen = changed(
    place,
    writes.flatMap(({ path, before, after }) => (after === null ? [] : [{ path, before, after }])),
  )
  for (const { path, before, after } of hosts.flatMap((host) => host.unhooked(seen))) {
    const first = all.get(path)
    if (first?.after !== null) all.set(path, { path, before: first?.before ?? before, after })
  }
  return [...all.values()]
}
