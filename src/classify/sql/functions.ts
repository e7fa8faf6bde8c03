/** Judges a function by what the catalog tells of it: its language, what it promises, and its body where it can be read. */
import type { SqlFunction } from '../../platforms/postgres/catalog.ts'
import { functionNamed, isOfSafeExtension } from '../../platforms/postgres/functions.ts'
import type { Scope } from './scope.ts'
import { typesCall } from './types.ts'

/** Notes what a call of it does; `how` says how it is reached. */
export function judgeFunction(found: SqlFunction, scope: Scope, how: string): void {
  const name = `${found.schema}.${found.name}`
  scope.judged.add(found.oid)
  if (found.schema === 'pg_catalog') return judgeOwn(found, scope)
  judgeSignature(found, scope, how)
  if (found.definition !== null) return judgeBody(found, found.definition, scope)
  const known = functionNamed(found.name, false)
  if (known.kind === 'does')
    return scope.add({ ...known.reason, why: `calls \`${name}\`, which ${known.reason.why}` })
  // That it is `internal` and immutable the server says of every aggregate.
  if (found.kind === 'aggregate' && found.extension === null) return judgeParts(found, scope, how)
  const compiled = found.language === 'c' || found.language === 'internal'
  const believed =
    found.extension !== null && (found.volatility !== 'volatile' || isOfSafeExtension(found.name))
  if (compiled && believed) return
  scope.add({
    effect: 'destroy',
    kinds: ['exec'],
    rule: 'function-code',
    why: `runs \`${name}\` ${how}, which is written in ${found.language} and cannot be read`,
  })
}

/** What it is given and gives back becomes of those types, whatever it was before. */
function judgeSignature(
  { arguments: given, returns }: SqlFunction,
  scope: Scope,
  how: string,
): void {
  for (const oid of typesCall([...given, returns], scope)) {
    const one = scope.catalog?.functions.get(oid)
    if (one !== undefined && !scope.judged.has(oid)) judgeFunction(one, scope, `${how}, by a type`)
  }
}

/** What it calls for each row and at the end. */
function judgeParts({ schema, name, parts }: SqlFunction, scope: Scope, how: string): void {
  const found = parts.map((oid) => scope.catalog?.functions.get(oid))
  if (parts.length === 0 || found.includes(undefined))
    scope.unread(
      'function-unknown',
      `calls \`${schema}.${name}\`, and what that is made of is not known`,
    )
  for (const part of found)
    if (part !== undefined) judgeFunction(part, scope, `${how}, an aggregate`)
}

function judgeOwn(found: SqlFunction, scope: Scope): void {
  const known = functionNamed(found.name, true)
  if (known.kind === 'does')
    scope.add({ ...known.reason, why: `calls \`${found.name}\`, which ${known.reason.why}` })
  else if (known.kind === 'unknown' && found.volatility === 'volatile')
    scope.unread('function-unknown', `calls \`${found.name}\`, and what that does is not known`)
}

function judgeBody(found: SqlFunction, definition: string, scope: Scope): void {
  const inner = scope.inside(found.oid, found.argumentNames)
  if (inner === 'seen') return
  if (inner === 'too-deep') return scope.unread('sql-depth', 'runs views and functions too deep')
  inner.runner.definition(definition, inner)
  scope.absorb(inner, ({ effect }) => effect !== 'read')
}
