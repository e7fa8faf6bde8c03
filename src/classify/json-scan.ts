/** What `JSON.parse` hides: a key that stands twice, a number that does not survive, a depth that no honest request has. */

/** Deeper JSON than this is not read. */
const maxDepth = 64

/** What two readers could read differently in a JSON text, in one line; null where nothing is. The text must be valid JSON. */
export function ambiguity(text: string): string | null {
  const scan = new Scan(text)
  for (let at = 0; at < text.length; at = scan.past(at)) if (scan.problem !== null) break
  return scan.problem
}

/** One walk over a text: which containers are open, which keys they have had, and whether a key comes next. */
class Scan {
  readonly #text: string
  readonly #open: (Set<string> | null)[] = []
  #keyNext = false
  problem: string | null = null

  constructor(text: string) {
    this.#text = text
  }

  /** Takes what begins at `at` and gives the place behind it. */
  past(at: number): number {
    const char = this.#text.charCodeAt(at)
    if (char === quote) return this.#string(at)
    if (char === minus || (char >= zero && char <= nine)) return this.#number(at)
    if (char === brace || char === bracket) this.#enter(char === brace)
    else if (char === closingBrace || char === closingBracket) {
      this.#open.pop()
      this.#keyNext = false
    } else if (char === comma) this.#keyNext = this.#open.at(-1) instanceof Set
    return at + 1
  }

  #enter(isObject: boolean): void {
    if (this.#open.length >= maxDepth) this.problem = `the JSON nests deeper than ${maxDepth}`
    this.#open.push(isObject ? new Set() : null)
    this.#keyNext = isObject
  }

  #string(start: number): number {
    const end = stringEnd(this.#text, start)
    const keys = this.#keyNext ? this.#open.at(-1) : null
    if (keys instanceof Set) {
      const key = keyOf(this.#text.slice(start + 1, end))
      if (keys.has(key)) this.problem = 'a JSON key stands twice'
      keys.add(key)
      this.#keyNext = false
    }
    return end + 1
  }

  #number(start: number): number {
    const end = numberEnd(this.#text, start)
    if (!survives(this.#text.slice(start, end)))
      this.problem = 'a number is too large to be read exactly'
    return end
  }
}

const quote = 0x22
const comma = 0x2c
const minus = 0x2d
const zero = 0x30
const nine = 0x39
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

function keyOf(raw: string): string {
  if (!raw.includes('\\')) return raw
  const value: unknown = JSON.parse(`"${raw}"`)
  return String(value)
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
