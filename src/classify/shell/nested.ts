/** What a reader of one program may have read in turn: texts and programs within its words. */
import type { Operation } from '../../core/operation.ts'
import type { Fed, Run } from './run.ts'
import type { PlanRead } from '../plan/change.ts'
import type { Scope } from './scope.ts'
import type { Arg } from './arg.ts'

/** Readers of what is handed on to a database or a platform; each gives what it would do. */
export interface Readers {
  readonly sql: (text: string) => readonly Operation[]
  readonly graphql: (platform: string, text: string) => readonly Operation[]
  /** A file of where it would run, by its name as written; null where it is not there, is too long, or nobody may look. */
  readonly file: (path: string) => string | null
  /** The path that its links lead to, as it was given where it has none; relative where it stays below where it would run. */
  readonly real?: (path: string) => string
  /** What the file of a plan says; null where it cannot be had. Nobody looks where it is missing. */
  readonly plan?: (path: string) => PlanRead | null
}

export interface ShellAbout {
  readonly readers: Readers
  /** Where it would run; null where nobody says. */
  readonly cwd: string | null
  /** Told of each command, in their order, before it is judged. */
  readonly saw?: (run: Run) => void
}

export interface Nested {
  readonly about: ShellAbout
  /** The commands of the text that stand before the one that is judged, and those that it is handed on by. */
  readonly before: readonly Run[]
  /** A shell's text. */
  readonly text: (text: string, scope: Scope) => readonly Operation[]
  /** A text that stands in an argument: one that is not known is held, by the name of who runs it. */
  readonly script: (text: Arg, scope: Scope, where: string) => readonly Operation[]
  readonly run: (run: Run, scope: Scope) => readonly Operation[]
  /** What a file holds: made by the word itself, by this text before, or lying there; `none` where nobody here can tell. */
  readonly file: (path: Arg, scope: Scope, stdin?: Fed) => Fed
}

/** Null: this reader has nothing to say of these words, and the tables are asked. */
export type Special = (run: Run, scope: Scope, nested: Nested) => readonly Operation[] | null
