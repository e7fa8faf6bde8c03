/** A policy text cut into its policies, and measured before Cedar sees it: too deep a one breaks the engine for good. */

/** One policy as it stands in its file. */
export interface Piece {
  readonly text: string
  /** The line its first word stands on, from 1. */
  readonly line: number
}

export type Split =
  | { readonly kind: 'pieces'; readonly pieces: readonly Piece[] }
  | { readonly kind: 'refused'; readonly line: number; readonly why: string }

/** Far above what a person writes, and far below what was seen to overflow the engine's stack (about 160). */
export const limits = { textChars: 64_000, depth: 16, steps: 96, policies: 200 } as const

/**
 * The policies of a text, in order. INVARIANT (shallow): no piece nests deeper than `limits.depth` or has more
 * operators than `limits.steps`: long chains recurse like brackets do, some of them only when they are evaluated.
 */
export function splitPolicies(text: string): Split {
  if (text.length > limits.textChars)
    return { kind: 'refused', line: 1, why: `is longer than ${limits.textChars} characters` }
  const cutter = new Cutter(text)
  const token = tokens()
  let at = 0
  while (at < text.length) {
    token.lastIndex = at
    const word = token.exec(text)?.[0]
    const why = word === undefined ? 'has a string that does not end' : cutter.take(word, at)
    if (word === undefined || why !== null)
      return { kind: 'refused', line: cutter.line, why: why ?? '' }
    at += word.length
  }
  return cutter.end()
}

/** White space, a comment, a string, a word, an operator, or any other single character but a quote. */
const tokens = (): RegExp => /\s+|\/\/[^\n\r]*|"(?:[^"\\]|\\[\s\S])*"|\w+|&&|\|\||[=!<>]=|[^"]/y
const steps = new Set(
  '( [ { && || == != <= >= < > + - * ! . if in is has like when unless'.split(' '),
)

/** Takes one token after the other and cuts where a policy ends. */
class Cutter {
  readonly #text: string
  readonly #pieces: Piece[] = []
  #start: { readonly at: number; readonly line: number } | null = null
  #line = 1
  #depth = 0
  #steps = 0

  constructor(text: string) {
    this.#text = text
  }

  get line(): number {
    return this.#line
  }

  /** Null, or why this text cannot be taken. */
  take(word: string, at: number): string | null {
    const why = /^(?:\s|\/\/)/.test(word) ? null : this.#weigh(word, at)
    if (why === null) this.#line += word.split('\n').length - 1
    return why
  }

  end(): Split {
    if (this.#start === null) return { kind: 'pieces', pieces: this.#pieces }
    return {
      kind: 'refused',
      line: this.#start.line,
      why: 'has a policy that does not end in `;`',
    }
  }

  #weigh(word: string, at: number): string | null {
    if (word === ';') return this.#close(at)
    this.#start ??= { at, line: this.#line }
    if (/^[([{]$/.test(word)) this.#depth += 1
    if (/^[)\]}]$/.test(word)) this.#depth -= 1
    if (this.#depth > limits.depth) return `nests deeper than ${limits.depth} brackets`
    if (steps.has(word)) this.#steps += 1
    return this.#steps > limits.steps
      ? `has a policy with more than ${limits.steps} operators and brackets: make several of it`
      : null
  }

  #close(at: number): string | null {
    if (this.#start === null) return 'has a `;` with no policy before it'
    if (this.#depth !== 0) return 'has a `;` inside brackets'
    this.#pieces.push({ text: this.#text.slice(this.#start.at, at + 1), line: this.#start.line })
    this.#start = null
    this.#steps = 0
    return this.#pieces.length > limits.policies
      ? `has more than ${limits.policies} policies`
      : null
  }
}
