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

/** `files` as they were written. `grants`: texts that must not stand anywhere afterwards. */
export function backTo(place: Place, files: readonly FileChange[], grants: RegExp): Back {
  const writes: Wanted[] = []
  const left: { path: string; why: string }[] = []
  for (const file of files) {
    const now = textOf(file.path)
    if (now === file.before) continue
    if (now === file.after) {
      writes.push({ path: file.path, before: now, after: file.before })
      continue
    }
    if (now === null) {
      if (file.before !== null) left.push({ path: file.path, why: 'it is not there any more' })
      continue
    }
    const after = swapped(now, file)
    if (after !== now) writes.push({ path: file.path, before: now, after })
  }
  const all = [...writes, ...unhooked(place, writes)]
  const byPath = new Map(all.map((each) => [each.path, each]))
  const merged = [...byPath.values()].map((each) => ({
    ...each,
    before: writes.find(({ path }) => path === each.path)?.before ?? each.before,
  }))
  for (const { path } of files) {
    const text = byPath.get(path)?.after ?? textOf(path)
    if (byPath.get(path)?.after !== null && text !== null && grants.test(text))
      left.push({
        path,
        why: 'a grant still stands in it: it was changed since, put it right by hand',
      })
  }
  return { writes: merged, left }
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

/** Hooks of ours wherever a host still has one. */
function unhooked(place: Place, writes: readonly Wanted[]): readonly Wanted[] {
  const seen = changed(
    place,
    writes.flatMap(({ path, before, after }) => (after === null ? [] : [{ path, before, after }])),
  )
  const gone = new Set(writes.filter(({ after }) => after === null).map(({ path }) => path))
  return hosts.flatMap((host) => host.unhooked(seen).filter(({ path }) => !gone.has(path)))
}
