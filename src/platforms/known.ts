/** Every platform that Firebreak knows, by the name that a config and `explain` use. */
import type { Platform } from './platform.ts'
import { railway } from './railway.ts'

export const platforms: readonly Platform[] = [railway]

/** The platform of a name; null for one that is not known. */
export function platformNamed(name: string): Platform | null {
  return platforms.find((platform) => platform.name === name) ?? null
}
