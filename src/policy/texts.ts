/** The policies as text: the two default files, and the user's own beside them. */
import { digest } from '../base/json.ts'

/** `guard`: its forbids deny. `hold`: its forbids hold. `loosen`: its permits take one default hold away. */
export type SetName = 'guard' | 'hold' | 'loosen'

export interface PolicyText {
  readonly set: SetName
  /** How a person finds it again: the file's path or name. */
  readonly file: string
  readonly text: string
}

/** The defaults by their names; every other file is the user's own, whose names have something before the first dot. */
export const defaultFiles: readonly string[] = ['guard.cedar', 'hold.cedar']

/** The defaults first, in their order, then the user's own by name. */
export function inOrder(texts: readonly PolicyText[]): readonly PolicyText[] {
  const rank = ({ file }: PolicyText): number =>
    isOwn(file) ? defaultFiles.length : defaultFiles.indexOf(file)
  return texts.toSorted(
    (a, b) => rank(a) - rank(b) || (a.file < b.file ? -1 : Number(a.file > b.file)),
  )
}

export function isOwn(file: string): boolean {
  return !defaultFiles.includes(file)
}

/** SHA-256 over the schema and every text with its set; the order in which files were read, and where they lie, says nothing. */
export function textsDigest(schema: string, texts: readonly PolicyText[]): string {
  return digest({ v: 1, schema, texts: inOrder(texts).map(({ set, text }) => [set, text]) })
}
