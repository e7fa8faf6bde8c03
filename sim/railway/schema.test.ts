import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  buildSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
  type GraphQLNamedType,
  type GraphQLSchema,
} from 'graphql'
import { expect, test } from 'vitest'
import { mutationNames, schemaText } from './schema.ts'
import { queries } from './queries.ts'

const real = buildSchema(
  readFileSync(join(import.meta.dirname, '../../test/data/railway-schema.graphql'), 'utf8'),
)
const ours = buildSchema(schemaText())

/** Everything that `part` has and `whole` has not, or has in another way; in words. */
function differences(part: GraphQLSchema, whole: GraphQLSchema): readonly string[] {
  return Object.values(part.getTypeMap())
    .filter(({ name }) => !name.startsWith('__'))
    .flatMap((type) => {
      const other = whole.getType(type.name)
      if (other === undefined) return [`${type.name} is unknown`]
      return other.constructor === type.constructor
        ? compare(type, other)
        : [`${type.name} is of another kind`]
    })
}

function compare(type: GraphQLNamedType, other: GraphQLNamedType): readonly string[] {
  if (isEnumType(type) && isEnumType(other))
    return type
      .getValues()
      .filter(({ name }) => other.getValue(name) === undefined)
      .map(({ name }) => `${type.name}.${name} is unknown`)
  if (isInputObjectType(type) && isInputObjectType(other))
    return inputs(
      type.name,
      Object.values(type.getFields()).map((field) => told(field, isRequiredInputField(field))),
      Object.values(other.getFields()).map((field) => told(field, isRequiredInputField(field))),
    )
  if (
    (isObjectType(type) || isInterfaceType(type)) &&
    (isObjectType(other) || isInterfaceType(other))
  )
    return [
      ...type
        .getInterfaces()
        .filter(({ name }) => !other.getInterfaces().some((each) => each.name === name))
        .map(({ name }) => `${type.name} is no ${name}`),
      ...Object.values(type.getFields()).flatMap((field) => {
        const known = other.getFields()[field.name]
        const path = `${type.name}.${field.name}`
        if (known === undefined) return [`${path} is unknown`]
        const same = String(known.type) === String(field.type)
        return [
          ...(same ? [] : [`${path} is a ${String(known.type)}`]),
          ...inputs(
            path,
            field.args.map((arg) => told(arg, isRequiredArgument(arg))),
            known.args.map((arg) => told(arg, isRequiredArgument(arg))),
          ),
        ]
      }),
    ]
  return []
}

interface Told {
  readonly name: string
  readonly text: string
  readonly required: boolean
}

function told(
  input: { readonly name: string; readonly type: unknown; readonly default?: unknown },
  required: boolean,
): Told {
  const plain = JSON.stringify(input.default, (key: string, value: unknown) =>
    key === 'loc' ? undefined : value,
  )
  return { name: input.name, text: `${String(input.type)} = ${plain}`, required }
}

function inputs(path: string, mine: readonly Told[], theirs: readonly Told[]): readonly string[] {
  return [
    ...mine
      .filter(({ name, text }) => theirs.find((each) => each.name === name)?.text !== text)
      .map(({ name }) => `${path}(${name}) differs`),
    ...theirs
      .filter(({ name, required }) => required && !mine.some((each) => each.name === name))
      .map(({ name }) => `${path}(${name}) is required and missing`),
  ]
}

test('the schema is a true subset of the real one', () => {
  expect(differences(ours, real)).toEqual([])
})

test.each<[string, string, string]>([
  ['a field that is made up', 'me: User!', 'you: User!'],
  ['another nullability', 'volumeDelete(volumeId: String!)', 'volumeDelete(volumeId: String)'],
  ['a missing required argument', 'volumeDelete(volumeId: String!)', 'volumeDelete'],
  ['another result', 'userDelete: Boolean!', 'userDelete: String!'],
  ['an enum value that is made up', '  DELETING\n', '  DELETING\n  GONE\n'],
  ['another default', 'replace: Boolean = false', 'replace: Boolean = true'],
  ['a missing required input field', '  softLimitDollars: Int!\n', ''],
])('the comparison sees %s', (_, from, to) => {
  expect(schemaText()).toContain(from)
  expect(differences(buildSchema(schemaText().replace(from, to)), real)).not.toEqual([])
})

test('no sentence of the real schema is in it', () => {
  expect(schemaText()).not.toContain('"')
})

test('every root field has a resolver', () => {
  expect(Object.keys(ours.getQueryType()?.getFields() ?? {}).sort()).toEqual(
    Object.keys(queries).sort(),
  )
  expect(Object.keys(ours.getMutationType()?.getFields() ?? {}).sort()).toEqual(
    [...mutationNames()].sort(),
  )
})
