/** `firebreak protect`: from a database's URL to a recovery point that was restored once, in one go. */
import { existsSync } from 'node:fs'
import type { Addition } from '../app/config-add.ts'
import { ownVault } from '../app/folder.ts'
import { readUrl } from '../app/database-url.ts'
import type { Named } from '../app/database-url.ts'
import { environment } from '../app/environment.ts'
import { readConfig } from '../app/config.ts'
import { carryHeads, linesFor, planOf, writeAddition } from '../app/protect-config.ts'
import type { Plan, Wish } from '../app/protect-config.ts'
import { enginesOf } from '../app/protect-engines.ts'
import type { EngineName, Possible } from '../app/protect-engines.ts'
import { lookAt } from '../app/protect-look.ts'
import type { Seen } from '../app/protect-look.ts'
import { nearnessOf } from '../app/protect-place.ts'
import type { Nearness } from '../app/protect-place.ts'
import { scratchOf } from '../app/recovery.ts'
import { FirebreakError } from '../base/error.ts'
import { exits, parse, usage } from './command.ts'
import type { Command, Parsed } from './command.ts'
import { factorOptions, first } from './daemon.ts'
import type { Io } from './io.ts'
import { openHands } from './protect-hands.ts'
import { keepPassword, takeAndDrill } from './protect-steps.ts'
import { sayBytes, visible } from './table.ts'

export const command: Command = {
  usage: [
    'firebreak protect postgres://USER@HOST/DATABASE --store FOLDER [--approver NAME --code CODE]   the password in PGPASSWORD',
    '  --dry-run: says what is possible, and changes nothing',
    '  --engine physical|logical, --name TARGET, --ca FILE',
  ],
  run: async (args, io) => {
    const parsed = parse(args, {
      ...factorOptions,
      store: { type: 'string' },
      name: { type: 'string' },
      engine: { type: 'string' },
      ca: { type: 'string' },
      'dry-run': { type: 'boolean' },
    })
    return await protect(parsed, io)
  },
}

async function protect(parsed: Parsed, io: Io): Promise<number> {
  const { wished, ...wish } = wishIn(parsed)
  const { file, named } = wish
  const dry = parsed.flag('dry-run')
  const seen = await lookAt(named, existsSync(file) ? scratchOf(readConfig(file)) : '')
  const engines = enginesOf(seen)
  tell(io, named, seen, engines)
  const best = chosen(engines, wished)
  // What is asked only to know is answered without a place to put anything.
  if (dry && wish.store === null && !hasStore(file)) return end(io, best, engines)
  const plan = planOf(wish)
  const near = nearnessOf(plan.store, named.at.host, seen)
  tellPlace(io, plan.store, near)
  if (best === null) return end(io, best, engines)
  const engine = plan.engine ?? best
  const addition = plan.addition(engine)
  if (dry) {
    tellLines(io, `would be written into ${file}:`, addition)
    return end(io, best, engines)
  }
  if (!written(io, file, plan, addition)) return exits.findings
  if (named.isTold)
    io.note(
      'the password stood on the command line, where others can read it: PGPASSWORD is better',
    )
  return await carryOut(parsed, io, { file, named, plan, near, seen, engine })
}

/** False where a person must put the lines in. */
function written(io: Io, file: string, plan: Plan, addition: Addition | null): boolean {
  // Before anything is written: a place that others may empty is none.
  ownVault(plan.store)
  if (addition === null) return true
  if (!writeAddition(file, addition)) {
    tellLines(io, `${file} is not written to: put these lines in, then run this again`, addition)
    return false
  }
  if (addition.store !== null) carryHeads(readConfig(file).state, plan.store)
  io.say(visible(`written into ${file}: \`${plan.name}\``))
  return true
}

function wishIn(parsed: Parsed): Wish & { readonly wished: EngineName | null } {
  const ca = parsed.text('ca')
  return {
    file: parsed.text('config') ?? environment('FIREBREAK_CONFIG') ?? 'firebreak.yaml',
    named: readUrl(first(parsed, 'URL'), 'URL', ca),
    name: parsed.text('name'),
    store: parsed.text('store'),
    ca,
    wished: engineIn(parsed.text('engine')),
  }
}

function tellLines(io: Io, head: string, addition: Addition | null): void {
  if (addition === null) return
  for (const line of [head, ...linesFor(addition).map((one) => `  ${one}`)]) io.say(visible(line))
}

interface Doing {
  readonly file: string
  readonly named: Named
  readonly plan: Plan
  readonly near: Nearness
  readonly seen: Seen
  readonly engine: EngineName
}

async function carryOut(parsed: Parsed, io: Io, doing: Doing): Promise<number> {
  const { file, named, plan, near, seen, engine } = doing
  const hands = await openHands(readConfig(file), (line) => io.note(visible(line)))
  try {
    const kept = await keepPassword(parsed, io, { hands, target: plan.name, secret: named.secret })
    if (!kept) return exits.findings
    const what = { target: plan.name, engine, near, drills: seen.drills[engine] }
    return await takeAndDrill(io, hands, what)
  } finally {
    await hands.close()
  }
}

function engineIn(text: string | null): EngineName | null {
  if (text === null || text === 'physical' || text === 'logical') return text
  throw usage('`--engine` is `physical` or `logical`')
}

function chosen(engines: readonly Possible[], wished: EngineName | null): EngineName | null {
  const possible = engines.filter(({ takes }) => takes.length === 0)
  return possible.find(({ engine }) => wished === null || engine === wished)?.engine ?? null
}

function tell(io: Io, { at }: Named, seen: Seen, engines: readonly Possible[]): void {
  const where = at.host.startsWith('/') ? at.host : `${at.host}:${at.port}`
  const what = `${at.database} at ${where}`
  io.say(
    visible(`${what}: PostgreSQL ${seen.versionText}, ${sayBytes(seen.bytes)}, as \`${at.user}\``),
  )
  for (const { engine, takes, notes, instead } of engines) {
    io.say(takes.length === 0 ? `${engine}: yes` : `${engine}: no; it would take`)
    for (const line of takes) io.say(`  ${visible(line)}`)
    if (instead.length > 0) io.say("or, in place of that file's line, for the slower way over SQL")
    for (const line of instead) io.say(`  ${visible(line)}`)
    if (takes.length === 0) for (const line of notes) io.say(`  ${visible(line)}`)
  }
}

function tellPlace(io: Io, store: string, near: Nearness): void {
  if (near === 'inside')
    throw new FirebreakError(
      'bad_input',
      `\`${store}\` lies in the database's own folder, or that in it: grade V0, which is no way back`,
      'name a `--store` on another disk',
    )
  if (near === 'same disk')
    io.say('the store is on the disk of the database: what takes that disk takes both')
  if (near === 'unknown')
    io.say(
      'the store is on the machine of the database, perhaps on its disk: what takes that takes both',
    )
}

function hasStore(file: string): boolean {
  try {
    return readConfig(file).vault !== undefined
  } catch {
    // A config that cannot be read has none that is known.
    return false
  }
}

function end(io: Io, engine: EngineName | null, engines: readonly Possible[]): number {
  io.give({ engine, engines })
  if (engine !== null) return exits.done
  io.say('nothing is possible yet: run one of these by whoever may, then this again')
  return exits.findings
}
