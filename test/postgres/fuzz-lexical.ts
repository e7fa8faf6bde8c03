/** The same statement in other letters: case, comments, white space, quoting, escapes, whole names. */
import type { Chance } from './fuzz-chance.ts'

/** Names of the corpus's world that may be quoted, by what may stand before them. */
const tables = new Set(
  `customers orders order_items payments audit_log sessions jobs events events_2024 events_2025 settings categories tickets users notes
  vehicles cars active_customers order_totals daily`.split(/\s+/),
)
const routines = new Set(
  'total_of add_note purge_sessions run_it wipe_orders close_order'.split(' '),
)
const own = new Set(
  'lo_unlink lo_put setval set_config query_to_xml nextval count max min coalesce'.split(' '),
)
const columns = new Set('id body name email phone status balance login deleted total'.split(' '))

const token =
  /--[^\n]*|\/\*[\s\S]*?\*\/|[uU]&"(?:[^"]|"")*"|"(?:[^"]|"")*"|[uU]&'(?:[^']|'')*'|[eE]'(?:[^'\\]|\\[\s\S]|'')*'|[nNbBxX]?'(?:[^']|'')*'|\$([A-Za-z_]\w*)?\$[\s\S]*?\$\1\$|\$\d+|[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*|\d+(?:\.\d+)?|\s+|::|[\s\S]/g

export function tokensOf(text: string): readonly string[] {
  return text.match(token) ?? []
}

const isWord = (text: string): boolean => /^[A-Za-z_\u0080-\uffff]/.test(text) && !/['"]/.test(text)
const isSpace = (text: string): boolean => /^\s+$/.test(text)

/** One in `rate` tokens is written otherwise. */
export function disguised(text: string, chance: Chance, rate: number): string {
  const all = tokensOf(text)
  return all
    .map((each, at) => {
      if (!chance.once(rate)) return each
      if (isSpace(each)) return gap(chance)
      if (isWord(each)) return word(each, all[at - 1] ?? '', all[at + 1] ?? '', chance)
      if (each.startsWith("'")) return quoted(each.slice(1, -1).replaceAll("''", "'"), chance)
      if (each.startsWith('$') && each.length > 3) return body(each, chance, rate)
      if (/^\d+$/.test(each)) return number(each, chance)
      return /^[(),;=<>]$/.test(each) ? `${filler(chance)}${each}${filler(chance)}` : each
    })
    .join('')
}

function gap(chance: Chance): string {
  return chance.pick([
    ' ',
    '\n',
    '\t',
    '\r\n',
    '\f',
    '/**/',
    ' /* ; */ ',
    '/* /* */ -- */',
    ' -- x\n',
    ' --/*\n',
    "/*'*/",
    '/*$$*/',
    ' \n/* DROP TABLE x; */\n',
  ])
}

function filler(chance: Chance): string {
  return chance.once(2) ? '' : gap(chance)
}

function word(text: string, before: string, after: string, chance: Chance): string {
  const name = text.toLowerCase()
  const isPart = before === '.' || before === '"'
  const schema = schemaOf(name, after)
  if (schema !== null)
    return isPart || after === '.' || chance.once(2)
      ? spelt(name, chance)
      : `${spelt(schema, chance)}${dot(chance)}${spelt(name, chance)}`
  if (columns.has(name) && after !== '(') return spelt(name, chance)
  return cased(text, chance)
}

function schemaOf(name: string, after: string): string | null {
  if (tables.has(name) || routines.has(name)) return 'public'
  return own.has(name) && after.startsWith('(') ? 'pg_catalog' : null
}

function dot(chance: Chance): string {
  return chance.pick(['.', '.', ' . ', './**/', '\n.'])
}

function cased(text: string, chance: Chance): string {
  return text
    .split('')
    .map((letter) => (chance.once(2) ? letter.toUpperCase() : letter.toLowerCase()))
    .join('')
}

/** An identifier, quoted or not. */
function spelt(name: string, chance: Chance): string {
  const at = chance.below(name.length)
  const code = name.charCodeAt(at).toString(16).padStart(4, '0')
  return chance.pick([
    name,
    cased(name, chance),
    `"${name}"`,
    `U&"${name.slice(0, at)}\\${code}${name.slice(at + 1)}"`,
    `u&"${name.slice(0, at)}!${code}${name.slice(at + 1)}" UESCAPE '!'`,
    `U&"${name.slice(0, at)}\\+00${code}${name.slice(at + 1)}"`,
  ])
}

/** A text in quotes. */
export function quoted(text: string, chance: Chance): string {
  const plain = `'${text.replaceAll("'", "''")}'`
  if (text === '') return plain
  const at = chance.below(text.length)
  const [head, letter, tail] = [text.slice(0, at), text.charCodeAt(at), text.slice(at + 1)]
  const hex = letter.toString(16).padStart(2, '0')
  const code = letter.toString(16).padStart(4, '0')
  const escaped = (part: string): string =>
    part.replaceAll('\\', '\\\\').replaceAll("'", chance.pick(["''", "\\'"]))
  const wide = (part: string): string => part.replaceAll('\\', '\\\\').replaceAll("'", "''")
  const tag = chance.pick(['', 'a', 'DROP', '_1'])
  const ways: readonly [string, ...string[]] = [
    plain,
    letter < 128
      ? `E'${escaped(head)}\\x${hex}${/^[0-9a-f]/i.test(tail) && hex.length < 2 ? '' : ''}${escaped(tail)}'`
      : plain,
    letter < 128
      ? `e'${escaped(head)}\\${letter.toString(8).padStart(3, '0')}${escaped(tail)}'`
      : plain,
    `E'${escaped(head)}\\u${code}${escaped(tail)}'`,
    `U&'${wide(head)}\\${code}${wide(tail)}'`,
    text.includes(`$${tag}$`) || text.endsWith('$') ? plain : `$${tag}$${text}$${tag}$`,
    `'${head.replaceAll("'", "''")}'\n'${text.slice(at).replaceAll("'", "''")}'`,
  ]
  return chance.pick(ways)
}

/** What stands between dollars is code as often as not. */
function body(text: string, chance: Chance, rate: number): string {
  const tag = /^\$[^$]*\$/.exec(text)?.[0] ?? '$$'
  const inner = text.slice(tag.length, -tag.length)
  const written = /\b(begin|select|delete|update|drop|truncate|insert)\b/i.test(inner)
    ? disguised(inner, chance, rate)
    : inner
  return quoted(written, chance)
}

function number(text: string, chance: Chance): string {
  return chance.pick([
    text,
    text,
    `(${text})`,
    `+${text}`,
    `${text}::int`,
    `'${text}'`,
    `CAST(${text} AS int)`,
  ])
}
