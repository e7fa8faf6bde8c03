/** What `firebreak protect` does once the database stands in the config: the password kept, a first point, a drill, and what that is worth. */
import { setTimeout as pause } from 'node:timers/promises'
import { sayDuration } from '../app/duration.ts'
import type { EngineName } from '../app/protect-engines.ts'
import type { Nearness } from '../app/protect-place.ts'
import { FirebreakError } from '../base/error.ts'
import { objectOf } from '../base/json.ts'
import type { Json, JsonObject } from '../base/json.ts'
import type { Secret } from '../base/secret.ts'
import { exits } from './command.ts'
import type { Parsed } from './command.ts'
import { enrolled, signed } from './enrolling.ts'
import type { Io } from './io.ts'
import { lookBy, watched } from './progress.ts'
import type { Hands } from './protect-hands.ts'
import { tellDrill } from './drill.ts'
import { cell, sayBytes } from './table.ts'

interface Keeping {
  readonly hands: Hands
  readonly target: string
  readonly secret: Secret
}

/** False where nobody is enrolled and nobody can be asked. */
export async function keepPassword(
  parsed: Parsed,
  io: Io,
  { hands, target, secret }: Keeping,
): Promise<boolean> {
  const facts = objectOf(await hands.call('protect-look', { target }))
  const changes = changesIn(facts, target)
  const isGiven = parsed.text('approver') !== null
  if (facts['kept'] === true && changes.length === 0 && !isGiven) {
    io.note('a password is in custody already; to replace it, give `--approver NAME --code CODE`')
    return true
  }
  const newcomer = facts['enrolled'] === 0 ? await enrolled(parsed, io, hands) : ''
  if (newcomer === null) return false
  for (const line of changes) io.note(`changed: ${cell(line)}`)
  const by = await signed(parsed, io, newcomer)
  const told = secret.reveal()
  await hands.call('protect-keep', {
    target,
    // Custody keeps something for each target; this server never asks for it.
    secret: told === '' ? 'none' : told,
    power: changes.length === 0 ? null : cell(facts['power']),
    ...by,
  })
  io.say(
    told === ''
      ? 'the server asks for no password: whoever reaches it gets in'
      : 'the password is in custody, and not in the config',
  )
  return true
}

/** What has changed in the config since it was accepted; throws `wrong_state` where that is more than this database. */
function changesIn(facts: JsonObject, target: string): readonly string[] {
  if (facts['known'] !== true)
    throw new FirebreakError(
      'wrong_state',
      `the Firebreak that runs does not know \`${target}\` yet`,
      'start it again (`firebreak up`), then run this again',
    )
  const changes = linesIn(facts['changes'])
  const strange = [...changes.filter((line) => !isAbout(target, line)), ...linesIn(facts['odd'])]
  if (strange.length === 0) return changes
  throw new FirebreakError(
    'wrong_state',
    `the config has changed in other places too: ${strange.slice(0, 3).join('; ')}`,
    'look at all of it with `firebreak accept`, then run this again',
  )
}

/** What a vault has of which nobody says how long it keeps; a shorter time is somebody's own. */
const usualKeepMs = 35 * 86_400_000

/** What `protect` writes itself; what a vault is made with was nothing before. */
function isAbout(target: string, line: string): boolean {
  const own = [`targets.${target}.`, `vault.databases.${target}.`]
  return (
    own.some((start) => line.startsWith(start)) ||
    line.startsWith(`authorities.${target}: `) ||
    line === 'vault: null → nothing' ||
    line === `vault.keep: nothing → ${usualKeepMs}` ||
    /^vault\.(store|minimum): nothing → /.test(line)
  )
}

interface Taking {
  readonly target: string
  readonly engine: EngineName
  readonly near: Nearness
  /** Drills can be held here. */
  readonly drills: boolean
}

const receivesMs = 60_000

export async function takeAndDrill(
  io: Io,
  hands: Hands,
  { target, engine, near, drills }: Taking,
): Promise<number> {
  if (engine === 'physical') await received(hands, target)
  const point = objectOf(
    await watched(io, `backing up ${target}`, lookBy(hands.call, target), () =>
      hands.call('vault-backup', { target }),
    ),
  )
  const id = cell(point['id'])
  io.say(`${id}: ${target}, ${sayBytes(point['bytes'])}, read back and whole`)
  let drill: JsonObject = {}
  if (drills) {
    drill = objectOf(
      await watched(io, `restoring ${id}`, lookBy(hands.call, id), () =>
        hands.call('vault-drill', { id }),
      ),
    )
    tellDrill(io, id, drill)
  }
  const passed = drill['passed'] === true
  if (passed || !drills) tellWorth(io, { point, engine, near, drill, isDaemon: hands.isDaemon })
  io.give({ target, engine, point, drill: drills ? drill : null })
  return passed || !drills ? exits.done : exits.findings
}

interface Worth {
  readonly point: JsonObject
  readonly engine: EngineName
  readonly near: Nearness
  readonly drill: JsonObject
  readonly isDaemon: boolean
}

function tellWorth(io: Io, { point, engine, near, drill, isDaemon }: Worth): void {
  const where = {
    'same disk': ', on the disk of the database',
    unknown: ', perhaps on the disk of the database',
  }
  const disk = near === 'same disk' || near === 'unknown' ? where[near] : ''
  const [every, lost] =
    engine === 'physical'
      ? ['every byte of WAL, and a base backup a day', 'what was committed in the last moment']
      : ['a copy every 6 h', '6 h of work']
  io.say(`you have: ${engine}, ${every}, a drill a week`)
  const grade = cell(point['grade'])
  const why = `: a folder that Firebreak's own user could empty${disk}`
  // With a second place the attack on that one has shown more.
  io.say(`grade ${grade}${grade === 'V1' ? why : ''}`)
  const took =
    typeof drill['rtoMs'] === 'number' ? `; a restore took ${sayDuration(drill['rtoMs'])}` : ''
  io.say(`at most lost: ${lost}${took}`)
  io.say(
    isDaemon
      ? `next: firebreak vault`
      : `next: firebreak up; until it runs ${engine === 'physical' ? 'no WAL is received, and the server keeps it' : 'no further copy is taken'}`,
  )
}

/** The receiver begins by itself; a daemon that waited for the password tries again within half a minute. */
async function received(hands: Hands, target: string): Promise<void> {
  for (const until = performance.now() + receivesMs; performance.now() < until; await pause(200)) {
    const { wal: rows = null } = objectOf(await hands.call('vault-status', {}))
    const row = (Array.isArray(rows) ? rows : [])
      .map(objectOf)
      .find((one) => one['target'] === target)
    if (row?.['receives'] === true) return
  }
}

function linesIn(value: Json | undefined): readonly string[] {
  return Array.isArray(value) ? value.map(String) : []
}
