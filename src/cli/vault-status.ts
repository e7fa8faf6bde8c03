/** `firebreak vault status` and `grade`: how each thing is kept, what the second place is worth, how far WAL is received. */
import { sayDuration } from '../app/duration.ts'
import { isObject } from '../base/json.ts'
import type { Json, JsonObject } from '../base/json.ts'
import { exits } from './command.ts'
import type { Parsed } from './command.ts'
import { call } from './daemon.ts'
import type { Io } from './io.ts'
import { sayStanding, standingOf } from './progress.ts'
import { schemaOf, word, sayBytes, sayTime, table } from './table.ts'

export async function vaultStatus(parsed: Parsed, io: Io): Promise<number> {
  const told = await call(parsed, 'vault-status', {})
  const { kept, offsite, wal, room, findings } = isObject(told) ? told : {}
  const [things, streams] = [objects(kept), objects(wal)]
  for (const line of table(things.map(keptLine), 'no recovery point of anything')) io.say(line)
  for (const line of await runningLines(parsed)) io.say(line)
  for (const line of roomLines(room)) io.say(line)
  for (const line of offsiteLines(offsite)) io.say(line)
  for (const line of table(streams.map(walLine), '')) if (line !== '') io.say(line)
  for (const { rule, message } of objects(findings)) io.say(`${word(rule)}: ${word(message)}`)
  io.give(told)
  const isReceived = streams.every((row) => row['receives'] === true && row['gap'] === null)
  const isGood = isReceived && things.every(isKept)
  return isGood ? exits.done : exits.findings
}

/** Backups, drills and restores that are under way, whoever began them. */
async function runningLines(parsed: Parsed): Promise<readonly string[]> {
  return objects(await call(parsed, 'vault-running', {})).map((one) =>
    sayStanding(`under way: ${word(one['thing'])}`, standingOf(one), null),
  )
}

export async function vaultGrade(parsed: Parsed, io: Io): Promise<number> {
  const told = await call(parsed, 'vault-grade', {})
  for (const line of offsiteLines(told)) io.say(line)
  io.give(told)
  return exits.done
}

function objects(value: Json | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : []
}

function isKept(row: JsonObject): boolean {
  return Array.isArray(row['problems']) && row['problems'].length === 0
}

function keptLine(row: JsonObject): readonly string[] {
  const { problems, ageMs, lockedUntil, drilledAt } = row
  const wrong = Array.isArray(problems) ? problems.map(word).join(', ') : ''
  return [
    word(row['of']),
    word(row['grade'] ?? 'V0'),
    typeof ageMs === 'number' ? `newest ${sayDuration(ageMs)} old` : 'NO COPY',
    `${word(row['copies'])} copies`,
    row['isOffSite'] === true ? 'off site' : '',
    typeof lockedUntil === 'number' ? `locked until ${sayTime(lockedUntil)}` : '',
    typeof drilledAt === 'number' ? `drill passed ${sayTime(drilledAt)}` : '',
    schemaOf(row),
    wrong === '' ? '' : `BUT ${wrong}`,
  ]
}

/** What is of one act is told in one line: there may be thousands. */
function roomLines(room: Json | undefined): readonly string[] {
  if (room === undefined || !isObject(room)) return []
  const { bytes, free, quota, full, points, plain, stored, keepMs } = room
  const limit =
    typeof full === 'number'
      ? `${Math.round(full * 100)} % of its quota of ${sayBytes(quota)}`
      : 'no quota is set'
  const saved = Math.max(0, Number(plain) - Number(stored))
  const rows = objects(room['kept'])
  const isOfAct = ({ id, engine }: JsonObject): boolean =>
    engine === 'table' || word(id).startsWith('mark_')
  const acts = rows.filter(isOfAct)
  const byRestic = rows.filter(({ engine }) => engine === 'restic').length
  const over = acts.filter((row) => row['prunable'] === true).length
  return [
    `${word(room['place'])}: ${sayBytes(bytes)} used, ${sayBytes(free)} free on its disk, ${limit}`,
    `${word(points)} points; ${sayBytes(plain)} lie there in ${sayBytes(stored)}: ${sayBytes(saved)} saved`,
    ...table(rows.filter((row) => !isOfAct(row)).map(untilLine), '').filter((line) => line !== ''),
    ...(byRestic === 0
      ? []
      : [
          `${byRestic} points lie in restic repositories: prune leaves those alone, \`restic forget --tag firebreak\` is for their owner`,
        ]),
    ...(acts.length === 0
      ? []
      : [
          `${acts.length} marks and images of acts, kept ${sayDuration(Number(keepMs))} each; ${over} may go`,
        ]),
  ]
}

function untilLine(row: JsonObject): readonly string[] {
  const { until, prunable } = row
  const when = typeof until === 'number' ? `kept until ${sayTime(until)}` : 'kept'
  return [
    word(row['id']),
    word(row['source']),
    prunable === true ? 'may go' : when,
    word(row['why']),
  ]
}

function offsiteLines(offsite: Json | undefined): readonly string[] {
  if (offsite === undefined || !isObject(offsite))
    return ['no second place: add `vault.bucket`, a bucket with Object Lock in another account']
  const { place, grade, at, by, waiting, trouble } = offsite
  const shown =
    grade === null
      ? 'no canary attack has shown what it is worth yet'
      : `grade ${word(grade)}, shown ${sayTime(at)}`
  const wait = typeof waiting === 'number' && waiting > 0 ? `, ${waiting} not there yet` : ''
  const lines = objects(by).map(
    (one) => `  as \`${word(one['name'])}\`: ${word(one['grade'])}, ${sayAttack(one)}`,
  )
  return [
    `${word(place)}: ${shown}${wait}`,
    ...(typeof trouble === 'string' ? [`  TROUBLE ${word(trouble)}`] : []),
    ...lines,
  ]
}

function sayAttack({ survived, control, answered }: JsonObject): string {
  if (answered !== true) return 'not every call was answered, so nothing is shown'
  if (survived !== true) return 'the canary was LOST'
  return control === true
    ? 'it deleted what had no lock, and not the canary'
    : 'it could delete nothing'
}

/** What is lost at most where the machine and the vault's folder go together. */
function bucketCell(offsite: Json | undefined): string {
  if (offsite === undefined || !isObject(offsite)) return ''
  const { exposedMs, trouble } = offsite
  const wrong = typeof trouble === 'string' ? `: ${word(trouble)}` : ''
  return typeof exposedMs === 'number'
    ? `off site all of ${sayDuration(exposedMs)} ago${wrong}`
    : `off site NOT KNOWN yet${wrong}`
}

function walLine(row: JsonObject): readonly string[] {
  return row['receives'] === true
    ? [
        word(row['target']),
        `safe up to ${word(row['durable'])}`,
        `${sayBytes(row['lagBytes'])} behind`,
        `all that was there ${sayDuration(Number(row['exposedMs']))} ago is safe`,
        bucketCell(row['offsite']),
        row['way'] === 'sql' ? 'over SQL: replication is refused' : '',
        word(row['trouble']),
        row['gap'] === null ? '' : `BUT ${word(row['gap'])}`,
      ]
    : [word(row['target']), 'NOT RECEIVED', 'look at `firebreak alarms`']
}
