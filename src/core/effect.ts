/** What an operation does to the world: one effect, and for a destroy the kinds of loss (PRODUCT.md has the table). */

export const effects = ['read', 'write', 'expose', 'destroy', 'unread'] as const
export type Effect = (typeof effects)[number]

export const destroyKinds = [
  'data',
  'container',
  'overwrite',
  'backup',
  'guard',
  'key',
  'exec',
  'account',
  'name',
  'outage',
] as const
export type DestroyKind = (typeof destroyKinds)[number]

/** The gravest of several effects, in the order of `effects`; nothing at all is `unread`. */
export function worstEffect(all: readonly Effect[]): Effect {
  const ranks = all.map((effect) => effects.indexOf(effect))
  return effects[Math.max(...ranks, -1)] ?? 'unread'
}
