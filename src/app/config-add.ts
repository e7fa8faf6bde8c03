/** A database written into a config that a person wrote: lines are put in, and not a byte of what stands there is changed. */
import { isDeepStrictEqual } from 'node:util'
import { isMap, isScalar, parseDocument, stringify } from 'yaml'
import type { Pair, YAMLMap } from 'yaml'

export interface Addition {
  readonly name: string
  /** As it stands below `targets:`; null where it is there already. */
  readonly target: object | null
  /** As it stands below `vault.databases:`; null where it is there already. */
  readonly database: object | null
  /** Where the vault is made; null where the config has one. */
  readonly store: string | null
}

/** A whole config for one database. */
export function newConfig(addition: Addition): string {
  return text({ version: 1, ...wanted({}, addition) })
}

/** The lines of an addition, for a person to put in. */
export function linesOf(addition: Addition): string {
  return text(wanted({}, addition))
}

/**
 * The config with the addition in it; null where it cannot be put in with certainty: in flow style, with aliases, with line ends of
 * another system. What comes back is read once more, and says what was said before and the addition, nothing else.
 */
export function withAddition(before: string, addition: Addition): string | null {
  if (before.includes('\r')) return null
  const old = valueOf(before)
  if (old === null) return null
  let after: string | null = before.endsWith('\n') ? before : `${before}\n`
  for (const [path, value] of piecesOf(old, addition))
    after = after === null ? null : insert(after, path, value)
  return after !== null && isDeepStrictEqual(valueOf(after), wanted(old, addition)) ? after : null
}

type Plain = { readonly [key: string]: unknown }

function wanted(old: Plain, { name, target, database, store }: Addition): Plain {
  const targets = plainOf(old['targets'])
  const vault = plainOf(old['vault'])
  const databases = plainOf(vault['databases'])
  const made = {
    ...old,
    ...(target === null ? {} : { targets: { ...targets, [name]: target } }),
  }
  if (database === null && store === null) return made
  return {
    ...made,
    vault: {
      ...vault,
      ...(store === null ? {} : { store }),
      ...(database === null ? {} : { databases: { ...databases, [name]: database } }),
    },
  }
}

/** What goes where: into the deepest map that is there. */
function piecesOf(
  old: Plain,
  { name, target, database, store }: Addition,
): readonly (readonly [path: readonly string[], value: object])[] {
  const vault = plainOf(old['vault'])
  const kept = database === null ? {} : { databases: { [name]: database } }
  const inVault: readonly (readonly [readonly string[], object])[] =
    !('vault' in old) && (store !== null || database !== null)
      ? [[[], { vault: { ...(store === null ? {} : { store }), ...kept } }]]
      : database === null
        ? []
        : 'databases' in vault
          ? [[['vault', 'databases'], { [name]: database }]]
          : [[['vault'], kept]]
  return [...(target === null ? [] : [[['targets'], { [name]: target }] as const]), ...inVault]
}

/** Behind the last line of the map at that path, in its own indentation; null where that is no block. */
function insert(text: string, path: readonly string[], value: object): string | null {
  const doc = parseDocument(text)
  const map = path.length === 0 ? doc.contents : doc.getIn(path, true)
  if (!isMap(map) || map.flow === true || map.items.length === 0) return null
  const column = columnOf(text, map)
  const end = endOf(map)
  if (column === null || end === null) return null
  const at = text.indexOf('\n', end - 1) + 1
  if (at === 0) return null
  const pad = ' '.repeat(column)
  const lines = stringify(value, { lineWidth: 0 }).trimEnd().split('\n')
  return `${text.slice(0, at)}${lines.map((line) => (line === '' ? '' : pad + line)).join('\n')}\n${text.slice(at)}`
}

function columnOf(text: string, { items: [first] }: YAMLMap): number | null {
  const range = isScalar(first?.key) ? first.key.range : null
  return range ? range[0] - (text.lastIndexOf('\n', range[0] - 1) + 1) : null
}

/** Where the last value ends, comments behind it not counted. */
function endOf(map: YAMLMap): number | null {
  const last: Pair | undefined = map.items.at(-1)
  const { key, value } = last ?? {}
  if (isMap(value) && value.flow !== true && value.items.length > 0) return endOf(value)
  for (const node of [value, key])
    if (typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range))
      return Number(node.range[1])
  return null
}

function valueOf(text: string): Plain | null {
  const doc = parseDocument(text, { uniqueKeys: true, strict: true })
  if (doc.errors.length > 0 || doc.warnings.length > 0) return null
  // A merge or an alias may mean more than where it stands.
  if (/(^|[\s:,[{-])[&*][^\s,\]}]/m.test(text.replaceAll(/(["']).*?\1|#.*$/gm, ''))) return null
  const value: unknown = doc.toJS({ maxAliasCount: 0 })
  return isPlain(value) ? value : null
}

function plainOf(value: unknown): Plain {
  return isPlain(value) ? value : {}
}

function isPlain(value: unknown): value is Plain {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function text(value: object): string {
  return stringify(value, { lineWidth: 0 })
}
