/** Which parts of a database belong to a table, and which of its tables a person means. */
import { FirebreakError } from '../base/error.ts'
import type { Description, Part } from './table-describe.ts'

/** The table as the server writes it. Throws `not_found` where there is none, or where it could be several. */
export function namedIn(parts: Description, text: string): string {
  const tables = [...parts.values()].flatMap(({ kind, rel }) =>
    kind === 'table' ? (rel ?? []) : [],
  )
  if (tables.includes(text)) return text
  const exact = tables.filter((table) => wordsOf(table).join('.') === text)
  // Without its schema, where only one has that name.
  const found = exact.length > 0 ? exact : tables.filter((table) => wordsOf(table).at(-1) === text)
  if (found[0] !== undefined && found.length === 1) return found[0]
  throw new FirebreakError(
    'not_found',
    found.length > 1
      ? `\`${text}\` could be several tables`
      : `the recovery point has no table \`${text}\``,
    `it has ${tables.length === 0 ? 'none' : tables.slice(0, 5).join(', ')}${tables.length > 5 ? ` and ${tables.length - 5} more` : ''}`,
  )
}

/** The tables with all of their partitions, parents first. */
export function withPartitions(parts: Description, tables: readonly string[]): readonly string[] {
  const all = new Set(tables)
  // A set that grows while it is walked is walked to its end.
  for (const table of all)
    for (const { kind, rel, make } of parts.values())
      if (kind === 'partition' && rel !== null && isUnder(make, table)) all.add(rel)
  return [...all]
}

/** Without its schema, quoted as before. */
export function shortOf(table: string): string {
  return /(?:"(?:[^"]|"")*"|[^".]+)$/.exec(table)?.[0] ?? table
}

/**
 * What of these tables, and of what they need, is not there, in the order in which it can be made. A foreign key to what neither
 * comes nor is there is left in: that it cannot be made is told.
 */
export function partsOfTables(
  parts: Description,
  tables: readonly string[],
  is: Description,
): Description {
  const own = new Set(tables)
  const chosen = new Set<string>()
  for (const part of parts.values()) if (isOwn(part, own)) chosen.add(part.id)
  const means = [...parts.values()].filter(({ id, kind }) => needed.has(kind) && !is.has(id))
  for (let before = -1; before !== chosen.size;) {
    before = chosen.size
    const texts = [...chosen].map((id) => parts.get(id)?.make ?? '')
    for (const part of means)
      if (texts.some((text) => text.includes(mentionOf(part)))) chosen.add(part.id)
  }
  return new Map([...parts].filter(([id]) => chosen.has(id) && !is.has(id)))
}

const needed = new Set(['schema', 'type', 'function', 'sequence'])

function isOwn({ kind, rel, make }: Part, own: ReadonlySet<string>): boolean {
  if (rel === null || !own.has(rel)) return false
  return kind !== 'partition' || [...own].some((parent) => isUnder(make, parent))
}

function isUnder(make: string, parent: string): boolean {
  return make.startsWith(`ALTER TABLE ONLY ${parent} ATTACH PARTITION `)
}

/** How the text of another part names it: a schema by the dot behind it, a function by its bracket. */
function mentionOf({ id, kind }: Part): string {
  const name = id.slice(kind.length + 1)
  if (kind === 'schema') return `${name}.`
  return kind === 'function' ? name.slice(0, name.indexOf('(') + 1) : name
}

function wordsOf(name: string): readonly string[] {
  return (name.match(/"(?:[^"]|"")*"|[^".]+/g) ?? []).map((word) =>
    word.startsWith('"') ? word.slice(1, -1).replaceAll('""', '"') : word,
  )
}
