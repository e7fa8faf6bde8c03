/** One simple command of a text, ready to be judged: its words, what it is fed, and where it writes. */
import type { Arg } from './arg.ts'

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
  | {
      readonly kind: 'unread'
      readonly from: string
      /** What is known of it. */
      readonly text?: string
    }

export const nothingFed: Fed = { kind: 'none' }

/** `/usr/bin/Git.exe` → `git`, `prisma@5` → `prisma`, `@railway/cli` → `railway`: by its last part, in small letters, as a package or a file. */
export function programOf(text: string): string {
  const [, scope, name] = /^@([\w.-]+)\/([\w.-]+)(?:@[^/]*)?$/.exec(text) ?? []
  if (scope !== undefined && name !== undefined) return name === 'cli' ? scope : name
  const last = text.slice(Math.max(text.lastIndexOf('/'), text.lastIndexOf('\\')) + 1)
  return last
    .toLowerCase()
    .replace(/(?<=.)@[\w.^~-]+$/, '')
    .replace(/\.(exe|cmd|bat|phar)$/, '')
}
