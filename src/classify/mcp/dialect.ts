/** SQL that other databases read otherwise than PostgreSQL: what is a comment or a quote to one is a statement to another. */

interface Lexis {
  /** A backslash takes the meaning of what follows it in quotes (MySQL, ClickHouse, BigQuery, Snowflake). */
  readonly backslash: boolean
  readonly nested: boolean
  /** MySQL: `#` begins a comment, `--` only before white space, and what stands in a comment with `!` runs. */
  readonly mysql: boolean
  /** Names in brackets and backquotes (SQLite, SQL Server). */
  readonly brackets: boolean
  readonly dollars: boolean
}

const plain: Lexis = {
  backslash: false,
  nested: false,
  mysql: false,
  brackets: false,
  dollars: false,
}
const postgres: Lexis = { ...plain, nested: true, dollars: true }
const others: readonly Lexis[] = [
  { ...plain, backslash: true, mysql: true },
  { ...plain, mysql: true },
  { ...plain, backslash: true },
  { ...plain, brackets: true },
  { ...plain, brackets: true, nested: true },
]

/** The word that another database would run where PostgreSQL sees a comment or a quoted text; null where there is none. */
export function hiddenElsewhere(text: string): string | null {
  if (!/['"`#[$]|--|\/\*/.test(text)) return null
  const known = gravesIn(codeOf(text, postgres))
  for (const lexis of others)
    for (const [word, count] of gravesIn(codeOf(text, lexis)))
      if (count > (known.get(word) ?? 0)) return word
  return null
}

const graves =
  /\b(drop|truncate|delete|update|insert|replace|alter|create|rename|grant|revoke|merge|call|exec|execute|set|load|outfile|dumpfile|attach|detach|pragma|kill|shutdown|flush|reset|purge|optimize|handler|copy|into|restore|backup|do)\b/gi

function gravesIn(code: string): ReadonlyMap<string, number> {
  const found = new Map<string, number>()
  for (const [match] of code.matchAll(graves)) {
    const word = match.toLowerCase()
    found.set(word, (found.get(word) ?? 0) + 1)
  }
  return found
}

/** The text without its comments and quotes, as a database with this lexis sees it. */
function codeOf(text: string, lexis: Lexis): string {
  let code = ''
  let at = 0
  while (at < text.length) {
    const end = skipped(text, at, lexis)
    code += end === at ? text.charAt(at) : ' '
    at = Math.max(end, at + 1)
  }
  return code
}

/** Where the comment or quote that begins here ends; the same place where none begins. */
function skipped(text: string, at: number, lexis: Lexis): number {
  return skips.get(text.charAt(at))?.(text, at, lexis) ?? at
}

type Skip = (text: string, at: number, lexis: Lexis) => number

const skips: ReadonlyMap<string, Skip> = new Map<string, Skip>([
  [
    "'",
    (text, at, lexis) => quoteEnd(text, at, "'", lexis.backslash || isEscapes(text, at, lexis)),
  ],
  ['"', (text, at, { backslash }) => quoteEnd(text, at, '"', backslash)],
  ['`', (text, at, { dollars }) => (dollars ? at : quoteEnd(text, at, '`', false))],
  ['[', (text, at, { brackets }) => (brackets ? endOf(text, ']', at + 1) : at)],
  ['#', (text, at, { mysql }) => (mysql ? endOf(text, '\n', at) : at)],
  ['-', lineEnd],
  ['/', commentEnd],
  ['$', (text, at, { dollars }) => (dollars ? dollarEnd(text, at) : at)],
])

/** `E'…'` of PostgreSQL. */
function isEscapes(text: string, at: number, { dollars }: Lexis): boolean {
  return dollars && /(^|[^\w$])e$/i.test(text.slice(Math.max(0, at - 2), at))
}

function quoteEnd(text: string, start: number, quote: string, escapes: boolean): number {
  for (let at = start + 1; at < text.length; at += 1) {
    if (escapes && text.charAt(at) === '\\') at += 1
    else if (text.charAt(at) === quote) {
      if (text.charAt(at + 1) !== quote) return at + 1
      at += 1
    }
  }
  return text.length
}

function lineEnd(text: string, at: number, { mysql }: Lexis): number {
  if (!text.startsWith('--', at)) return at
  return mysql && !/^--(\s|$)/.test(text.slice(at, at + 3)) ? at : endOf(text, '\n', at)
}

function commentEnd(text: string, at: number, { mysql, nested }: Lexis): number {
  if (!text.startsWith('/*', at)) return at
  // What stands in `/*! … */` runs: only its mark is passed over.
  if (mysql && /^\/\*M?!/.test(text.slice(at, at + 4))) return at + 3
  if (!nested) return endOf(text, '*/', at + 2)
  let depth = 1
  for (let end = at + 2; end < text.length; end += 1) {
    if (text.startsWith('/*', end)) depth += 1
    else if (text.startsWith('*/', end)) depth -= 1
    else continue
    end += 1
    if (depth === 0) return end + 1
  }
  return text.length
}

function dollarEnd(text: string, at: number): number {
  const tag = /^\$([A-Za-z_]\w*)?\$/.exec(text.slice(at, at + 70))?.[0]
  if (tag === undefined || /[\w$]/.test(text.charAt(at - 1))) return at
  // A function's body and that of `DO` are quotes to PostgreSQL alone: any other database stops before them.
  if (/\b(as|do)\s*$/i.test(text.slice(Math.max(0, at - 20), at))) return at + tag.length
  return endOf(text, tag, at + tag.length)
}

function endOf(text: string, mark: string, from: number): number {
  const found = text.indexOf(mark, from)
  return found === -1 ? text.length : found + mark.length
}
