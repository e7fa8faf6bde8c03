/** One argument, as a shell would hand it over. */

/** Where a part of it cannot be told, the text has that part as it is written. */
export interface Arg {
  readonly text: string
  readonly isKnown: boolean
  /** Stands for what the file system has by that pattern. */
  readonly isGlob: boolean
  /** What a file of that name would hold, where the word itself makes it: `<(echo x)`. Null: nobody here can tell. */
  readonly holds?: string | null
}

export const argOf = (text: string): Arg => ({ text, isKnown: true, isGlob: false })
