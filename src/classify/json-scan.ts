/** What `JSON.parse` hides: a key that stands twice or was misread, a number that does not survive, a depth that no honest request has. */

/** Deeper JSON than this is not read. */
const maxDepth = 64

/**
 * What two readers could read differently in a JSON text, in one line; null where nothing is. `value` is what `JSON.parse`
 * made of the text: it drops the first of two equal keys, so a text with more keys than its value has one twice.
 */
export function ambiguity(text: string, value: unknown): string | null {
  const scan = scanned(text)
  if (typeof scan === 'string') return scan
  if (keysIn(value) !== scan.keys) return 'a JSON key stands twice'
  return scan.isEscaped && isMisread(text, value) ? 'a JSON key was misread' : null
}

interface Scan {
  /** How many keys stand in the text: outside of strings each has one colon. */
  readonly keys: number
  /** True where one of them is written with an escape. */
  readonly isEscaped: boolean
}

/** The keys of the text, or what else is odd in it. */
function scanned(text: string): Scan | string {
  let keys = 0
  let depth = 0
  let isEscaped = false
  let begun = 0
  for (let at = 0; at < text.length; at += 1) {
    const char = text.charCodeAt(at)
    if (char === quote) {
      begun = at
      at = stringEnd(text, at)
    } else if (char === colon) {
      keys += 1
      isEscaped ||= text.slice(begun, at).includes('\\')
    } else if (char === minus || (char >= zero && char <= nine)) {
      const end = numberEnd(text, at)
      if (!survives(text.slice(at, end))) return 'a number is too large to be read exactly'
      at = end - 1
    } else {
      depth += turn(char)
      if (depth > maxDepth) return `the JSON nests deeper than ${maxDepth}`
    }
  }
  return { keys, isEscaped }
}

/**
 * INVARIANT (read as written): V8 13.6 reads a key with an escape as another one that it has met before (`\\u0065` as `\\`), and
 * keeps an equal key beside it. So each key is read again alone, where it reads well, and must be among those of the value.
 */
function isMisread(text: string, value: unknown): boolean {
  const written: string[] = []
  let begun = 0
  let end = 0
  for (let at = 0; at < text.length; at += 1) {
    const char = text.charCodeAt(at)
    if (char === quote) {
      begun = at
      at = stringEnd(text, at)
      end = at
    } else if (char === colon) written.push(String(JSON.parse(text.slice(begun, end + 1))))
  }
  const read = keyNames(value).toSorted()
  return written.toSorted().some((key, index) => key !== read[index])
}

function keyNames(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return []
  const own = Array.isArray(value) ? [] : Object.keys(value)
  return [...own, ...Object.values(value).flatMap(keyNames)]
}

/** One deeper, one less deep, or neither. */
function turn(char: number): number {
  if (char === brace || char === bracket) return 1
  return char === closingBrace || char === closingBracket ? -1 : 0
}

/** The keys of all objects in a value, which nests no deeper than `maxDepth`. */
function keysIn(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  const inner: readonly unknown[] = Object.values(value)
  let keys = Array.isArray(value) ? 0 : inner.length
  for (const one of inner) keys += keysIn(one)
  return keys
}

const quote = 0x22
const minus = 0x2d
const zero = 0x30
const nine = 0x39
const colon = 0x3a
const bracket = 0x5b
const closingBracket = 0x5d
const brace = 0x7b
const closingBrace = 0x7d

/** Where the string that begins at `start` has its closing quote. */
function stringEnd(text: string, start: number): number {
  let end = text.indexOf('"', start + 1)
  while (end !== -1 && isEscaped(text, end)) end = text.indexOf('"', end + 1)
  return end === -1 ? text.length : end
}

function isEscaped(text: string, at: number): boolean {
  let before = at - 1
  while (text.charCodeAt(before) === 0x5c) before--
  return (at - before) % 2 === 0
}

function numberEnd(text: string, start: number): number {
  let end = start + 1
  while (end < text.length && /[\d+\-.eE]/.test(text.charAt(end))) end++
  return end
}

/** True where the number that is read is the number that was written; a fraction may be rounded. */
export function survives(digits: string): boolean {
  const number = Number(digits)
  if (!Number.isFinite(number)) return false
  return /^-?\d+$/.test(digits) ? Number.isSafeInteger(number) : true
}
