/** The daemon's clock: four times a second it looks who may go on, what another hand has written, and which holds move on. */
import { messageOf } from '../base/error.ts'
import { stopIfChanged } from './accepted.ts'
import type { Firebreak } from './compose.ts'

const tickMs = 250

/** Moves holds on, and looks whether another process has halted or revoked: within a second, whatever else happens. */
export function startClock(
  firebreak: Firebreak,
  cut: () => void,
  log: (line: string) => void,
): () => void {
  let seen = firebreak.state.version()
  let busy = false
  const round = async (): Promise<void> => {
    // First, and whatever breaks below: who was barred since gets no more of any answer.
    cut()
    const now = firebreak.state.version()
    if (now !== seen) {
      seen = now
      // Another hand has written: the ledger says whether it may, before what it wrote counts.
      for (const change of await stopIfChanged(firebreak))
        firebreak.notices.tell('tampered', change, 'state')
      await firebreak.guard.halts.load()
      await firebreak.grants.load()
      firebreak.credential.forget()
    }
    await firebreak.sent.flush()
    await holdToHead(firebreak)
    if (busy) return
    busy = true
    try {
      await firebreak.guard.deferral.tick()
    } finally {
      busy = false
    }
  }
  // What goes on for hours is said once.
  let said = ''
  const say = (line: string): void => {
    if (line !== '' && line !== said) log(`clock: ${line}`)
    said = line
  }
  const timer = setInterval(() => {
    round().then(
      () => say(''),
      (thrown: unknown) => say(messageOf(thrown)),
    )
  }, tickMs)
  return () => clearInterval(timer)
}

/** A ledger that lost its end while nobody was looking: nothing runs, and nothing is forgotten, until a person has looked. */
export async function holdToHead({ heads, notices, stop, isStopped }: Firebreak): Promise<void> {
  const why = isStopped() === null ? await heads.keep() : null
  if (why === null) return
  stop({ rule: 'unaccepted', message: `${why} (\`firebreak accept\`)` })
  notices.tell('ledger', why, 'ledger')
}
