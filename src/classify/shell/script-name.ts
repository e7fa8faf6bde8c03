/** What the name of a task says that it does to data, where its text is not there to be read. */

/** With one of these beside it, the name is of a database, or of what lies in one. */
const stores =
  /^(db|dbs|database|databases|postgres|postgresql|pg|mysql|mariadb|mongo|mongodb|redis|sqlite|prisma|drizzle|knex|typeorm|sequelize|supabase|schema|schemas|tables?|migrations?|migrate|data|dataset|volumes?|buckets?|backups?|snapshots?|prod|production)$/
const grave =
  /^(drop|reset|wipe|nuke|destroy|purge|truncate|erase|fresh|recreate|obliterate|annihilate|dropall|flush|empty|rollback|revert|undo|downgrade)$/

/** Weaker words need a plainer store: `prisma:clean` is about generated code, `db:clean` is not. */
const plain =
  /^(db|dbs|database|databases|postgres|postgresql|mysql|mariadb|mongo|mongodb|redis|tables?|volumes?|buckets?|backups?|snapshots?)$/
const mild = /^(clean|clear|delete|remove|rm|restore|overwrite|kill|teardown)$/

/** These say that it is of something else: a cache, a test's own. */
const other =
  /^(tests?|e2e|cache|caches|mocks?|fixtures?|types?|client|build|dist|logs?|lint|docs?|storybook|cypress|playwright|local|status|check|dry|plan|preview|help|list)$/

/** `db:reset`, `wipe-db`, `resetDatabase`, `db_drop_all`. */
export function saysLoss(name: string): boolean {
  const words = name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .flatMap(apart)
  if (words.some((word) => other.test(word))) return false
  const has = (pattern: RegExp): boolean => words.some((word) => pattern.test(word))
  return (has(stores) && has(grave)) || (has(plain) && has(mild))
}

/** `resetdb`, `dropdb`: run together. */
function apart(word: string): readonly string[] {
  const [, verb, store] =
    /^(drop|reset|wipe|nuke|destroy|purge|clean|clear|flush|truncate|restore)(db|database|data|schema|tables)$/.exec(
      word,
    ) ?? []
  return verb === undefined || store === undefined ? [word] : [verb, store]
}
