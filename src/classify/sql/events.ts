/** Judges the event triggers of a database: functions that run at what others make, alter and drop. */
import { judgeFunction } from './functions.ts'
import type { Scope } from './scope.ts'

/** Verbs that fire none. */
const silent: ReadonlySet<string> = new Set(
  `EXPLAIN PREPARE EXECUTE DECLARE CALL DO COPY LOCK VACUUM ANALYZE FETCH CLOSE LISTEN UNLISTEN NOTIFY SHOW TRUNCATE CHECKPOINT
  LOAD CLUSTER`.split(/\s+/),
)

/** Notes what those do that fire at a command of these words. */
export function fireEvents(words: string, scope: Scope): void {
  const { catalog } = scope
  if (catalog === null || silent.has(words.split(' ')[0] ?? '')) return
  for (const { name, tags, runs } of catalog.eventTriggers) {
    if (tags.length > 0 && !tags.some((tag) => isOf(words, tag))) continue
    const found = catalog.functions.get(runs)
    if (found !== undefined) judgeFunction(found, scope, `through the event trigger \`${name}\``)
    else scope.unread('trigger-unknown', `runs the event trigger \`${name}\`, which is not known`)
  }
}

/** Our words say less than the server's tags in places: then all of that verb count. */
function isOf(words: string, tag: string): boolean {
  if (words.startsWith(tag) || tag.startsWith(words)) return true
  if (words === 'RENAME') return tag.startsWith('ALTER ')
  return words.includes('…') && words.split(' ')[0] === tag.split(' ')[0]
}
