/** Every line of shell that this project has written down, with what it is: destructive, or not. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { grave, quiet } from './lines.ts'

export interface Row {
  readonly isGrave: boolean
  readonly tier: string
  readonly text: string
}

/** Lines whose meaning lies in a file beside them, or is a platform’s own reader’s to tell. */
const namesFile = /\b(clean\.sh|ok\.sh|drop\.sql|ok\.sql|unknown\.sql|wipe\.py|backboard)\b/

export function corpusRows(): readonly Row[] {
  return [
    ...grave
      .filter((text) => !namesFile.test(text))
      .map((text) => ({ isGrave: true, tier: 'shell', text })),
    ...quiet
      .filter((text) => !namesFile.test(text))
      .map((text) => ({ isGrave: false, tier: 'shell', text })),
    ...table('platforms'),
    ...table('corpus-data'),
  ]
}

/** `hold<TAB>command` or `ok<TAB>command`, a line each. */
function table(name: string): readonly Row[] {
  return (
    readFileSync(join(import.meta.dirname, `${name}.tsv`), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => line.split('\t'))
      // What only ends availability goes with a finding: neither the one nor the other.
      .filter(([verdict]) => verdict === 'hold' || verdict === 'ok')
      .map(([verdict = '', text = '']) => ({ isGrave: verdict === 'hold', tier: name, text }))
  )
}
