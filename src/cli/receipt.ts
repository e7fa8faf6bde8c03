/** The proof that a person's word was written down, for that person to keep. */
import { writeFileSync } from 'node:fs'
import { messageOf } from '../base/error.ts'
import { textOf } from '../base/json.ts'
import type { JsonObject } from '../base/json.ts'
import type { Parsed } from './command.ts'
import type { Io } from './io.ts'
import { cell } from './table.ts'

/** Writes the receipt of an answer to `--receipt FILE`, never over another file. Without the option it does nothing. */
export function keepReceipt(parsed: Parsed, io: Io, answer: JsonObject): void {
  const file = parsed.text('receipt')
  if (file === null) return
  try {
    writeFileSync(file, textOf(answer['receipt']), { mode: 0o600, flag: 'wx' })
    io.note(`receipt written to ${file}; \`firebreak ledger check ${file} --key KEY\` checks it`)
  } catch (thrown) {
    // The word stands all the same, and so does the entry.
    const again = `\`firebreak ledger prove ${cell(answer['entry'])}\` gives it again`
    io.note(`the receipt was not written: ${messageOf(thrown)}; ${again}`)
  }
}
