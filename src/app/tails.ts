/** What keeps the bucket close behind each database of which WAL is received: a round every `vault.bucket.tail`. */
import { setTimeout as delay } from 'node:timers/promises'
import { messageOf } from '../base/error.ts'
import type { Physical } from '../vault/engine-physical.ts'
import type { Offsite } from '../vault/offsite.ts'
import { openTailSender } from '../vault/tail-sender.ts'
import type { TailSender, TailState } from '../vault/tail-sender.ts'
import type { Firebreak } from './compose.ts'
import { boxOf, spoolOf } from './physical.ts'
import type { Physicals } from './physical.ts'

export interface Tails {
  /** How far behind the bucket is, by target; null where no round has begun. */
  of(target: string): TailState | null
  stop(): Promise<void>
}

/** What is under way gets so long to end. */
const endMs = 5000

interface Sending {
  readonly physical: Physical
  readonly sender: TailSender
  /** Once is no alarm: a base backup may still be on its way there. */
  wasWrong: boolean
}

export function keepTails(firebreak: Firebreak, physicals: Physicals): Tails {
  const { offsite, config, notices } = firebreak
  const every = config.vault?.bucket?.tail
  if (offsite === null || every === undefined)
    return { of: () => null, stop: async () => await Promise.resolve() }
  const sendings = new Map<string, Sending>()
  const round = async (target: string, physical: Physical): Promise<void> => {
    const before = sendings.get(target)
    const sending =
      before?.physical === physical ? before : begun(firebreak, offsite, [target, physical])
    sendings.set(target, sending)
    await sending.sender.round()
    const { trouble } = sending.sender.state()
    if (trouble !== null && sending.wasWrong)
      notices.tell('not-off-site', `the last WAL of ${target}: ${trouble}`, offsite.place)
    sending.wasWrong = trouble !== null
  }
  let running: Promise<unknown> | null = null
  const look = (): void => {
    if (running !== null) return
    const now = [...physicals.running()]
    running = Promise.all(now.map(async ([target, physical]) => await round(target, physical)))
      .catch((thrown: unknown) => notices.tell('not-off-site', messageOf(thrown), offsite.place))
      .finally(() => (running = null))
  }
  const timer = setInterval(look, every)
  look()
  return {
    of: (target) => sendings.get(target)?.sender.state() ?? null,
    stop: async () => {
      clearInterval(timer)
      if (running !== null) await Promise.race([running, delay(endMs, undefined, { ref: false })])
    },
  }
}

function begun(
  firebreak: Firebreak,
  offsite: Offsite,
  [target, physical]: readonly [string, Physical],
): Sending {
  const { clock, config } = firebreak
  const sender = openTailSender({
    box: boxOf(firebreak),
    offsite,
    physical,
    spool: { folder: spoolOf(firebreak, target), key: firebreak.vaultKey },
    keepMs: config.vault?.bucket?.keep ?? 0,
    clock,
  })
  return { physical, sender, wasWrong: false }
}
