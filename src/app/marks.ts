/** Marks before acts: the vault asks for them, and whoever receives WAL sets them. */
import { FirebreakError } from '../base/error.ts'
import type { Marks } from '../vault/marks.ts'
import type { Config } from './config.ts'

/** Who receives WAL. */
interface Receiving {
  readonly mark: Marks['take']
}

export interface OpenMarks extends Marks {
  /** Who receives from now on. */
  readonly from: (receiving: Receiving) => void
}

/** By the config alone: where WAL ought to be received and is not, there is no mark, and the reason is told. */
export function openMarks({ vault }: Config): OpenMarks {
  let receiving: Receiving | null = null
  return {
    has: (target) => vault?.databases[target]?.engine === 'physical',
    take: async (target, far) => {
      if (receiving !== null) return await receiving.mark(target, far)
      throw new FirebreakError('not_reachable', `no WAL of \`${target}\` is received yet`)
    },
    from: (now) => {
      receiving = now
    },
  }
}
