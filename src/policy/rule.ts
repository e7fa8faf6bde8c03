/** A rule: one policy with its annotations read strictly, since a misspelt one would silently say nothing. */
import { isOwn } from './texts.ts'
import type { PolicyText } from './texts.ts'

/**
 * `guard` permits and denies; `run` has the hold text's permits and `hold` its forbids; `loosen` has the user's permits,
 * each of which takes one default hold away where it matches.
 */
export type RuleSet = 'guard' | 'run' | 'hold' | 'loosen'

export interface Rule {
  /** Unique over all sets; what findings cite. */
  readonly id: string
  readonly set: RuleSet
  readonly effect: 'permit' | 'forbid'
  /** The user's, no default. */
  readonly own: boolean
  readonly file: string
  readonly line: number
  /** The policy as Cedar gets it. */
  readonly text: string
  /** What the finding says; empty for a permit that is silent. */
  readonly message: string
  readonly approvals: number
  readonly graceMs: number
  readonly recovery: 'none' | 'cheap' | 'required'
  /** True: nobody approves it with a one-time code. */
  readonly asksPasskey: boolean
  /** True: no `@loosens` may name it. */
  readonly fixed: boolean
  /** The default hold that this one takes away, else null. */
  readonly loosens: string | null
}

/** What Cedar says of a policy, and where it stands; the text is that of the one policy. */
export interface Parsed extends PolicyText {
  readonly effect: 'permit' | 'forbid'
  readonly annotations: Readonly<Record<string, string | null>>
  readonly line: number
}

/** Milliseconds of a duration, or null. */
export type Duration = (text: string) => number | null

/** The rule that a policy is, or every reason why it is none. */
export function readRule(parsed: Parsed, duration: Duration): Rule | readonly string[] {
  const faults = faultsOf(parsed, duration)
  if (faults.length > 0) return faults
  const { file, line, text, effect } = parsed
  const said = (name: string): string | null => parsed.annotations[name] ?? null
  const grace = said('grace')
  return {
    id: said('id') ?? '',
    set: setOf(parsed),
    effect,
    own: isOwn(file),
    file,
    line,
    text,
    message: messageOf(said('message') ?? '', said('loosens')),
    approvals: Number(said('approvals') ?? 1),
    graceMs: grace === null ? 0 : (duration(grace) ?? 0),
    recovery: recoveryOf(said('recovery')),
    asksPasskey: said('factor') === 'passkey',
    fixed: 'fixed' in parsed.annotations,
    loosens: said('loosens'),
  }
}

/** Rule ids that the code itself cites; no policy may take them. */
export const builtIn: readonly string[] = ['policy-error', 'unjudged']

const longestGraceMs = 30 * 24 * 3_600_000

interface Shape {
  readonly needs: readonly string[]
  readonly may: readonly string[]
}

/** Which annotations a policy has, by what it is. */
const shapes: { readonly [what: string]: Shape } = {
  'default guard permit': { needs: ['id'], may: [] },
  'default guard forbid': { needs: ['id', 'message'], may: [] },
  'default hold permit': { needs: ['id'], may: ['message', 'recovery'] },
  'default hold forbid': {
    needs: ['id', 'message'],
    may: ['approvals', 'grace', 'recovery', 'factor', 'fixed'],
  },
  'own guard forbid': { needs: ['id', 'message'], may: [] },
  'own hold forbid': {
    needs: ['id', 'message'],
    may: ['approvals', 'grace', 'recovery', 'factor'],
  },
  'own loosen permit': { needs: ['id', 'message', 'loosens'], may: [] },
}

const lines = /^[^\p{C}\p{Zl}\p{Zp}]{1,300}$/u
const values: { readonly [name: string]: readonly [pattern: RegExp, must: string] } = {
  id: [/^[a-z][a-z0-9-]{0,59}$/, 'must be lower case: `a-z`, `0-9` and `-`'],
  loosens: [/^[a-z][a-z0-9-]{0,59}$/, 'must be the id of a default rule'],
  message: [lines, 'must be one line of 1 to 300 characters'],
  approvals: [/^[1-9]$/, 'must be a number from 1 to 9'],
  grace: [/^\d/, 'must be a duration of at most 30 days: `30m`, `48h`, `7d`'],
  recovery: [/^(?:cheap|required)$/, 'must be `cheap` or `required`'],
  factor: [/^passkey$/, 'must be `passkey`: without it a one-time code counts too'],
}

function faultsOf(parsed: Parsed, duration: Duration): readonly string[] {
  const { set, effect, file, annotations } = parsed
  const shape = shapes[`${isOwn(file) ? 'own' : 'default'} ${set} ${effect}`]
  if (shape === undefined) return [misplaced(set, effect)]
  const names = Object.keys(annotations)
  const known = [...shape.needs, ...shape.may]
  return [
    ...shape.needs.filter((name) => !names.includes(name)).map((name) => `needs \`@${name}\``),
    ...names
      .filter((name) => !known.includes(name))
      .map((name) => `\`@${name}\` is no annotation of such a policy`),
    ...names.flatMap((name) => valueFault(name, parsed, duration)),
  ]
}

function valueFault(name: string, parsed: Parsed, duration: Duration): readonly string[] {
  const value = parsed.annotations[name] ?? ''
  const [pattern, must] = values[name] ?? [/^/, '']
  if (!pattern.test(value)) return [`\`@${name}("${printable(value)}")\` ${must}`]
  if (name === 'grace' && (duration(value) ?? Infinity) > longestGraceMs)
    return [`\`@grace("${printable(value)}")\` ${must}`]
  if (name === 'id' && builtIn.includes(value))
    return [`\`${value}\` is an id of Firebreak's own: give yours another`]
  const wanted = parsed.effect === 'permit' ? 'cheap' : 'required'
  if (name === 'recovery' && value !== wanted)
    return [`\`@recovery\` of a ${parsed.effect} can only be \`${wanted}\``]
  return []
}

function misplaced(set: string, effect: string): string {
  return effect === 'permit'
    ? `a permit takes nothing away here: a default hold is loosened in a \`.loosen.cedar\` file`
    : `a ${effect} has no meaning in a \`.${set}.cedar\` file: put it into a \`.hold.cedar\` or \`.guard.cedar\` file`
}

function setOf({ set, effect }: Parsed): RuleSet {
  return set === 'hold' && effect === 'permit' ? 'run' : set
}

function messageOf(message: string, loosens: string | null): string {
  return loosens === null ? message : `\`${loosens}\` is loosened: ${message}`
}

function recoveryOf(value: string | null): Rule['recovery'] {
  return value === 'cheap' || value === 'required' ? value : 'none'
}

function printable(value: string): string {
  return value.replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, '?').slice(0, 40)
}
