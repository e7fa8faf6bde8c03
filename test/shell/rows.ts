/** Rows of the tables beside this: a verdict, a text in which `⏎` ends a line, and what it is about. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Row {
  readonly verdict: string
  readonly text: string
  readonly about: string
}

export function rowsOf(name: string): readonly Row[] {
  return readFileSync(join(import.meta.dirname, name), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => line.split('\t'))
    .map(([verdict = '', text = '', about = '']) => ({
      verdict,
      text: text.replaceAll('⏎', '\n'),
      about,
    }))
}
