/** The credentials of the targets, opened once and kept in memory: each request needs one, and unsealing costs more than sending. */
import { FirebreakError } from '../base/error.ts'
import { openTurn } from '../base/turn.ts'
import type { Turn } from '../base/turn.ts'
import type { Secret } from '../base/secret.ts'
import { credentialOf } from '../custody/custody.ts'
import type { OpenSeal } from '../custody/seal.ts'
import type { State } from '../guard/ports.ts'

export interface Credentials {
  /** Throws `custody_locked` where none is kept, and where none may go anywhere. */
  readonly of: (target: string) => Promise<Secret>
  /**
   * INVARIANT (secret-stays): under a config that nobody has accepted none comes out, for whatever works by itself too: it may
   * lead elsewhere. So it is until `allow(true)`.
   */
  readonly allow: (isAccepted: boolean) => void
  readonly isAllowed: () => boolean
  /** Forgets what is in memory: after a change, here or by another process. */
  readonly forget: () => void
  /** While this goes on it is not known which one of a target opens: whoever asks for it waits. */
  readonly during: <T>(targets: readonly string[], work: () => Promise<T>) => Promise<T>
  /** INVARIANT (one-at-a-time): whatever puts one credential in the place of another, or finds out which one opens, does so by itself. */
  readonly alone: Turn
}

export function openCredentials(state: State, seal: OpenSeal): Credentials {
  const kept = new Map<string, Promise<Secret>>()
  const open = async (target: string): Promise<Secret> => {
    const found = await state.transact((tx) => credentialOf(seal, tx, target))
    if (found !== null) return found
    kept.delete(target)
    throw new FirebreakError(
      'custody_locked',
      `no credential is kept for \`${target}\``,
      `firebreak custody add ${target}`,
    )
  }
  const turns = new Map<string, Promise<unknown>>()
  let isAllowed = false
  return {
    during: async (targets, work) => {
      const turn = work()
      const over = turn.then(
        () => null,
        () => null,
      )
      for (const target of targets) turns.set(target, over)
      try {
        return await turn
      } finally {
        for (const target of targets) {
          if (turns.get(target) === over) turns.delete(target)
          kept.delete(target)
        }
      }
    },
    forget: () => kept.clear(),
    allow: (isAccepted) => {
      isAllowed = isAccepted
    },
    isAllowed: () => isAllowed,
    alone: openTurn(),
    of: async (target) => {
      if (!isAllowed) throw shut()
      const turn = turns.get(target)
      if (turn !== undefined) await turn
      const known = kept.get(target)
      if (known !== undefined) return await known
      const found = open(target)
      kept.set(target, found)
      // What could not be opened is tried again the next time.
      found.catch(() => kept.get(target) === found && kept.delete(target))
      return await found
    },
  }
}

function shut(): FirebreakError {
  return new FirebreakError(
    'custody_locked',
    'the config has changed and no approver has accepted it: until then no credential goes anywhere',
    'look at it and accept it: `firebreak accept`',
  )
}
