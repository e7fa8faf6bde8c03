/** Words that name what keeps things from being lost. */

export function namesGuard(words: readonly string[]): boolean {
  return words.some((word) => guardWords.has(word))
}

const guardWords: ReadonlySet<string> = new Set(
  'protection protected protect versioning backup backups pitr retention autobackup'.split(' '),
)
