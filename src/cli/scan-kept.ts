/** `firebreak scan --live --config FILE`: the recovery points of the Firebreak that a person names, as copies of what credentials reach. */
import { readConfig } from '../app/config.ts'
import { keptCopies, pointsOf } from '../app/reach-kept.ts'
import type { ReachOptions } from '../app/reach.ts'
import { realClock } from '../app/world.ts'
import type { Parsed } from './command.ts'
import type { Io } from './io.ts'
import { word } from './table.ts'

/** None where no config is named: one that lies in the folder may be anybody's. */
export async function ownPoints(asked: Parsed, io: Io): Promise<NonNullable<ReachOptions['kept']>> {
  const file = asked.text('config')
  if (file === null) return () => []
  const now = realClock.now()
  const own = await pointsOf(readConfig(file), now)
  const count = own.points.length
  io.note(
    `${count} recovery ${count === 1 ? 'point' : 'points'} of ${word(file)}${own.lost === null ? '' : `: ${word(own.lost)}`}`,
  )
  return (held) => keptCopies(own, held, now)
}
