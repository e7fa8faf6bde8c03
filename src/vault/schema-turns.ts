/** When each statement of pg_dump's has its turn in a restore, and which of them a superuser may make though others wrote them. */
import type { Statement } from './schema-split.ts'

/**
 * `never`: a setting of pg_dump's own session. `now`: where it stands. `reach`: what leads to other servers, when no code of the
 * copy runs any more. `right`: owners and privileges. `last`: what would be called by all that comes after it.
 */
export type Turn = 'never' | 'now' | 'reach' | 'right' | 'last'

const turns: readonly (readonly [Turn, RegExp])[] = [
  ['never', /^SET (?!SESSION AUTHORIZATION |default_table)|^SELECT pg_catalog\.set_config\(/],
  ['last', /^(?:CREATE|ALTER|COMMENT ON) EVENT TRIGGER /],
  ['reach', /^CREATE USER MAPPING /],
  ['right', /^(?:GRANT|REVOKE|ALTER DEFAULT PRIVILEGES|(?:RE)?SET SESSION AUTHORIZATION)\b/],
  // A name, the arguments of a routine or an operator, the method of a class; no other change beside it.
  ['right', /^ALTER [A-Z ]+ [^\s,()]+(?: ?\([^;]*\))?(?: USING [^\s,()]+)? OWNER TO [^\s,()]+$/],
]

export function turnOf({ shape }: Statement): Turn {
  return turns.find(([, form]) => form.test(shape))?.[0] ?? 'now'
}

/**
 * What runs nothing when it is made, and is owned by nobody's functions. A cast by a function is not among them: a superuser's
 * own statements would call it. Nor is a wrapper with a validator, which is called at once.
 */
const harmless = [
  /^COMMENT ON /,
  /^CREATE OPERATOR (?:CLASS|FAMILY) /,
  /^ALTER OPERATOR FAMILY /,
  /^CREATE CAST .* (?:WITHOUT FUNCTION|WITH INOUT)(?: AS (?:ASSIGNMENT|IMPLICIT))?$/,
  /^CREATE TEXT SEARCH (?:PARSER|TEMPLATE) /,
  /^CREATE FOREIGN DATA WRAPPER \S+(?: OPTIONS \([^()]*\))?$/,
  /^(?:CREATE|ALTER) PUBLICATION /,
]

/** INVARIANT (nothing of the copy's commands the server): true only for what calls no function of the copy. */
export function isHarmless(statement: Statement): boolean {
  const turn = turnOf(statement)
  return turn === 'right' || turn === 'last' || harmless.some((form) => form.test(statement.shape))
}

/** The role in `… OWNER TO role`, as it stands there; null for any other statement. */
export function newOwnerOf({ text, shape }: Statement): string | null {
  if (!/ OWNER TO [^\s,()]+$/.test(shape)) return null
  return /(?:"(?:[^"]|"")*"|\S+)$/.exec(text)?.[0] ?? null
}

/** Its first words, for a person. */
export function headOf({ text }: Statement): string {
  const line = text.replaceAll(/\s+/g, ' ')
  return line.length > 80 ? `${line.slice(0, 79)}…` : line
}
