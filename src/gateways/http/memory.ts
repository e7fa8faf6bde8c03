/** The last head of a connection: a client that asks again mostly says the same but for the length, and need not be read anew. */
import type { Framing, Head } from './head.ts'

interface Kept<V> {
  readonly key: string
  readonly head: Head
  readonly visit: V
}

/** Answers only for the very text that was read before, its one `Content-Length` aside. */
export class HeadMemory<V> {
  #kept: Kept<V> | null = null

  /** The head and the visit of this text, or null when it must be read. */
  recall(text: string): { readonly head: Head; readonly visit: V } | null {
    const kept = this.#kept
    if (kept === null) return null
    const { key, framing } = taken(text)
    if (key !== kept.key) return null
    return { head: { ...kept.head, framing }, visit: kept.visit }
  }

  /**
   * Keeps what `text` was read as. INVARIANT (one length): only where the length that is taken out here is the one that the
   * strict reader saw; a chunked body, an expectation or an oddly written length is always read anew.
   */
  keep(text: string, head: Head, visit: V): void {
    const { key, framing } = taken(text)
    const plain = !head.expects && same(framing, head.framing)
    this.#kept = plain ? { key, head, visit } : null
  }
}

function same(a: Framing, b: Framing): boolean {
  if (a.kind === 'length') return b.kind === 'length' && a.bytes === b.bytes
  return a.kind === 'none' && b.kind === 'none'
}

const lengthLine = /\r\n[Cc]ontent-[Ll]ength: ?(\d{1,15})(?=\r\n|$)/

/** The text without its first length line. A second one would still be in the key, and such a head was refused. */
function taken(text: string): { readonly key: string; readonly framing: Framing } {
  const match = lengthLine.exec(text)
  if (match === null) return { key: text, framing: { kind: 'none' } }
  const [line, digits] = match
  const bytes = Number(digits)
  const key = `${text.slice(0, match.index)}${text.slice(match.index + line.length)}`
  return { key: `+${key}`, framing: bytes === 0 ? { kind: 'none' } : { kind: 'length', bytes } }
}
