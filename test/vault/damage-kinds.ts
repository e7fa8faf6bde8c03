/** What becomes of bytes that are damaged, and what is said of it. */
import type { Change } from './damage-ground.ts'

export const flip: Change = (bytes) => {
  const at = Math.floor(bytes.length / 2)
  bytes[at] = (bytes[at] ?? 0) ^ 1
  return bytes
}
export const cut: Change = (bytes) => bytes.subarray(0, Math.floor(bytes.length / 2))
export const lose: Change = () => null

export function hintOf(thrown: unknown): string {
  return thrown instanceof Error && 'hint' in thrown ? String(thrown.hint) : ''
}
