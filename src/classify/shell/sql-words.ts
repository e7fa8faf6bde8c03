/** SQL of dialects that have no grammar here: each statement by its first words. What is Postgres has a reader of its own. */
import type { DestroyKind } from '../../core/effect.ts'
import type { Operation } from '../../core/operation.ts'
import { destroys, operation, unread } from './operation.ts'

export interface Dialect {
  /** In a quoted text a backslash takes the next letter's meaning away, and `#` begins a comment: MySQL. */
  readonly isMysql: boolean
}

export const mysql: Dialect = { isMysql: true }
export const standard: Dialect = { isMysql: false }

export function sqlWords(text: string, dialect: Dialect): readonly Operation[] {
  // What a client does by itself (`.read x`, `source x`, `\\! x`) ends with its line.
  return bare(text.replaceAll(/^[ \t]*(?:[.\\:]\S|source |system |!)[^\n]*$/gim, '$&;'), dialect)
    .split(/;|\\G|\\g|^[ \t]*go[ \t\r]*$|^[ \t]*\/[ \t\r]*$/im)
    .map((one) => one.trim().replaceAll(/\s+/g, ' '))
    .filter(Boolean)
    .flatMap(statement)
}

interface Rule {
  readonly like: RegExp
  readonly effect: 'destroy' | 'expose' | 'unread'
  readonly kinds: readonly DestroyKind[]
}

const rule = (like: RegExp, ...kinds: readonly DestroyKind[]): Rule => ({
  like,
  effect: 'destroy',
  kinds,
})

const rules: readonly Rule[] = [
  rule(/^DROP (DATABASE|SCHEMA|KEYSPACE|CATALOG|STORAGE|WAREHOUSE|ACCOUNT)\b/i, 'container'),
  rule(/^DROP (USER|ROLE|LOGIN)\b/i, 'account'),
  rule(/^DROP (TRIGGER|EVENT|POLICY|ROW POLICY|TAG|AUDIT|SERVER AUDIT)\b/i, 'guard'),
  rule(/^DROP (INDEX|STATISTICS|PREPARE|CONNECTION)\b/i, 'outage'),
  rule(/^DROP (VIEW|FUNCTION|PROCEDURE|PROC|PACKAGE|SYNONYM|AGGREGATE|STAGE)\b/i, 'overwrite'),
  // A temporary one lasts as long as the session.
  rule(/^DROP (?!TEMPORARY\b)\w/i, 'data'),
  rule(/^TRUNCATE\b/i, 'data'),
  rule(
    /^(ALTER TABLE\b.* (DROP (?!INDEX|KEY|CONSTRAINT|FOREIGN|CHECK|DEFAULT|PRIMARY|PROJECTION|STATISTICS)\w|DELETE\b|CLEAR COLUMN|DISCARD TABLESPACE|TRUNCATE PARTITION|DETACH PART|EXCHANGE PARTITION|REPLACE PARTITION))/i,
    'data',
  ),
  rule(/^DETACH (TABLE|DATABASE)\b.*\bPERMANENTLY\b/i, 'data'),
  rule(
    /^(CREATE OR REPLACE|REPLACE) (TRANSIENT |TEMPORARY )?(TABLE|DATABASE|SCHEMA|SEQUENCE)\b/i,
    'overwrite',
  ),
  rule(
    /^(LOAD DATA\b.* REPLACE INTO TABLE|INSERT OVERWRITE|RESTORE DATABASE|RESTORE LOG|FLASHBACK)\b/i,
    'overwrite',
  ),
  rule(
    /^(PURGE (BINARY|MASTER)|RESET (MASTER|BINARY LOGS)|DELETE (NOPROMPT )?(OBSOLETE|BACKUP|ARCHIVELOG|COPY|FORCE|EXPIRED))\b/i,
    'backup',
  ),
  rule(/^PURGE\b/i, 'data'),
  rule(/^RESET (SLAVE|REPLICA)\b/i, 'guard'),
  rule(
    /^SET (@@)?(GLOBAL|PERSIST|PERSIST_ONLY)[ .]*(super_)?read_only ?= ?(0|off|false)/i,
    'guard',
  ),
  rule(
    /^SET (@@)?(GLOBAL|PERSIST|PERSIST_ONLY)[ .]*(sql_log_bin|log_bin|binlog_expire\w*|expire_logs_days|foreign_key_checks|event_scheduler|innodb_flush_log_at_trx_commit|sync_binlog|default_table_encryption)\b/i,
    'guard',
  ),
  rule(/^ALTER DATABASE\b.*\bSET (RECOVERY SIMPLE|TDE|ENCRYPTION OFF)/i, 'guard'),
  rule(/^(ALTER KEYSPACE|ALTER INSTANCE (DISABLE|ROTATE))\b/i, 'guard'),
  rule(
    /^(SHUTDOWN|STOP (SLAVE|REPLICA|GROUP_REPLICATION)|ALTER SYSTEM (SHUTDOWN|KILL))\b/i,
    'outage',
  ),
  {
    like: /^(GRANT|CREATE (USER|ROLE|LOGIN)|ALTER (USER|ROLE|LOGIN)\b.*\b(IDENTIFIED|PASSWORD)|SET PASSWORD)\b/i,
    effect: 'expose',
    kinds: [],
  },
  { like: /^SELECT\b.* INTO (OUTFILE|DUMPFILE)\b/i, effect: 'expose', kinds: [] },
  {
    like: /^(PREPARE \S+ FROM|EXECUTE IMMEDIATE|EXEC(UTE)? ?\(|EXEC(UTE)? (master\.+)?(sp_executesql|xp_cmdshell))/i,
    effect: 'unread',
    kinds: [],
  },
  {
    like: /^(SOURCE|\\\.|\.read|\.shell|\.system|\.load|\.(output|once|import|log|excel) \|.*|system|\\!|!!?|:r) ?\S|^SELECT\b.*\b(load_extension|edit|writefile) ?\(/i,
    effect: 'unread',
    kinds: [],
  },
  rule(/^\.(restore|open -new|open --new|import --overwrite)\b/i, 'overwrite'),
]

const deletes =
  /^(?:WITH\b.*\) ?)?(DELETE\b(?: (?:LOW_PRIORITY|QUICK|IGNORE))*(?: \S+(?:, ?\S+)*)? FROM\b|UPDATE\b.*\bSET\b)(.*)$/i
/** A bound that leaves nothing out. */
const everything =
  /\b(?:WHERE|OR) \(? ?(?:(?<number>\d+) ?= ?\k<number>(?!\d)|(?:NOT )?(?:TRUE|FALSE)\b|'' ?= ?''|[1-9]\d*(?= ?\)?(?: LIMIT| ORDER|$))|(?<name>[\w.`]+) ?= ?\k<name>(?![\w.`])|[\w.`]+ (?:LIKE '%'|IS NOT NULL$|(?:>=?|<>|!=) ?(?:0|-\d+|'')$))/i

function statement(words: string): readonly Operation[] {
  const found = rules.find(({ like }) => like.test(words))
  if (found !== undefined) return [judged(found, words)]
  const [, verb, rest = ''] = deletes.exec(words) ?? []
  if (verb === undefined || (/\bWHERE\b/i.test(rest) && !everything.test(rest))) return []
  return [destroys(/^\w+/.exec(verb)?.[0].toUpperCase() ?? '', ['data'], shown(words))]
}

const shown = (words: string): string => `\`${words.slice(0, 80)}\``

function judged({ effect, kinds }: Rule, words: string): Operation {
  const name = (/^[.\\]?\S+(?: \w+)?/.exec(words)?.[0] ?? '').toUpperCase()
  if (effect === 'unread') return unread(name, `runs what nobody here has read: ${shown(words)}`)
  return effect === 'expose'
    ? operation(name, { effect, rule: 'shell-expose', message: shown(words) })
    : destroys(name, kinds, shown(words))
}

/** Comments and quoted texts taken out: what only mentions is no statement. What MySQL runs from a comment (`/*!`) stays. */
function bare(text: string, { isMysql }: Dialect): string {
  const marks = isMysql
    ? /'(?:[^'\\]|\\[^]|'')*'|"(?:[^"\\]|\\[^]|"")*"|--(?=\s|$)[^\n]*|#[^\n]*|\/\*(?!!)[^]*?\*\/|\/\*!\d*|\*\//g
    : /'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[^]*?\*\//g
  return text.replaceAll(marks, (one) =>
    one.startsWith("'") ? (one === "'%'" ? one : "''") : one.startsWith('"') ? 'quoted' : ' ',
  )
}
