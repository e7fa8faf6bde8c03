/** The key that this browser holds the ledger to: the first that it was told, until a person says otherwise. */
import { signal } from '@preact/signals'

const place = 'firebreak.ledger-key'

export const heldKey = signal(localStorage.getItem(place))

export function holdKey(verifier: string): void {
  localStorage.setItem(place, verifier)
  heldKey.value = verifier
}
