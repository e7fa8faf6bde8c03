/** Whether arguments have the shape that the schema gives them: what differs is not understood. */
import { remembered } from '../../base/cache.ts'
import { isObject } from '../../base/json.ts'
import type { Json, JsonObject } from '../../base/json.ts'
import { enumShapes } from './enum-shapes.ts'
import { inputShapes } from './input-shapes.ts'

type Table = { readonly [name: string]: string }

/** The type of a field in a row of `name:Type` pairs; null where the row or the field is missing. No prototype is searched. */
export function typeIn(table: Table, row: string, field: string): string | null {
  const shape = Object.hasOwn(table, row) ? table[row] : undefined
  return shape === undefined ? null : (rowOf(shape).types.get(field) ?? null)
}

/** What is wrong with arguments by their shape, in one line; null where nothing is. Single values stand for lists, as GraphQL has it. */
export function misshapen(args: JsonObject, table: Table, row: string): string | null {
  const shape = Object.hasOwn(table, row) ? table[row] : undefined
  if (shape === undefined) return `the schema has no \`${row}\``
  return membersWrong(args, table, row, shape)
}

function membersWrong(value: JsonObject, table: Table, row: string, shape: string): string | null {
  let known = 0
  for (const { name, type } of rowOf(shape).members) {
    const isGiven = Object.hasOwn(value, name)
    if (!isGiven && !type.isRequired) continue
    known += isGiven ? 1 : 0
    const problem = wrong(isGiven ? value[name] : null, type, row, name)
    if (problem !== null) return problem
  }
  const keys = Object.keys(value)
  if (keys.length === known) return null
  const unknown = keys.find((key) => typeIn(table, row, key) === null) ?? ''
  return `\`${row}\` has no \`${printable(unknown)}\``
}

interface Type {
  /** Without the marks around it; for a list, the name of nothing. */
  readonly name: string
  readonly isRequired: boolean
  /** What a list is of; null for what is no list. */
  readonly item: Type | null
}

interface Member {
  readonly name: string
  readonly type: Type
}

interface Row {
  readonly members: readonly Member[]
  readonly types: ReadonlyMap<string, string>
}

/** A row taken apart; the rows are constants of the tables, so each is taken apart once. */
const rowOf = remembered({ most: 2000, characters: 1_000_000 }, (shape): Row => {
  const pairs = (shape === '' ? [] : shape.split(' ')).map((pair) => {
    const colon = pair.indexOf(':')
    return [pair.slice(0, colon), pair.slice(colon + 1)] as const
  })
  return {
    members: pairs.map(([name, type]) => ({ name, type: typeOf(type) })),
    types: new Map(pairs),
  }
})

function typeOf(text: string): Type {
  const isRequired = text.endsWith('!')
  const name = isRequired ? text.slice(0, -1) : text
  return name.startsWith('[')
    ? { name: '', isRequired, item: typeOf(name.slice(1, -1)) }
    : { name, isRequired, item: null }
}

type Problem = string | null

function wrong(value: Json | undefined, type: Type, row: string, name: string): Problem {
  if (value === undefined || value === null)
    return type.isRequired ? `\`${row}.${name}\` is missing` : null
  if (type.item === null) return wrongNamed(value, type.name, row, name)
  for (const item of isList(value) ? value : [value]) {
    const problem = wrong(item, type.item, row, name)
    if (problem !== null) return problem
  }
  return null
}

/** The scalars whose values are told apart, with what JSON may hold for each; other scalars are opaque. */
const scalars: { readonly [type: string]: readonly string[] } = {
  String: ['string'],
  DateTime: ['string'],
  ID: ['string', 'number'],
  BigInt: ['string', 'number'],
  Int: ['number'],
  Float: ['number'],
  Boolean: ['boolean'],
}

function wrongNamed(value: Json, type: string, row: string, name: string): Problem {
  const kinds = Object.hasOwn(scalars, type) ? scalars[type] : undefined
  if (kinds === undefined) return wrongDeclared(value, type, `${row}.${name}`)
  return kinds.includes(typeof value) ? null : `\`${row}.${name}\` is no \`${type}\``
}

function wrongDeclared(value: Json, type: string, path: string): string | null {
  if (Object.hasOwn(enumShapes, type)) {
    const known = typeof value === 'string' && (enumShapes[type] ?? '').split(' ').includes(value)
    return known ? null : `\`${path}\` is none of the values of \`${type}\``
  }
  const shape = Object.hasOwn(inputShapes, type) ? inputShapes[type] : undefined
  if (shape === undefined) return null
  return isObject(value)
    ? membersWrong(value, inputShapes, type, shape)
    : `\`${path}\` is no \`${type}\``
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}

/** A name that somebody sent, short and on one line. */
export function printable(name: string): string {
  return name.replaceAll(/[^\w.$-]/g, '?').slice(0, 60)
}
