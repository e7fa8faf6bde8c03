/** The vault, for which what a push writes over is covered: its way back is taken by the hook, after the approval, or the push is not let through. */
import type { BlastRadius } from '../core/blast-radius.ts'
import { refType } from '../gateways/hook/push.ts'
import type { Vault } from '../guard/ports.ts'

/** `isShell`: whether a target is a shell. Everything else is the vault's, as before. */
export function coveringPushes(vault: Vault, isShell: (target: string) => boolean): Vault {
  const rest = (radius: BlastRadius): BlastRadius => ({
    ...radius,
    resources: radius.resources.filter(({ type, target }) => type !== refType || !isShell(target)),
  })
  const isAll = (radius: BlastRadius): boolean =>
    radius.resources.length > 0 && rest(radius).resources.length === 0
  return {
    ...vault,
    foresee: async (action, radius) =>
      isAll(radius)
        ? { missing: [], points: [], untried: [] }
        : await vault.foresee(action, rest(radius)),
    cover: async (action, radius) =>
      isAll(radius) ? { kind: 'covered', points: [] } : await vault.cover(action, rest(radius)),
  }
}
