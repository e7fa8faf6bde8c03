/** Values that `JSON.stringify` writes in the canonical form as they are: it is native, and makes no texts on the way. */

/**
 * True where each key stands in its place and nothing in it is refused or written otherwise: texts well formed, numbers
 * finite, no `undefined`, no `toJSON`, not deeper than `levels`. False says only that it must be written with care.
 */
export function isInOrder(value: unknown, levels: number): boolean {
  if (levels < 0) return false
  if (typeof value === 'string') return value.isWellFormed()
  if (typeof value === 'number') return Number.isFinite(value)
  if (value === null || typeof value === 'boolean') return true
  if (typeof value !== 'object') return false
  if (Array.isArray(value)) return isListInOrder(value, levels)
  return isPlain(value) && isPlainInOrder(value, levels)
}

function isListInOrder(list: readonly unknown[], levels: number): boolean {
  // `every` would pass over a hole.
  for (const item of list) if (!isInOrder(item, levels - 1)) return false
  return true
}

/** Any other object may have a `toJSON` that does not show among its members. */
function isPlain(value: object): value is { readonly [key: string]: unknown } {
  return Object.getPrototypeOf(value) === Object.prototype
}

function isPlainInOrder(value: { readonly [key: string]: unknown }, levels: number): boolean {
  let last = ''
  // No list of keys is made, as `Object.keys` would. A key that is inherited makes the answer no truer than it is.
  for (const key in value) {
    if (key < last || !key.isWellFormed() || !isInOrder(value[key], levels - 1)) return false
    last = key
  }
  return true
}
