/** A document as a plan: each operation's root fields through fragments and aliases, read once for every call that sends the same text. */
import { GraphQLError, Kind, parse } from 'graphql'
import type {
  DirectiveNode,
  DocumentNode,
  FieldNode,
  FragmentDefinitionNode,
  OperationDefinitionNode,
  SelectionNode,
  SelectionSetNode,
} from 'graphql'
import { FirebreakError } from '../base/error.ts'
import type { Json } from '../base/json.ts'
import type { SelectedField } from '../platforms/platform.ts'
import { nestsDeeper } from './graphql-depth.ts'
import { fillArguments, planArguments, planValue } from './graphql-value.ts'
import type { PlanArguments } from './graphql-value.ts'

/**
 * What a text is read up to: characters, tokens, nesting; and once fragments are spread, fields in all, fields that run
 * at the root, and characters of arguments; a batch has no more fields and roots than one. One request must not keep the others, a halt among them, waiting.
 */
export const limits = {
  characters: 200_000,
  tokens: 20_000,
  depth: 40,
  fields: 3_000,
  roots: 200,
  arguments: 400_000,
} as const

export interface PlanField {
  /** The name in the answer: an alias, or the field's own name. */
  readonly key: string
  readonly name: string
  readonly on: string | null
  readonly arguments: PlanArguments
  readonly selects: readonly PlanField[]
  /** The field as it is asked in every call; null where a variable stands in it or below it. */
  readonly fixed: SelectedField | null
}

export interface PlanOperation {
  readonly kind: 'query' | 'mutation' | 'subscription'
  readonly name: string | null
  /** Declared variables with their defaults; undefined without one. */
  readonly variables: readonly (readonly [name: string, preset: Json | undefined])[]
  /** Root fields in the order in which they run. */
  readonly fields: readonly PlanField[]
}

export type Plan =
  | {
      readonly kind: 'plan'
      readonly operations: readonly PlanOperation[]
      /** How many fields the fragments have spread to: what the plan weighs. */
      readonly size: number
    }
  | { readonly kind: 'unread'; readonly why: string }

/** The plan of a document; `unread` with the reason for whatever is not understood. Total. */
export function planOf(text: string): Plan {
  if (text.length > limits.characters) return unread('the document is too long')
  if (nestsDeeper(text, limits.depth)) return unread(`it nests deeper than ${limits.depth}`)
  try {
    const document = parse(text, { noLocation: true, maxLexicalTokens: limits.tokens })
    return planDocument(document)
  } catch (thrown) {
    // The parser throws for what is no GraphQL, and the reading below for what is not understood: both are unread.
    return unread(whyOf(thrown))
  }
}

/** The parser's own words quote the text, which may hold a secret: only its place is told. */
function whyOf(thrown: unknown): string {
  if (thrown instanceof FirebreakError) return thrown.message
  const place = thrown instanceof GraphQLError ? thrown.locations?.[0] : undefined
  if (place === undefined) return 'it is no GraphQL, or too much of it'
  return `it is no GraphQL at line ${place.line}, column ${place.column}`
}

function unread(why: string): Plan {
  return { kind: 'unread', why }
}

function fault(why: string): FirebreakError {
  return new FirebreakError('bad_input', why)
}

type Fragments = ReadonlyMap<string, FragmentDefinitionNode>

function planDocument(document: DocumentNode): Plan {
  const fragments = new Map<string, FragmentDefinitionNode>()
  const operations: OperationDefinitionNode[] = []
  for (const node of document.definitions) {
    if (node.kind === Kind.OPERATION_DEFINITION) operations.push(node)
    else if (node.kind !== Kind.FRAGMENT_DEFINITION) throw fault('it defines types')
    else if (fragments.has(node.name.value)) throw fault('a fragment is defined twice')
    else fragments.set(node.name.value, node)
  }
  const names = operations.map((node) => node.name?.value ?? '')
  if (operations.length === 0) throw fault('it has no operation')
  if (new Set(names).size < names.length) throw fault('two operations have the same name')
  const walk = new Walk(fragments)
  const planned = operations.map((node) => walk.operation(node))
  return { kind: 'plan', operations: planned, size: walk.fields }
}

/** One walk over a document, which counts what it spreads: a few fragments can stand for millions of fields. */
class Walk {
  readonly #fragments: Fragments
  #arguments = 0
  fields = 0

  constructor(fragments: Fragments) {
    this.#fragments = fragments
  }

  operation(node: OperationDefinitionNode): PlanOperation {
    noDirectives(node.directives)
    const variables = (node.variableDefinitions ?? []).map((definition) => {
      noDirectives(definition.directives)
      const preset = definition.defaultValue
      const plan = preset === undefined ? null : planValue(preset)
      return [
        definition.variable.name.value,
        plan?.kind === 'const' ? plan.value : undefined,
      ] as const
    })
    if (new Set(variables.map(([name]) => name)).size < variables.length)
      throw fault('a variable is declared twice')
    const fields = merged(this.#selection(node.selectionSet, null, []), rootKey).map(
      ([, one]) => one,
    )
    if (fields.length > limits.roots) throw fault(`it asks for more than ${limits.roots} things`)
    return { kind: node.operation, name: node.name?.value ?? null, variables, fields }
  }

  #selection(
    set: SelectionSetNode,
    on: string | null,
    spread: readonly string[],
  ): readonly PlanField[] {
    return set.selections.flatMap((node) => this.#node(node, on, spread))
  }

  #node(node: SelectionNode, on: string | null, spread: readonly string[]): readonly PlanField[] {
    knownDirectives(node.directives)
    this.fields += 1
    if (this.fields > limits.fields) throw fault('its fragments spread to too many fields')
    if (node.kind === Kind.FIELD) return [this.#field(node, on, spread)]
    if (node.kind === Kind.INLINE_FRAGMENT)
      return this.#selection(node.selectionSet, node.typeCondition?.name.value ?? on, spread)
    const name = node.name.value
    const fragment = this.#fragments.get(name)
    if (fragment === undefined) throw fault('a fragment is spread that is not defined')
    if (spread.includes(name)) throw fault('a fragment spreads itself')
    noDirectives(fragment.directives)
    return this.#selection(fragment.selectionSet, fragment.typeCondition.name.value, [
      ...spread,
      name,
    ])
  }

  #field(node: FieldNode, on: string | null, spread: readonly string[]): PlanField {
    const args = planArguments(node.arguments)
    if (args.length > 0) this.#arguments += JSON.stringify(args).length
    if (this.#arguments > limits.arguments)
      throw fault('its fragments spread to too many arguments')
    const below = node.selectionSet
    return withFixed({
      key: node.alias?.value ?? node.name.value,
      name: node.name.value,
      on,
      arguments: args,
      selects: below === undefined ? [] : canonical(this.#selection(below, null, spread)),
    })
  }
}

/** The field with what can be said of it before any variable is known. */
function withFixed(field: Omit<PlanField, 'fixed'>): PlanField {
  const { name, on, selects } = field
  const below = selects.map(({ fixed }) => fixed)
  const isFixed = field.arguments.every(([, value]) => value.kind === 'const')
  const ready = below.filter((one) => one !== null)
  if (!isFixed || ready.length < below.length) return { ...field, fixed: null }
  const filled = fillArguments(field.arguments, new Map())
  return { ...field, fixed: { name, on, arguments: filled, selects: ready } }
}

/** A field that is skipped or included by a condition counts as asked, so these two change nothing here. */
function knownDirectives(nodes: readonly DirectiveNode[] | undefined): void {
  for (const { name } of nodes ?? [])
    if (name.value !== 'skip' && name.value !== 'include')
      throw fault(`the directive \`@${name.value}\` is not known`)
}

function noDirectives(nodes: readonly DirectiveNode[] | undefined): void {
  if (nodes !== undefined && nodes.length > 0) throw fault('a definition has a directive')
}

/** Two root fields under one name in the answer, with the same arguments, run once (GraphQL §6.3.2). */
function rootKey(field: PlanField): string {
  return JSON.stringify([field.key, field.name, field.arguments])
}

/** The selection below a field: aliases gone, each field once, in the order of names. */
function canonical(fields: readonly PlanField[]): readonly PlanField[] {
  return merged(
    fields.filter((field) => field.name !== '__typename'),
    ({ name, on, arguments: args }) => JSON.stringify([name, on, args]),
  )
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([, field]) => field)
}

/** Fields by their keys; those with one key are one field, whose selections are put together once, however many they are. */
function merged(
  fields: readonly PlanField[],
  keyOf: (field: PlanField) => string,
): readonly (readonly [string, PlanField])[] {
  const byKey = new Map<string, PlanField[]>()
  for (const field of fields) {
    const key = keyOf(field)
    const same = byKey.get(key)
    if (same === undefined) byKey.set(key, [field])
    else same.push(field)
  }
  return [...byKey].flatMap(([key, [first, ...others]]) => {
    if (first === undefined) return []
    if (others.length === 0) return [[key, first] as const]
    const selects = [first, ...others].flatMap((field) => field.selects)
    return [[key, withFixed({ ...first, selects: canonical(selects) })] as const]
  })
}
