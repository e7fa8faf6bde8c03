/** Forms that the reference server asks a client to fill in. */
import { fromJsonSchema } from '@modelcontextprotocol/server'
import type { ElicitRequestFormParams } from '@modelcontextprotocol/server'

type Form = ElicitRequestFormParams['requestedSchema']

// An interface would be no schema to the SDK's types.
export type Texts = {
  readonly type: 'object'
  readonly properties: Record<string, { readonly type: 'string' }>
  readonly required: string[]
}

/** Texts that must be there. */
export function fields(...names: readonly string[]): Texts {
  return {
    type: 'object',
    properties: Object.fromEntries(names.map((each) => [each, { type: 'string' }])),
    required: [...names],
  }
}

/** The same as what a tool or a prompt takes. */
export function taken<Given>(
  ...names: readonly string[]
): ReturnType<typeof fromJsonSchema<Given>> {
  return fromJsonSchema<Given>({ ...fields(...names) })
}

/** SEP-1034: every plain type has a default. */
export const defaults: Form = {
  type: 'object',
  properties: {
    name: { type: 'string', default: 'John Doe' },
    age: { type: 'integer', default: 30 },
    score: { type: 'number', default: 95.5 },
    status: { type: 'string', enum: ['active', 'inactive', 'pending'], default: 'active' },
    verified: { type: 'boolean', default: true },
  },
}

const values = ['option1', 'option2', 'option3']
const titled = (what: string): { const: string; title: string }[] =>
  ['First', 'Second', 'Third'].map((each, at) => ({
    const: `value${at + 1}`,
    title: `${each} ${what}`,
  }))

/** SEP-1330: the five ways to choose. */
export const choices: Form = {
  type: 'object',
  properties: {
    untitledSingle: { type: 'string', enum: values },
    titledSingle: { type: 'string', oneOf: titled('Option') },
    legacyEnum: {
      type: 'string',
      enum: ['opt1', 'opt2', 'opt3'],
      enumNames: ['Option One', 'Option Two', 'Option Three'],
    },
    untitledMulti: { type: 'array', items: { type: 'string', enum: values } },
    titledMulti: { type: 'array', items: { anyOf: titled('Choice') } },
  },
}
