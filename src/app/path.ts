/** Paths as a person writes them. */
import { homedir } from 'node:os'
import { resolve } from 'node:path'

/** A whole path: `~/` is this user's home, and all else starts at a folder. */
export function pathFrom(folder: string, text: string): string {
  return text.startsWith('~/') ? resolve(homedir(), text.slice(2)) : resolve(folder, text)
}
