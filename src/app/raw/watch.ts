/** The daemon's own look at the checkout that `firebreak init` has set up: a raw credential that comes back there is told to people, once. */
import { join, resolve } from 'node:path'
import { messageOf } from '../../base/error.ts'
import type { Found } from '../../scan/found.ts'
import { openPatrol } from '../../scan/patrol.ts'
import { walk } from '../../scan/walk.ts'
import type { Firebreak } from '../compose.ts'
import { every } from '../rounds.ts'
import { tellRaw } from './told.ts'
import type { Raw } from './told.ts'
import { setupRow } from '../setup/kept-files.ts'
import { placeOf } from '../setup/prepare.ts'
import { foreign } from '../setup/seen.ts'

const everyMs = 20_000
/** Of one core at most so much, however large the checkout is. */
const share = 1 / 100

/** Looks where something was set up, and never so often that it is felt; gives what stops it. */
export function watchRaw(firebreak: Firebreak, log: (line: string) => void): () => void {
  const look = openRawWatch(firebreak)
  const { clock } = firebreak
  let from = 0
  let said = ''
  const round = async (): Promise<void> => {
    const since = clock.steady()
    if (since < from) return
    await look()
    from = clock.steady() + (clock.steady() - since) / share
    said = ''
  }
  return every(everyMs, round, (thrown) => {
    const line = `raw credentials: ${messageOf(thrown)}`
    // What goes on for hours is said once.
    if (line !== said) log(line)
    said = line
  })
}

/**
 * Gives a look: what is new since the one before, over restarts too, each written down and told. What lay there the first time
 * and is not kept here was named by `init`: it is told when it comes back.
 */
export function openRawWatch(firebreak: Firebreak): () => Promise<readonly Raw[]> {
  const { config, seal, clock } = firebreak
  const { checkout } = placeOf(config.file)
  const own = ownPaths(firebreak)
  const look = openPatrol(
    [
      {
        source: 'checkout',
        steps: () =>
          walk(checkout, (shown) => foreign.test(shown) || own.has(join(checkout, shown))),
      },
    ],
    {
      // By an id of the rows nobody finds a password.
      salt: Buffer.from(seal.derive('raw credentials')).toString('hex'),
      maxFileBytes: 1024 * 1024,
      passes: ({ secret }) => !secret.reveal().startsWith('fbk_'),
      now: () => clock.now(),
    },
  )
  const here = new Map<string, Found>()
  /** Also where it could not be written down the last time. */
  let isDue = true
  return async () => {
    const setUp = await firebreak.state.read((tx) => tx.get('meta', setupRow))
    if (setUp === null) return []
    const { changes } = await look()
    for (const { kind, found } of changes)
      if (kind === 'gone') here.delete(found.id)
      else here.set(found.id, found)
    isDue ||= changes.length > 0
    if (!isDue) return []
    const fresh = await tellRaw(firebreak, [...here.values()])
    isDue = false
    return fresh
  }
}

/** Firebreak's own folders, where they lie in the checkout. */
function ownPaths({ config: { state, key, vault } }: Firebreak): ReadonlySet<string> {
  const files = [state, vault?.store ?? '', key !== undefined && 'file' in key ? key.file : '']
  return new Set(
    files.filter((path) => path !== '').map((path) => resolve(path).replace(/[/\\]$/, '')),
  )
}
