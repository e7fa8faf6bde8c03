/** A change of ours taken out of a text that others have changed since: each stretch by itself, where exactly it stands today. */
import { diffLines } from 'diff'
import { rewritten } from './span.ts'
import type { Span } from './span.ts'

export interface Unmade {
  readonly text: string
  /** False where a stretch of ours was not found as it was written: then what stood in its place before is not back. */
  readonly isWhole: boolean
}

/** `now` with the change from `before` to `after` undone, and whatever else is in it kept. */
export function unmade(now: string, before: string, after: string): Unmade {
  if (now === after) return { text: before, isWhole: true }
  if (now === before) return { text: now, isWhole: true }
  const spans: Span[] = []
  let isWhole = true
  for (const stretch of stretches(before, after)) {
    const found = spansOf(now, stretch)
    isWhole &&= found !== null
    spans.push(...(found ?? []))
  }
  return { text: rewritten(now, spans), isWhole }
}

/** Lines that changed, as they were and as they are, with the line before and the line behind. */
interface Stretch {
  readonly was: string
  readonly is: string
  readonly ahead: string
  readonly behind: string
}

function stretches(before: string, after: string): readonly Stretch[] {
  const found: Stretch[] = []
  let [ahead, was, is] = ['', '', '']
  for (const { added, removed, value } of [...diffLines(before, after), end]) {
    if (removed) was += value
    else if (added) is += value
    else {
      const behind = /^[^\n]*\n?/.exec(value)?.[0] ?? ''
      if (was !== '' || is !== '') found.push({ was, is, ahead, behind })
      ahead = /[^\n]*$/.exec(bare(value))?.[0] ?? ''
      was = ''
      is = ''
    }
  }
  return found
}

const end = { added: false, removed: false, value: '' }

/** A shorter one may stand for anything. */
const shortest = 12

/** What is to be written anew for one stretch, nothing where it is so already; null where it is not found, or more than once. */
function spansOf(now: string, { was, is, ahead, behind }: Stretch): readonly Span[] | null {
  const [plainWas, plainIs] = [bare(was), bare(is)]
  if (is === '') {
    const around = `${ahead}\n${behind}`
    const at = only(now, around)
    const from = (at ?? 0) + ahead.length + 1
    return at === null ? already(now, plainWas) : [{ from, to: from, text: was }]
  }
  const whole = was === '' ? only(now, is) : null
  if (whole !== null) return [{ from: whole, to: whole + is.length, text: '' }]
  const at = only(now, plainIs)
  if (at !== null) return [{ from: at, to: at + plainIs.length, text: plainWas }]
  const [old, own] = [plainWas.split('\n'), plainIs.split('\n')]
  if (own.length > 1 && old.length === own.length) {
    const each = own.map((line, nth) =>
      line === old[nth] ? [] : spansOf(now, { was: old[nth] ?? '', is: line, ahead, behind }),
    )
    return each.includes(null) ? already(now, plainWas) : each.flatMap((spans) => spans ?? [])
  }
  return already(now, plainWas)
}

function already(now: string, was: string): readonly Span[] | null {
  return was.length >= shortest && now.includes(was) ? [] : null
}

/** Where a text stands; null where it does not, or more than once, or is too short to tell. */
function only(now: string, text: string): number | null {
  const at = now.indexOf(text)
  const isOne = at !== -1 && now.indexOf(text, at + 1) === -1
  return text.length >= shortest && isOne ? at : null
}

/** Without its last line end: more may have been written behind it since. */
function bare(text: string): string {
  return text.endsWith('\n') ? text.slice(0, -1) : text
}
