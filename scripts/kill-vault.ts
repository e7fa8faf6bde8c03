/**
 * `npm run kill:vault -- [--rounds 20] [--seed N]`: the daemon, the database or both killed at a random moment under load, then a
 * restore from the store and the key alone. Ends with 1 where a commit that was called safe is lost, or what counts does not restore.
 */
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { openAlone } from '../src/app/alone.ts'
import { lsnText } from '../src/platforms/postgres/replication.ts'
import { listBases } from '../src/vault/physical-verify.ts'
import { chanceOf } from '../test/postgres/fuzz-chance.ts'
import { openGround } from '../test/vault/kill-ground.ts'
import { round, wrongIn } from '../test/vault/kill-round.ts'
import type { Known } from '../test/vault/kill-round.ts'

const { values } = parseArgs({
  options: { rounds: { type: 'string' }, seed: { type: 'string' } },
})
const rounds = Number(values.rounds ?? 20)
const seed = Number(values.seed ?? Date.now() % 1_000_000)
const chance = chanceOf(seed)
const say = (line: string): void => void process.stdout.write(`${line}\n`)
say(`seed ${seed}, ${rounds} rounds`)

const known: Known = { acknowledged: [], told: new Set(), safeBefore: 0 }
const wrong: string[] = []
const ground = await openGround()
const began = performance.now()
try {
  for (let nth = 1; nth <= rounds; nth += 1) {
    const told = await round(ground, known, chance)
    const { victim, afterMs, safe, wanted, later, bases, cutOff, restored, restoreMs } = told
    say(
      `round ${nth}: ${victim} after ${afterMs} ms${cutOff ? ', a base backup cut off' : ''}; safe up to ${lsnText(safe)}: ${wanted} commits, ${later} later or not known; ${bases} base backups whole; ${restored} restored and checked in ${restoreMs} ms`,
    )
    for (const line of told.wrong) say(`  WRONG ${line}`)
    wrong.push(...told.wrong)
  }
  await restoreEach()
} finally {
  await ground.close()
}
say(
  `${wrong.length === 0 ? 'nothing' : wrong.length} wrong, ${Math.round((performance.now() - began) / 1000)} s`,
)
process.exitCode = wrong.length === 0 ? 0 : 1

/** At the end every base backup that counts, also those that were not drawn. */
async function restoreEach(): Promise<void> {
  const { gate } = ground
  const place = { store: join(gate.dir, 'vault'), key: join(gate.dir, 'home/.firebreak/key') }
  const bases = await listBases(await openAlone(place))
  for (const { id } of bases) {
    const found = await wrongIn(gate.cluster.binDir, place, id, [])
    for (const line of found) say(`  WRONG ${line}`)
    wrong.push(...found)
  }
  say(`each of ${bases.length} base backups was restored, started and checked`)
}
