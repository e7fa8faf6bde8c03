/** `firebreak vault drills`: every drill, the newest first, with RTO and RPO; exit 1 where the last one of a thing failed. */
import { sayDuration } from '../app/duration.ts'
import { isObject } from '../base/json.ts'
import type { JsonObject } from '../base/json.ts'
import { exits } from './command.ts'
import type { Parsed } from './command.ts'
import { call } from './daemon.ts'
import type { Io } from './io.ts'
import { sayTime, table, word } from './table.ts'

export async function vaultDrills(parsed: Parsed, io: Io): Promise<number> {
  const told = await call(parsed, 'vault-drills', {})
  const { drills, isWhole } = isObject(told) ? told : {}
  const rows = Array.isArray(drills) ? drills.filter(isObject) : []
  for (const line of table(rows.map(drillLine), 'no drill was held')) io.say(line)
  if (isWhole !== true) io.note('the ledger is long: of older drills only the last of each point')
  io.give(told)
  const last = new Map(rows.toReversed().map((row) => [word(row['of'] ?? row['point']), row]))
  const isGood = [...last.values()].every(({ passed }) => passed === true)
  return isGood ? exits.done : exits.findings
}

function drillLine({ at, point, of, passed, rtoMs, rpoMs, wrong }: JsonObject): readonly string[] {
  return [
    sayTime(at),
    word(point),
    of === null ? 'the point is gone' : word(of),
    passed === true ? 'passed' : 'FAILED',
    typeof rtoMs === 'number' ? `back in ${sayDuration(rtoMs)}` : '',
    typeof rpoMs === 'number' ? `${sayDuration(rpoMs)} old` : '',
    word(wrong),
  ]
}
