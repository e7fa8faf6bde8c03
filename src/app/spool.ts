/** Where the WAL of a target lies that is in no whole segment yet: beside the store, so that store and key find it alone. */
import { join } from 'node:path'

export function spoolIn(place: string, target: string): string {
  return join(place, 'spool', target)
}
