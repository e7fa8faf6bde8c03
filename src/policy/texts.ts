/** Policy texts before they are compiled: taken apart by rule, their annotations read, and refused where they could harm. */
import { policySetTextToParts, policyToJson } from '@cedar-policy/cedar-wasm/nodejs'
import { FirebreakError } from '../base/error.ts'

/** `guard` forbids → deny; `hold` forbids → hold; `loosen` permits take a hold's reason away, by the rule's id. */
export type SetName = 'guard' | 'hold' | 'loosen'

export interface PolicyText {
  readonly set: SetName
  /** The file, for messages. */
  readonly file: string
  readonly text: string
}

export interface Rule {
  readonly id: string
  readonly set: SetName
  readonly file: string
  readonly text: string
  readonly message: string
  readonly approvals: number
  readonly grace: string | null
  readonly recovery: boolean
  /** The hold rules that a loosening takes away; empty for others. */
  readonly loosens: string | null
}

const longestText = 256 * 1024
/** Deeper nesting than this breaks the WebAssembly instance for every later call, so it never gets there. */
const deepest = 40
const mostOperators = 400

/** The rules of all texts. Throws `bad_policy` with file and reason for what does not parse, has no id, or repeats one. */
export function readRules(texts: readonly PolicyText[]): readonly Rule[] {
  const rules = texts.flatMap(readText)
  const seen = new Set<string>()
  for (const rule of rules) {
    if (seen.has(rule.id)) throw bad(rule.file, `the rule id \`${rule.id}\` is used twice`)
    seen.add(rule.id)
  }
  return rules
}

function readText({ set, file, text }: PolicyText): readonly Rule[] {
  const danger = dangerOf(text)
  if (danger !== null) throw bad(file, danger)
  const parts = policySetTextToParts(text)
  if (parts.type === 'failure')
    throw bad(file, parts.errors.map((error) => located(text, error)).join('; '))
  if (parts.policy_templates.length > 0) throw bad(file, 'templates are not used here')
  return parts.policies.map((policy) => readRule({ set, file, text: policy }))
}

function readRule({ set, file, text }: PolicyText): Rule {
  const parsed = policyToJson(text)
  if (parsed.type === 'failure')
    throw bad(file, parsed.errors.map(({ message }) => message).join('; '))
  const { effect, annotations = {} } = parsed.json
  const fault = annotationFault(annotations) ?? effectFault(set, effect, annotations)
  if (fault !== null) throw bad(file, fault)
  const {
    id = '',
    message = '',
    approvals = '1',
    grace = null,
    recovery = null,
    loosens = null,
  } = annotations
  const takes = { approvals: Number(approvals), grace, recovery: recovery !== null, loosens }
  return { id, set, file, text, message, ...takes }
}

/** What is wrong with a rule's annotations, or null. */
function annotationFault(annotations: Readonly<Record<string, string>>): string | null {
  const id = annotations['id']
  if (id === undefined || annotations['message'] === undefined)
    return 'each rule needs `@id` and `@message`'
  for (const [name, value] of Object.entries(annotations)) {
    const form = forms[name]
    if (form === undefined) return `\`@${name}\` of \`${id}\` is no annotation that Firebreak knows`
    if (!form.test(value))
      return `\`@${name}("${value}")\` of \`${id}\` is not of the form that it takes`
  }
  return null
}

/** A user's permit could only widen: the one permit there is carries `@loosens`, and the defaults their base. */
function effectFault(
  set: SetName,
  effect: string,
  annotations: Readonly<Record<string, string>>,
): string | null {
  const id = annotations['id'] ?? ''
  const loosening = annotations['loosens'] !== undefined
  const base = effect === 'permit' && bases.includes(id)
  const fits =
    set === 'loosen'
      ? loosening && effect === 'permit'
      : !loosening && (effect === 'forbid' || base)
  return fits
    ? null
    : `\`${id}\`: a loosening, and only that, is a permit with \`@loosens\`; every other rule is a forbid`
}

/** The permits that let a set go on where no forbid matches. */
export const bases: readonly string[] = ['admit', 'settle']

/** The annotations there are, and the form of each. */
const forms: Readonly<Record<string, RegExp>> = {
  id: /^[a-z][a-z0-9-]{0,59}$/,
  message: /^[^\n]{1,200}$/,
  approvals: /^[1-9]$/,
  grace: /^\d{1,6}[smhd]$/,
  recovery: /^required$/,
  loosens: /^[a-z][a-z0-9-]{0,59}$/,
}

/** Why this text must not reach the parser, or null. */
function dangerOf(text: string): string | null {
  if (text.length > longestText) return `it is longer than ${longestText} characters`
  const bare = text.replaceAll(/"(?:[^"\\]|\\.)*"/g, '""').replaceAll(/\/\/[^\n]*/g, '')
  let depth = 0
  for (const character of bare) {
    if ('([{'.includes(character)) depth += 1
    if (')]}'.includes(character)) depth -= 1
    if (depth > deepest) return `it nests deeper than ${deepest}`
  }
  const rules = bare.split(';')
  const long = rules.some(
    (rule) => (rule.match(/&&|\|\||[!<>=]=?|\+|-|\*|\bif\b|\./g) ?? []).length > mostOperators,
  )
  if (/!\s*(!\s*){8}|-\s*(-\s*){8}/.test(bare)) return 'it negates too often in a row'
  return long ? `a rule has more than ${mostOperators} operators` : null
}

interface Located {
  readonly message: string
  readonly sourceLocations?: readonly { readonly start: number }[]
}

function located(text: string, { message, sourceLocations }: Located): string {
  const start = sourceLocations?.[0]?.start
  return start === undefined
    ? message
    : `line ${text.slice(0, start).split('\n').length}: ${message}`
}

function bad(file: string, why: string): FirebreakError {
  return new FirebreakError(
    'bad_policy',
    `${file}: ${why}`,
    'correct it; the policies that were accepted last stay in force',
  )
}
