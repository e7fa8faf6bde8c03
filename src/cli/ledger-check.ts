/** `firebreak ledger check`: whether a receipt holds, and the passkey's word in it; offline, with nothing but the verifier key. */
import { readFileSync } from 'node:fs'
import { readFrom } from '../app/archive.ts'
import { flawAt, wordAlone, wordFlaws } from '../app/evidence.ts'
import { exportedRows, verifyExport } from '../ledger/export.ts'
import { readVerifier } from '../ledger/note.ts'
import { readReceipt } from '../ledger/receipt.ts'
import type { Verified } from '../ledger/verify.ts'
import { exits, usage } from './command.ts'
import type { Parsed } from './command.ts'
import { first } from './daemon.ts'
import type { Io } from './io.ts'
import { cell } from './table.ts'

/** With `--from FOLDER`, an export, the passkey is also held to its enrolment. */
export async function checkReceipt(parsed: Parsed, io: Io): Promise<number> {
  const key = needed(parsed, 'key')
  const result = readReceipt(readFileSync(first(parsed, 'RECEIPT'), 'utf8'), readVerifier(key))
  if (result.kind === 'refused') {
    io.say(`refused: ${result.why}`)
    io.give({ proved: false, why: result.why })
    return exits.broken
  }
  const { index, size, leaf, told } = result
  const word = told === null ? null : wordAlone(told)
  if (typeof word === 'string') return refused(io, index, `entry ${index}: ${word}`)
  const from = parsed.text('from')
  const flaw = from === null ? null : await flawIn(from, key, { index, leaf })
  if (flaw !== null) return refused(io, index, flaw)
  io.say(`entry ${index} of ${size}: ${cell(Buffer.from(leaf).toString('utf8'))}`)
  if (word !== null) {
    const held =
      from === null ? '; `--from FOLDER`, an export, shows whose it is' : ', enrolled before'
    io.say(`signed by a passkey of ${cell(word.who)}${held}`)
  }
  io.give({ proved: true, index, size, passkey: word?.who ?? null })
  return exits.done
}

/** What an export says, its entries' signatures and words alike. */
export async function verifiedFolder(folder: string, key: string): Promise<Verified> {
  const read = readFrom(folder)
  const verified = await verifyExport(read, readVerifier(key))
  const words = verified.ok ? await wordFlaws(exportedRows(read)) : []
  const flaws = words.map(({ index, message }) => ({ kind: 'word', index, message }) as const)
  const faults = [...verified.faults, ...flaws]
  return { ...verified, ok: faults.length === 0, faults }
}

/** What keeps the receipt's entry from being the one of that export, with a good word in it. */
async function flawIn(
  folder: string,
  key: string,
  { index, leaf }: { readonly index: number; readonly leaf: Uint8Array },
): Promise<string | null> {
  const read = readFrom(folder)
  const { faults } = await verifyExport(read, readVerifier(key))
  if (faults[0] !== undefined) return `the export does not hold: ${faults[0].message}`
  const rows = exportedRows(read)
  const [there] = await rows.leaves(index, index + 1)
  if (there === undefined) return `entry ${index}: the export does not reach so far: make it anew`
  if (!Buffer.from(there).equals(leaf)) return `entry ${index}: the export has another one there`
  return await flawAt(rows, index)
}

export function refused(io: Io, index: number, why: string): number {
  io.say(`refused: ${cell(why)}`)
  io.give({ proved: false, index, why })
  return exits.broken
}

/** An option that must be there. */
export function needed(parsed: Parsed, name: string): string {
  const found = parsed.text(name)
  if (found === null) throw usage(`\`--${name}\` is missing`)
  return found
}
