/** The daemon's own look at the checkout that `firebreak init` has set up: a raw credential that comes back there is told to people, once. */
import { resolve } from 'node:path'
import { messageOf } from '../../base/error.ts'
import type { Found } from '../../scan/found.ts'
import type { Firebreak } from '../compose.ts'
import { every } from '../rounds.ts'
import { setupRow } from '../setup/kept-files.ts'
import { placeOf } from '../setup/prepare.ts'
import { openApart } from './apart.ts'
import { openTeller } from './told.ts'
import type { Raw } from './told.ts'

export interface RawWatch {
  /** What is new since the look before, over restarts too, each written down and told. */
  readonly look: () => Promise<readonly Raw[]>
  readonly close: () => void
}

const everyMs = 20_000
/** Of one core at most so much, however large the checkout is. */
const share = 1 / 100

/** Looks where something was set up, and never so often that it is felt; gives what stops it. */
export function watchRaw(firebreak: Firebreak, log: (line: string) => void): () => void {
  const watch = openRawWatch(firebreak)
  const { clock } = firebreak
  let from = 0
  let said = ''
  const round = async (): Promise<void> => {
    const since = clock.steady()
    if (since < from) return
    await watch.look()
    from = clock.steady() + (clock.steady() - since) / share
    said = ''
  }
  let isStopped = false
  const stop = every(everyMs, round, (thrown) => {
    // Who stops it takes the thread away in the middle of a look.
    if (isStopped) return
    const line = `raw credentials: ${messageOf(thrown)}`
    // What goes on for hours is said once.
    if (line !== said) log(line)
    said = line
  })
  return () => {
    isStopped = true
    stop()
    watch.close()
  }
}

/** What lay there at the first look and is not kept here was named by `init`: it is told when it comes back. */
export function openRawWatch(firebreak: Firebreak): RawWatch {
  const { config, seal, state } = firebreak
  const apart = openApart({
    checkout: placeOf(config.file).checkout,
    own: ownPaths(firebreak),
    // By an id of the rows nobody finds a password.
    salt: Buffer.from(seal.derive('raw credentials')).toString('hex'),
  })
  const teller = openTeller(firebreak)
  const here = new Map<string, Found>()
  /** Also where it could not be written down the last time. */
  let isDue = true
  return {
    close: apart.close,
    look: async () => {
      if ((await state.read((tx) => tx.get('meta', setupRow))) === null) return []
      const { isFirst, changes } = await apart.look()
      if (isFirst) here.clear()
      for (const { kind, found } of changes)
        if (kind === 'gone') here.delete(found.id)
        else here.set(found.id, found)
      isDue ||= isFirst || changes.length > 0
      if (!isDue) return []
      const fresh = await teller.tell([...here.values()])
      isDue = false
      return fresh
    },
  }
}

/** Firebreak's own folders, where they lie in the checkout. */
function ownPaths({ config: { state, key, vault } }: Firebreak): readonly string[] {
  const files = [state, vault?.store ?? '', key !== undefined && 'file' in key ? key.file : '']
  return files.filter((path) => path !== '').map((path) => resolve(path))
}
