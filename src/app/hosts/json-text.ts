/** A JSON text that somebody else keeps: read with its places, and changed in one place with every other byte as it was. */
import { findNodeAtLocation, getNodeValue, parseTree, printParseErrorCode } from 'jsonc-parser'
import type { Node, ParseError } from 'jsonc-parser'
import { isDeepStrictEqual } from 'node:util'
import { FirebreakError } from '../../base/error.ts'
import { isObject, parseJson, toJson } from '../../base/json.ts'
import type { Json, JsonObject } from '../../base/json.ts'

export type Path = readonly (string | number)[]

/** What a file's reader takes besides JSON: nothing, comments, or comments and a comma too many. */
export type Leniency = 'strict' | 'comments' | 'commas'

/** The value; throws `bad_input` with one line where it is no JSON object, or has a key twice. */
export function readText(path: string, text: string, leniency: Leniency): JsonObject {
  const value = valueOf(nodeOf(path, text, leniency))
  if (!isObject(value)) throw broken(path, 'is no JSON object')
  return value
}

/** The text with a value at a path, whose parent is there. Where it is there already, only its own bytes change. */
export function withValue(text: string, at: Path, value: Json): string {
  const root = treeOf(text)
  const old = findNodeAtLocation(root, [...at])
  const after = old === undefined ? inserted(text, root, at, value) : replaced(text, old, value)
  return proven(text, after, at, value)
}

/** The text without what stands at a path. */
export function withoutValue(text: string, at: Path): string {
  const root = treeOf(text)
  const node = findNodeAtLocation(root, [...at])
  const member = node?.parent?.type === 'property' ? node.parent : node
  const holder = member?.parent
  if (member === undefined || holder === undefined) return text
  const [from, to, kept] = spanOf(text, holder, member)
  return proven(text, text.slice(0, from) + kept + text.slice(to), at, undefined)
}

/** A text that is a JSON object, or null: for where what reads it next says why not. */
export function objectIn(text: string): JsonObject | null {
  try {
    const value = parseJson(text)
    return isObject(value) ? value : null
  } catch {
    // Told by the next reader.
    return null
  }
}

/** A new file. */
export function written(value: JsonObject): string {
  return `${JSON.stringify(value, null, 2)}\n`
}

function nodeOf(path: string, text: string, leniency: Leniency): Node {
  const errors: ParseError[] = []
  const root = parseTree(text.replace(/^\uFEFF/, ' '), errors, {
    disallowComments: leniency === 'strict',
    allowTrailingComma: leniency === 'commas',
  })
  const [error] = errors
  if (error !== undefined) throw broken(path, wordsOf(error, text))
  if (root === undefined) throw broken(path, 'is empty')
  const twice = doubled(root)
  if (twice !== null) throw broken(path, `has \`${twice}\` twice in one object`)
  return root
}

function treeOf(text: string): Node {
  const root = parseTree(text.replace(/^\uFEFF/, ' '), [], { allowTrailingComma: true })
  if (root === undefined) throw new FirebreakError('internal', 'there is no JSON to change')
  return root
}

function wordsOf({ error, offset }: ParseError, text: string): string {
  const line = text.slice(0, offset).split('\n').length
  const what = printParseErrorCode(error)
  const said =
    what === 'InvalidCommentToken'
      ? 'has a comment, which its reader does not take'
      : `is no JSON (${what.replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase()})`
  return `${said}, in line ${line}`
}

/** A file that a person must mend first. */
export function broken(path: string, what: string): FirebreakError {
  return new FirebreakError('bad_input', `\`${path}\` ${what}`, 'mend it, then do this again')
}

function doubled(node: Node): string | null {
  const seen = new Set<unknown>()
  for (const child of node.children ?? []) {
    const key: unknown = child.type === 'property' ? child.children?.[0]?.value : null
    if (typeof key === 'string' && seen.has(key)) return key
    if (typeof key === 'string') seen.add(key)
    const within = doubled(child)
    if (within !== null) return within
  }
  return null
}

function valueOf(node: Node): Json {
  const value: unknown = getNodeValue(node)
  return toJson(value)
}

/** What goes with a member, and what of it stays: one comma goes, notes stay. */
function spanOf(text: string, holder: Node, member: Node): readonly [number, number, string] {
  const all = holder.children ?? []
  const before = all[all.indexOf(member) - 1]
  const next = all[all.indexOf(member) + 1]
  const close = endOf(holder) - 1
  const head = text.slice(before === undefined ? holder.offset + 1 : endOf(before), member.offset)
  const tail = text.slice(endOf(member), next === undefined ? close : next.offset)
  if (before !== undefined) {
    // A comma at the end of the list is the one that goes.
    const comma = next === undefined ? commaAt(tail) : -1
    const kept = comma === -1 ? withoutComma(head) : head
    return [endOf(before), endOf(member) + comma + 1, kept.trimEnd()]
  }
  const rest = withoutComma(tail)
  if (next !== undefined) return [member.offset, next.offset, rest.trimStart()]
  const isNoted = (head + rest).trim() !== ''
  return [holder.offset + 1, close, isNoted ? head.trimEnd() + rest : '']
}

/** Where the comma stands among white space and notes; -1 where there is none. */
function commaAt(between: string): number {
  const noted = /^(?:\s|\/\*[^]*?\*\/|\/\/[^\n]*(?=\n|$))*/.exec(between)?.[0].length ?? 0
  return between[noted] === ',' ? noted : -1
}

function withoutComma(between: string): string {
  const at = commaAt(between)
  return at === -1 ? between : between.slice(0, at) + between.slice(at + 1)
}

const endOf = ({ offset, length }: Node): number => offset + length

function replaced(text: string, old: Node, value: Json): string {
  const lead = /^[ \t]*/.exec(lineBefore(text, old.offset))?.[0] ?? ''
  const isLong = text.slice(old.offset, endOf(old)).includes('\n')
  const own = isLong || typeof value !== 'object' ? shown(text, value, lead) : spaced(value)
  return text.slice(0, old.offset) + own + text.slice(endOf(old))
}

function inserted(text: string, root: Node, at: Path, value: Json): string {
  const holder = findNodeAtLocation(root, at.slice(0, -1))
  const key = at.at(-1)
  if (holder === undefined || key === undefined)
    throw new FirebreakError('internal', 'there is no place for it')
  const name = typeof key === 'string' ? `${JSON.stringify(key)}: ` : ''
  const last = holder.children?.at(-1)
  const close = endOf(holder) - 1
  if (last === undefined) {
    const within = text.slice(holder.offset + 1, close)
    const lead = leadOf(text, holder.offset)
    const own = `${eolOf(text)}${lead}${unitOf(text)}${name}${shown(text, value, lead + unitOf(text))}`
    const kept = within.trim() === '' ? '' : within.trimEnd()
    return `${text.slice(0, holder.offset + 1)}${kept}${own}${eolOf(text)}${lead}${text.slice(close)}`
  }
  const rest = text.slice(endOf(last), close)
  if (!rest.includes('\n'))
    return `${text.slice(0, endOf(last))}, ${name}${spaced(value)}${text.slice(endOf(last))}`
  const lead = leadOf(text, last.offset)
  // What is noted behind the last one stays behind it.
  const [noted = '', comma = ''] =
    /^(?:[ \t]|\/\*(?:[^*\n]|\*(?!\/))*\*\/)*(,)?(?:[ \t]|\/\*(?:[^*\n]|\*(?!\/))*\*\/)*(?:\/\/[^\r\n]*)?/.exec(
      rest,
    ) ?? []
  const own = `${eolOf(text)}${lead}${name}${shown(text, value, lead)}${comma}`
  const first = text.slice(0, endOf(last)) + (comma === '' ? ',' : '')
  return `${first}${noted.trimEnd()}${own}${rest.slice(noted.trimEnd().length)}${text.slice(close)}`
}

/** In several lines, from the second on behind `lead`. */
function shown(text: string, value: Json, lead: string): string {
  const lines = JSON.stringify(value, null, unitOf(text)).split('\n')
  return lines.join(`${eolOf(text)}${lead}`)
}

/** In one line, as people write it. */
function spaced(value: Json): string {
  if (Array.isArray(value)) return `[${value.map((each: Json) => spaced(each)).join(', ')}]`
  if (!isObject(value)) return JSON.stringify(value)
  const members = Object.entries(value).map(
    ([key, each]) => `${JSON.stringify(key)}: ${spaced(each)}`,
  )
  return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`
}

function lineBefore(text: string, offset: number): string {
  return text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset)
}

function leadOf(text: string, offset: number): string {
  return /^[ \t]*/.exec(lineBefore(text, offset))?.[0] ?? ''
}

function eolOf(text: string): string {
  return /\r?\n/.exec(text)?.[0] ?? '\n'
}

/** By how much the file goes in: as its first line that does. */
function unitOf(text: string): string {
  return /\n([ \t]+)(?=["}\]{[])/.exec(text)?.[1] ?? '  '
}

/** INVARIANT (edit-proves): a changed text says, to a reader, what the old one did and the change; nothing is handed out that does not. */
function proven(before: string, after: string, at: Path, value: Json | undefined): string {
  const errors: ParseError[] = []
  const root = parseTree(after.replace(/^\uFEFF/, ' '), errors, { allowTrailingComma: true })
  const wanted = put(valueOf(treeOf(before)), at, value)
  if (root === undefined || errors.length > 0 || !isDeepStrictEqual(valueOf(root), wanted))
    throw new FirebreakError('internal', 'the file cannot be changed in this place alone')
  return after
}

function put(holder: Json, [key, ...rest]: Path, value: Json | undefined): Json {
  if (key === undefined) return value ?? null
  if (Array.isArray(holder)) {
    const nth = Number(key)
    const own =
      rest.length > 0 ? [put(holder[nth] ?? null, rest, value)] : value === undefined ? [] : [value]
    return [...holder.slice(0, nth), ...own, ...holder.slice(nth + 1)]
  }
  if (!isObject(holder)) return holder
  if (rest.length === 0 && value === undefined)
    return Object.fromEntries(Object.entries(holder).filter(([name]) => name !== key))
  return { ...holder, [key]: put(holder[key] ?? null, rest, value) }
}
