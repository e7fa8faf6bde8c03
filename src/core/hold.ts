/** A held action's life: a state machine over events. Only `next` says what may follow what. */

export const holdStates = [
  'open',
  'approved',
  'scheduled',
  'executing',
  'executed',
  'failed',
  'denied',
  'expired',
  'undone',
] as const
export type HoldState = (typeof holdStates)[number]

/** `approve` is the last approval that was needed; `reject` a person's no; `refuse` the re-check's. */
export type HoldEvent =
  'approve' | 'schedule' | 'execute' | 'succeed' | 'fail' | 'reject' | 'refuse' | 'expire' | 'undo'

const moves: { readonly [state in HoldState]: { readonly [event in HoldEvent]?: HoldState } } = {
  open: { approve: 'approved', reject: 'denied', expire: 'expired' },
  approved: { schedule: 'scheduled', undo: 'undone', reject: 'denied', refuse: 'failed' },
  scheduled: { execute: 'executing', undo: 'undone', reject: 'denied', refuse: 'failed' },
  executing: { succeed: 'executed', fail: 'failed' },
  executed: {},
  failed: {},
  denied: {},
  expired: {},
  undone: {},
}

/** The state after an event, or null where the event may not happen in that state. */
export function next(state: HoldState, event: HoldEvent): HoldState | null {
  return moves[state][event] ?? null
}

/** True when nothing can follow any more. */
export function settled(state: HoldState): boolean {
  return Object.keys(moves[state]).length === 0
}
