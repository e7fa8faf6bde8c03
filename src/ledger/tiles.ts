/** The layout of C2SP tlog-tiles: which files a log of a size has, and what stands in them. */
import { hashBytes } from './hash.ts'
import type { Hash } from './hash.ts'

/** Hashes in a full tile, entries in a full bundle. */
export const tileWidth = 256

export interface Tile {
  /** A number for hashes (level 0 are the leaves', each level up covers 256 times more), `entries` for bundles of leaves. */
  readonly level: number | 'entries'
  readonly index: number
  /** 1 to 256; less than 256 is a partial tile. */
  readonly width: number
}

/** Where a tile lies: `tile/<level>/<index>`, and `.p/<width>` for a partial one. */
export function tilePath({ level, index, width }: Tile): string {
  const partial = width === tileWidth ? '' : `.p/${width}`
  return `tile/${level}/${indexPath(index)}${partial}`
}

/** The tile at a place in a log of `size` entries; null where it would be empty. */
export function tileAt(level: number | 'entries', index: number, size: number): Tile | null {
  const height = level === 'entries' ? 0 : level
  const count = Math.floor(size / tileWidth ** height) - index * tileWidth
  return count <= 0 ? null : { level, index, width: Math.min(tileWidth, count) }
}

/** Every tile of a log of `size` entries that a log of `since` entries has not, bundles first. */
export function tilesOf(size: number, since = 0): readonly Tile[] {
  const levels: (number | 'entries')[] = ['entries']
  for (let level = 0; tileWidth ** level <= size; level += 1) levels.push(level)
  return levels.flatMap((level) => {
    const span = tileWidth ** (level === 'entries' ? 1 : level + 1)
    const tiles: Tile[] = []
    for (let index = Math.floor(since / span); ; index += 1) {
      const tile = tileAt(level, index, size)
      if (tile === null) return tiles
      tiles.push(tile)
    }
  })
}

/** Entries after one another, each behind its length as two bytes, the higher first. */
export function bundleOf(leaves: readonly Uint8Array[]): Uint8Array {
  const parts = leaves.flatMap((leaf) => [new Uint8Array([leaf.length >> 8, leaf.length]), leaf])
  return new Uint8Array(Buffer.concat(parts))
}

/** The entries of a bundle; null where lengths and bytes do not come out even. */
export function readBundle(bytes: Uint8Array): readonly Uint8Array[] | null {
  const leaves: Uint8Array[] = []
  let at = 0
  while (at < bytes.length) {
    const length = (bytes[at] ?? 0) * 256 + (bytes[at + 1] ?? 0)
    const end = at + 2 + length
    if (end > bytes.length) return null
    leaves.push(bytes.subarray(at + 2, end))
    at = end
  }
  return leaves
}

/** The hashes of a tile; null where it has not exactly `width` of them. */
export function readTile(bytes: Uint8Array, width: number): readonly Hash[] | null {
  if (bytes.length !== width * hashBytes) return null
  return Array.from({ length: width }, (_, at) =>
    bytes.subarray(at * hashBytes, (at + 1) * hashBytes),
  )
}

/** 1234067 is `x001/x234/067`. */
function indexPath(index: number): string {
  const digits = String(index)
  const padded = digits.padStart(Math.ceil(digits.length / 3) * 3, '0')
  const groups = padded.match(/\d{3}/g) ?? []
  return groups.map((group, at) => (at === groups.length - 1 ? group : `x${group}`)).join('/')
}
