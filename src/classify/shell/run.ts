/** One simple command of a text, ready to be judged: its words, what it is fed, and where it writes. */
import type { Arg } from './words.ts'

export interface Run {
  /** The program first. */
  readonly argv: readonly Arg[]
  /** Variables that stand before it. */
  readonly env: ReadonlyMap<string, Arg>
  readonly stdin: Fed
  /** Files that it writes over (`>`), and appends to. */
  readonly writes: readonly { readonly to: Arg; readonly isOver: boolean }[]
}

/** What a program reads from its standard input. */
export type Fed =
  | { readonly kind: 'none' }
  | { readonly kind: 'text'; readonly text: string }
  /** From a file, a program or a variable: nobody here has read it. */
  | { readonly kind: 'unread'; readonly from: string }

export const nothingFed: Fed = { kind: 'none' }

/** `/usr/bin/Git.exe` → `git`, `prisma@6.1` → `prisma`: by its last part, in small letters. */
export function programOf(text: string): string {
  const name = text.slice(Math.max(text.lastIndexOf('/'), text.lastIndexOf('\\')) + 1)
  return name
    .toLowerCase()
    .replace(/(?<=.)@[\w.^~-]+$/, '')
    .replace(/\.(exe|cmd|bat|phar)$/, '')
}
