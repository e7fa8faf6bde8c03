/** The check of all policies before they are used: what refuses to start, and what a person should look at. */
import { policyToJson, validate } from '@cedar-policy/cedar-wasm/nodejs'
import type { DetailedError, PolicyJson } from '@cedar-policy/cedar-wasm/nodejs'
import { messageOf } from '../base/error.ts'
import { prepare } from './engine.ts'
import { secondLook } from './lint.ts'
import type { Known, ReadRule } from './lint.ts'
import { probe } from './probe.ts'
import { broad, together } from './review.ts'
import type { Issue } from './review.ts'
import { readRule } from './rule.ts'
import type { Duration, Rule } from './rule.ts'
import { limits, splitPolicies } from './split.ts'
import type { Piece } from './split.ts'
import { inOrder } from './texts.ts'
import type { PolicyText } from './texts.ts'

/** What policies are made of. */
export interface PolicyHouse {
  readonly schema: string
  readonly texts: readonly PolicyText[]
  /** Milliseconds of a duration that a rule's `@grace` names, or null. */
  readonly duration: Duration
  /** What the config's targets have; absent: not known. */
  readonly known?: Known
}

export interface Checked {
  /** Errors first; within a level in the order of the files. */
  readonly issues: readonly Issue[]
  /** Every rule that could be read, the defaults first; only to be used where no issue is an error. */
  readonly rules: readonly Rule[]
}

/**
 * Everything that is wrong with these policies, or worth a look. Never throws. `approvers` is how many people could sign
 * (null: not known). INVARIANT (tried before used): what has no error was parsed, validated against the schema and
 * evaluated once for each effect.
 */
export function checkPolicies(
  { schema, texts, duration, known }: PolicyHouse,
  approvers: number | null = null,
): Checked {
  const read = inOrder(texts).map((text) => readText(text, duration))
  const all = read.flatMap((each) => each.all)
  const rules = all.map(({ rule }) => rule)
  const early = [
    ...read.flatMap((each) => each.issues),
    ...together(rules, approvers),
    ...tooMany(rules),
    ...secondLook(all, known ?? null),
  ]
  const late = hasErrors(early) ? [] : tried(schema, rules)
  const order = ['error', 'warning', 'note']
  const issues = [...early, ...late].toSorted(
    (a, b) => order.indexOf(a.level) - order.indexOf(b.level),
  )
  return { issues, rules }
}

/** True where these policies may not be used. */
export function hasErrors(issues: readonly Issue[]): boolean {
  return issues.some(({ level }) => level === 'error')
}

interface Read {
  readonly issues: readonly Issue[]
  readonly all: readonly ReadRule[]
}

function readText(text: PolicyText, duration: Duration): Read {
  const split = splitPolicies(text.text)
  if (split.kind === 'refused')
    return { all: [], issues: [error(text.file, split.line, split.why)] }
  const all = split.pieces.map((piece) => readPiece(text, piece, duration))
  return { all: all.flatMap((each) => each.all), issues: all.flatMap((each) => each.issues) }
}

function readPiece({ file, set }: PolicyText, piece: Piece, duration: Duration): Read {
  const { text, line } = piece
  const parsed = parse(text)
  if (parsed.kind === 'failed')
    return {
      all: [],
      issues: [error(file, line + lineIn(text, parsed.error), say(parsed.error))],
    }
  const { effect, annotations = {} } = parsed.json
  const rule = readRule({ effect, annotations, set, file, line, text }, duration)
  if ('id' in rule) return { all: [{ rule, json: parsed.json }], issues: broad(rule, parsed.json) }
  const id = annotations['id'] ?? null
  const whose = id === null ? 'a policy' : `\`${id.slice(0, 60)}\``
  return { all: [], issues: rule.map((why) => error(file, line, messageOf(`${whose}: ${why}`))) }
}

type ParsedPolicy =
  | { readonly kind: 'parsed'; readonly json: PolicyJson }
  | { readonly kind: 'failed'; readonly error: DetailedError }

function parse(text: string): ParsedPolicy {
  try {
    const answer = policyToJson(text)
    if (answer.type === 'success') return { kind: 'parsed', json: answer.json }
    return { kind: 'failed', error: answer.errors[0] ?? nothingSaid }
  } catch (thrown) {
    // The engine itself broke on this text: that is the text's fault, and it must be named.
    return { kind: 'failed', error: { ...nothingSaid, message: engineBroke(thrown) } }
  }
}

/** What Cedar's validator and one evaluation say of rules that read well. */
function tried(schema: string, rules: readonly Rule[]): readonly Issue[] {
  try {
    const issues = validated(schema, rules)
    return hasErrors(issues) ? issues : [...issues, ...probe(prepare('probe', rules), rules)]
  } catch (thrown) {
    // As in `parse`: a check that throws would tell the person nothing.
    return [error(schemaFile, 1, engineBroke(thrown))]
  }
}

function validated(schema: string, rules: readonly Rule[]): readonly Issue[] {
  const staticPolicies = Object.fromEntries(rules.map(({ id, text }) => [id, text]))
  const answer = validate({ schema, policies: { staticPolicies } })
  if (answer.type === 'failure')
    return answer.errors.map((each) => error(schemaFile, 1 + lineIn(schema, each), say(each)))
  const at = (level: Issue['level'], policyId: string, each: DetailedError): Issue[] => {
    const rule = rules.find(({ id }) => id === policyId)
    if (rule === undefined) return [error(schemaFile, 1, say(each))]
    const line = rule.line + lineIn(rule.text, each)
    return [{ level, file: rule.file, line, message: `\`${rule.id}\`: ${say(each)}` }]
  }
  return once([
    ...answer.validationErrors.flatMap((each) => at('error', each.policyId, each.error)),
    ...answer.validationWarnings.flatMap((each) => at('warning', each.policyId, each.error)),
  ])
}

/** Cedar says the same of a line once for each effect: the first is enough. */
function once(issues: readonly Issue[]): readonly Issue[] {
  const seen = new Map(
    issues.toReversed().map((each) => [`${each.level} ${each.file}:${each.line}`, each]),
  )
  return issues.filter((each) => seen.get(`${each.level} ${each.file}:${each.line}`) === each)
}

function tooMany(rules: readonly Rule[]): readonly Issue[] {
  const [first] = rules.slice(limits.policies)
  if (first === undefined) return []
  return [error(first.file, first.line, `there are more than ${limits.policies} policies`)]
}

const schemaFile = 'schema.cedarschema'
const nothingSaid: DetailedError = {
  message: 'cannot be parsed',
  help: null,
  code: null,
  url: null,
  severity: null,
}

/** One line in the words of a person; Cedar's own for the rest. */
function say({ message, help }: DetailedError): string {
  if (message.includes('policy is impossible')) return 'this can never apply: no request meets it'
  const plain = messageOf(message)
    .replace(/^failed to parse policy from string: /, '')
    .replace(/^for policy `[^`]*`[,:] /, '')
  return help === null ? plain : `${plain} (${messageOf(help)})`
}

/** How many lines below the first one it is: Cedar counts bytes of UTF-8. */
function lineIn(text: string, { sourceLocations }: DetailedError): number {
  const start = sourceLocations?.[0]?.start ?? 0
  const before = new TextEncoder().encode(text).subarray(0, start)
  return before.filter((byte) => byte === 10).length
}

function engineBroke(thrown: unknown): string {
  return `the policy engine broke on this: ${messageOf(thrown)}`
}

function error(file: string, line: number, message: string): Issue {
  return { level: 'error', file, line, message }
}
