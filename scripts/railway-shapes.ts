/** Writes the shape tables of `src/platforms/railway/` from the platform's schema: `node scripts/railway-shapes.ts`. */
import { readFileSync, writeFileSync } from 'node:fs'
import {
  buildSchema,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isUnionType,
} from 'graphql'
import type { GraphQLObjectType, GraphQLSchema } from 'graphql'
import { secretFields } from '../src/platforms/railway/secrets.ts'

type Table = { readonly [name: string]: string }

export interface Shapes {
  readonly mutations: Table
  readonly queries: Table
  readonly subscriptions: Table
  readonly inputs: Table
  readonly enums: Table
  readonly paths: Table
}

/** Every table as the schema says: names to `argument:Type` pairs, enums to their values, types to the fields that lead to a secret. */
export function shapesOf(schemaText: string): Shapes {
  const schema = buildSchema(schemaText)
  const types = Object.values(schema.getTypeMap()).filter(({ name }) => !name.startsWith('__'))
  const inputs = types.filter((type) => isInputObjectType(type))
  const reached = reachedEnums(schema)
  return {
    mutations: roots(schema.getMutationType()),
    queries: roots(schema.getQueryType()),
    subscriptions: roots(schema.getSubscriptionType()),
    inputs: Object.fromEntries(inputs.map((type) => [type.name, pairs(type.getFields())])),
    enums: Object.fromEntries(
      types
        .filter((type) => isEnumType(type))
        .filter(({ name }) => reached.has(name))
        .map((type) => [
          type.name,
          type
            .getValues()
            .map(({ name }) => name)
            .join(' '),
        ]),
    ),
    paths: secretPaths(schema),
  }
}

function roots(type: GraphQLObjectType | null | undefined): Table {
  const fields = Object.values(type?.getFields() ?? {})
  return Object.fromEntries(
    fields.map((field) => [
      field.name,
      field.args.map((arg) => `${arg.name}:${String(arg.type)}`).join(' '),
    ]),
  )
}

function pairs(fields: { readonly [name: string]: { readonly type: unknown } }): string {
  return Object.entries(fields)
    .map(([name, { type }]) => `${name}:${String(type)}`)
    .join(' ')
}

/** Enums that an argument or an input field can hold. */
function reachedEnums(schema: GraphQLSchema): ReadonlySet<string> {
  const named = Object.values(schema.getTypeMap()).flatMap((type) => {
    if (isInputObjectType(type)) return Object.values(type.getFields()).map((field) => field.type)
    if (isObjectType(type))
      return Object.values(type.getFields()).flatMap((field) => field.args.map((arg) => arg.type))
    return []
  })
  return new Set(named.map((type) => getNamedType(type).name))
}

/** For each type, the fields through which a secret field can be reached, with the type they lead to. */
function secretPaths(schema: GraphQLSchema): Table {
  const edges = new Map<string, readonly (readonly [string, string])[]>()
  for (const type of Object.values(schema.getTypeMap())) {
    if (type.name.startsWith('__')) continue
    if (isObjectType(type) || isInterfaceType(type))
      edges.set(
        type.name,
        Object.values(type.getFields()).map(({ name, type }) => [name, getNamedType(type).name]),
      )
    if (isUnionType(type)) edges.set(type.name, [])
  }
  const bearing = new Set(Object.keys(secretFields).map((path) => path.split('.')[0] ?? ''))
  const members = (name: string): readonly string[] => {
    const type = schema.getType(name)
    if (isUnionType(type) || isInterfaceType(type))
      return schema.getPossibleTypes(type).map((member) => member.name)
    return []
  }
  for (let before = -1; before !== bearing.size;) {
    before = bearing.size
    for (const [name, fields] of edges) {
      const leads = fields.some(([, to]) => bearing.has(to))
      if (leads || members(name).some((member) => bearing.has(member))) bearing.add(name)
    }
  }
  const rows = [...edges]
    .filter(([name]) => bearing.has(name))
    .map(([name, fields]): readonly [string, string] => [
      name,
      fields
        .filter(([, to]) => bearing.has(to))
        .map(([field, to]) => `${field}:${to}`)
        .join(' '),
    ])
  return Object.fromEntries(rows)
}

const heads = {
  mutations: ['mutation-shapes', 'mutationShapes', 'Every mutation with its arguments'],
  queries: ['query-shapes', 'queryShapes', 'Every query with its arguments'],
  subscriptions: [
    'subscription-shapes',
    'subscriptionShapes',
    'Every subscription with its arguments',
  ],
  inputs: ['input-shapes', 'inputShapes', 'Every input object with its fields'],
  enums: ['enum-shapes', 'enumShapes', 'Every enum that an argument can hold, with its values'],
  paths: [
    'secret-paths',
    'secretPaths',
    'Every type from which a secret can be reached, and the fields that lead on',
  ],
} as const

/** One file as prettier leaves it. */
function fileOf(table: Table, name: string, what: string): string {
  const rows = Object.entries(table).map(([key, text]) => {
    const line = `  ${key}: '${text}',`
    return line.length > 100 ? `  ${key}:\n    '${text}',` : line
  })
  return [
    `/** ${what}; written by \`scripts/railway-shapes.ts\` from the platform's schema. */`,
    '',
    `export const ${name}: { readonly [name: string]: string } = {`,
    ...rows,
    '}',
    '',
  ].join('\n')
}

if (import.meta.main) {
  const root = new URL('..', import.meta.url)
  const shapes = shapesOf(readFileSync(new URL('test/data/railway-schema.graphql', root), 'utf8'))
  const files: readonly (keyof Shapes)[] = [
    'mutations',
    'queries',
    'subscriptions',
    'inputs',
    'enums',
    'paths',
  ]
  for (const key of files) {
    const [file, name, what] = heads[key]
    const url = new URL(`src/platforms/railway/${file}.ts`, root)
    writeFileSync(url, fileOf(shapes[key], name, what))
  }
}
