/** An operation as a shell's command makes it. */
import type { DestroyKind, Effect } from '../../core/effect.ts'
import type { Operation } from '../../core/operation.ts'
import type { Run } from './run.ts'

interface Told {
  readonly effect: Effect
  readonly kinds?: readonly DestroyKind[]
  readonly rule: string
  readonly message: string
  readonly instead?: string | null
}

/** `name`: the program and the words that say what it does. */
export function operation(
  name: string,
  { effect, kinds = [], rule, message, instead }: Told,
): Operation {
  return {
    name,
    effect,
    kinds: effect === 'destroy' ? kinds : [],
    parameters: {},
    shown: {},
    selects: null,
    names: [],
    environments: [],
    findings: effect === 'read' || effect === 'write' ? [] : [{ rule, message }],
    alternatives: instead === null || instead === undefined ? [] : [instead],
  }
}

export function unread(name: string, message: string): Operation {
  return operation(name, { effect: 'unread', rule: 'shell-unread', message })
}

/** A command that nothing here knows to destroy. */
export function ordinary(name: string): Operation {
  return operation(name, { effect: 'write', rule: 'shell', message: '' })
}

export function destroys(
  name: string,
  kinds: readonly DestroyKind[],
  message: string,
  instead?: string,
): Operation {
  return operation(name, {
    effect: 'destroy',
    kinds,
    rule: 'shell-destroys',
    message,
    instead: instead ?? null,
  })
}

/** What it writes over by its redirections: a device, or Firebreak's own. */
export function written({ writes }: Run): readonly Operation[] {
  return writes.flatMap(({ to, isOver }) =>
    isOver && /^\/dev\/(sd|nvme|vd|hd|xvd|mapper|disk|md|dm-)/.test(to.text)
      ? [destroys('>', ['data'], `writes over the device \`${to.text}\``)]
      : [],
  )
}
