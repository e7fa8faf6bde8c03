/** Rules by what goes, in short: the words, and one line of what they do. */
import { rule } from '../tool.ts'
import type { Made, Rule, Tool } from '../tool.ts'

/** Programs with their tables. */
export type Rows = readonly (readonly [string, Tool])[]

type Short = (words: string, says: string, more?: Made) => Rule

/** Takes what holds data. */
export const gone: Short = (words, says, more) => rule(words, ['destroy', 'container'], says, more)
/** Takes data itself. */
export const data: Short = (words, says, more) => rule(words, ['destroy', 'data'], says, more)
/** Takes what is written over. */
export const over: Short = (words, says, more) => rule(words, ['destroy', 'overwrite'], says, more)
/** Takes ways back. */
export const backup: Short = (words, says, more) => rule(words, ['destroy', 'backup'], says, more)
/** Takes what protects. */
export const guard: Short = (words, says, more) => rule(words, ['destroy', 'guard'], says, more)
/** Takes keys and secrets that cannot be read back. */
export const key: Short = (words, says, more) => rule(words, ['destroy', 'key'], says, more)
/** Takes names that others can take. */
export const name: Short = (words, says, more) => rule(words, ['destroy', 'name'], says, more)
/** Takes accounts, and the power of somebody. */
export const who: Short = (words, says, more) => rule(words, ['destroy', 'account'], says, more)
/** Takes only that it runs. */
export const stops: Short = (words, says, more) => rule(words, ['destroy', 'outage'], says, more)
/** Shows secrets, or makes a key. */
export const tells: Short = (words, says, more) => rule(words, ['expose'], says, more)

export const named = (names: string, one: Tool): Rows =>
  names.split(' ').map((name) => [name, one] as const)
