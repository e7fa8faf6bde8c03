/** `firebreak ledger`: is what is written down still what was written? All of it works with the daemon down. */
import { readFileSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { incident } from '../ledger/incident.ts'
import { exportLedger, exportedRows } from '../ledger/export.ts'
import { receiptOf } from '../ledger/receipt.ts'
import { readVerifier } from '../ledger/note.ts'
import { verifyLog } from '../ledger/verify.ts'
import { incidentIn } from '../ledger/window.ts'
import { witness } from '../ledger/witness.ts'
import { disagreements } from '../app/agreed.ts'
import { flawAt, wordFlaws } from '../app/evidence.ts'
import { historyOf } from '../app/history.ts'
import { seenHead } from '../app/head.ts'
import { readFrom, readMemory, withLog, witnessSigner, writeInto } from '../app/archive.ts'
import { realClock } from '../app/world.ts'
import { readKeyFile } from '../custody/key.ts'
import { toJson } from '../base/json.ts'
import { exits, parse, usage } from './command.ts'
import type { Command, Parsed } from './command.ts'
import { configOf, daemonOptions, first } from './daemon.ts'
import type { Io } from './io.ts'
import { checkReceipt, needed, refused, verifiedFolder } from './ledger-check.ts'
import { momentIn, searchLedger, searchOptions } from './ledger-search.ts'
import { cell } from './table.ts'

const options = {
  ...daemonOptions,
  out: { type: 'string' },
  key: { type: 'string' },
  name: { type: 'string' },
  seen: { type: 'string' },
  from: { type: 'string' },
  ...searchOptions,
} as const

export const command: Command = {
  usage: [
    'firebreak ledger verify [--seen CHECKPOINT]       every entry, hash and signature; --seen: a checkpoint that was kept elsewhere',
    'firebreak ledger verify --from FOLDER --key KEY   an export, with nothing but the verifier key',
    'firebreak ledger key                              the verifier key, for others',
    'firebreak ledger prove INDEX                      a receipt for one entry',
    'firebreak ledger check RECEIPT --key KEY [--from FOLDER]   whether a receipt holds, offline; with an export: also whose passkey it was',
    'firebreak ledger search [TEXT] [--kind KIND] [--principal NAME] [--subject ID] [--since 2h] [--until TIME]   newest first; --limit N, --before INDEX',
    'firebreak ledger export --out FOLDER              checkpoint and tiles (C2SP tlog-tiles), for other tools',
    'firebreak ledger incident HOLD --out FOLDER       one bundle: what happened, in words and with proofs',
    'firebreak ledger incident --since 2h [--until TIME] --out FOLDER   the same of a window of time',
    'firebreak ledger witness --from FOLDER --key KEY --name NAME --seen FILE --seed FILE   elsewhere, on a schedule',
  ],
  run: async (args, io) => {
    const [verb = 'verify', ...rest] = args
    const parsed = parse(rest, { ...options, seed: { type: 'string' } })
    const known = verbs.get(verb)
    if (known === undefined) throw usage(`\`${verb}\` is no verb of \`ledger\``)
    return await known(parsed, io)
  },
}

type Verb = (parsed: Parsed, io: Io) => Promise<number>

const verify: Verb = async (parsed, io) => {
  const from = parsed.text('from')
  if (from !== null) return await verifyFolder(from, needed(parsed, 'key'), io)
  const seen = parsed.text('seen')
  const config = configOf(parsed)
  return await withLog(config, async (log, _, key, tx) => {
    const head = seenHead(config, key)
    const kept = [
      ...(head === null ? [] : [{ note: head, from: 'the head that was seen last' }]),
      ...(seen === null ? [] : [{ note: readFileSync(seen, 'utf8'), from: seen }]),
    ]
    const result = await verifyLog(log, key, kept)
    const odd = await disagreements(tx, await historyOf(log), realClock.now())
    const words = result.ok ? (await wordFlaws(log)).map(({ message }) => message) : []
    const faults = [...result.faults, ...words, ...odd.map((line) => `the state: ${line}`)]
    const ok = faults.length === 0
    for (const fault of faults) io.say(`broken: ${cell(fault)}`)
    if (ok) io.say(`${result.size} entries, whole and in order; root ${result.root ?? ''}`)
    io.give({ ...result, ok, faults, verifier: key })
    return ok ? exits.done : exits.broken
  })
}

async function verifyFolder(folder: string, key: string, io: Io): Promise<number> {
  const { ok, size, faults } = await verifiedFolder(folder, key)
  for (const { message } of faults) io.say(`broken: ${cell(message)}`)
  if (ok) io.say(`${size} entries, whole and in order`)
  io.give({ ok, size, faults: toJson(faults) })
  return ok ? exits.done : exits.broken
}

const key: Verb = (parsed, io) =>
  withLog(configOf(parsed), async (_, __, text) => {
    io.say(text)
    io.give({ verifier: text })
    return await Promise.resolve(exits.done)
  })

const prove: Verb = (parsed, io) =>
  withLog(configOf(parsed), async (log) => {
    const index = first(parsed, 'INDEX')
    if (!/^\d{1,15}$/.test(index)) throw usage(`\`${index}\` is no index`)
    const receipt = await receiptOf(log, Number(index))
    const flaw = await flawAt(log, Number(index))
    if (flaw !== null) return refused(io, Number(index), flaw)
    io.say(receipt.trimEnd())
    io.give({ receipt })
    return exits.done
  })

const exported: Verb = (parsed, io) =>
  withLog(configOf(parsed), async (log) => {
    const size = await exportLedger(log, writeInto(needed(parsed, 'out')))
    io.say(`${size} entries written to ${needed(parsed, 'out')}`)
    io.give({ size })
    return exits.done
  })

const bundle: Verb = (parsed, io) =>
  withLog(configOf(parsed), async (log, verifier) => {
    const since = momentIn(parsed, 'since')
    const until = momentIn(parsed, 'until') ?? realClock.now()
    const { text, files, ...told } =
      since === null
        ? await incident(log, first(parsed, 'HOLD'), verifier)
        : await incidentIn(log, { since, until }, verifier)
    const out = parsed.text('out')
    const write = out === null ? null : writeInto(out)
    for (const { path, content } of files) await write?.(path, new Uint8Array(Buffer.from(content)))
    io.say(cell(text.trimEnd()))
    if (out !== null) io.note(`${files.length} files written to ${out}`)
    const story = 'story' in told ? told.story : told.account
    io.give({ story, files: files.map(({ path }) => path) })
    return exits.done
  })

/** The note is stored before it is given away: it is what the next round holds the log to. */
const witnessed: Verb = async (parsed, io) => {
  const memory = needed(parsed, 'seen')
  const seed = readKeyFile(needed(parsed, 'seed'), process.getuid?.() ?? null)
  const signer = witnessSigner(needed(parsed, 'name'), seed)
  const result = await witness({
    log: exportedRows(readFrom(needed(parsed, 'from'))),
    verifier: readVerifier(needed(parsed, 'key')),
    signer,
    seen: readMemory(memory),
    clock: realClock,
  })
  io.give({ ...result, witness: signer.verifier })
  if (result.kind === 'refused') {
    io.say(`refused (${result.refusal}): ${cell(result.message)}`)
    return exits.broken
  }
  await writeInto(dirname(memory))(basename(memory), new Uint8Array(Buffer.from(result.note)))
  io.say(result.note.trimEnd())
  return exits.done
}

const verbs: ReadonlyMap<string, Verb> = new Map([
  ['verify', verify],
  ['key', key],
  ['prove', prove],
  ['check', checkReceipt],
  ['search', searchLedger],
  ['export', exported],
  ['incident', bundle],
  ['witness', witnessed],
])
