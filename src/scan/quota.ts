/** How many sightings are kept of one text: what is harmless or was seen before takes no place from what is new. */

/** More in one text are no use to anybody, and bound the memory: so many that differ, and so many others beside them. */
const mostSightings = 1000

export const tooMany = `it has ${mostSightings} findings or more`

interface Seen {
  readonly rank: number
  readonly secret: string
  readonly within: string | null
  readonly low: boolean
}

interface Quota {
  /** True for what is to be kept. */
  takes(seen: Seen): boolean
  /** Nothing that is worth a place is taken any more. */
  isFull(): boolean
  /** Something that stands nowhere among what was kept may have been left. */
  isCut(): boolean
}

export function openQuota(): Quota {
  const met = new Set<string>()
  const counts = { worth: 0, other: 0 }
  let isCut = false
  const isFull = (): boolean => counts.worth >= mostSightings
  return {
    takes: ({ rank, secret, within, low }) => {
      // One password in two connection strings opens two databases.
      const key = [rank, secret, within ?? ''].join('\0')
      const isNew = !met.has(key)
      const kind = isNew && !low ? 'worth' : 'other'
      if (counts[kind] >= mostSightings) {
        isCut ||= isNew
        return false
      }
      counts[kind] += 1
      met.add(key)
      return true
    },
    isFull,
    isCut: () => isCut || isFull(),
  }
}
