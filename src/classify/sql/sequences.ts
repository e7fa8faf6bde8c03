/** Judges what sets a sequence: one that goes back gives the same numbers twice. */
import type { Json, JsonObject } from '../../base/json.ts'
import type { Relation } from '../../platforms/postgres/catalog.ts'
import type { SqlReason } from '../../platforms/postgres/effects.ts'
import { isHighest, isRenamed, sequenceOf } from './highest.ts'
import type { Heading, Scope } from './scope.ts'
import { child, children, constant, nothing, option, under, word } from './tree.ts'

const forth: SqlReason = {
  effect: 'write',
  rule: 'sequence-restart',
  why: 'sets a sequence, which goes on from there',
}
const back: SqlReason = {
  effect: 'destroy',
  kinds: ['guard'],
  rule: 'sequence-back',
  why: 'may set a sequence back, so that numbers come twice',
  instead: ['set it to the highest number in use: `setval(…, (SELECT max(id) FROM …))`'],
}

/** `ALTER SEQUENCE`. */
export function judgeSequence(node: JsonObject, scope: Scope): Heading {
  const range = child(node, 'sequence')
  scope.touch(range)
  const options = children(node, 'options')
  if (option(options, 'owned_by') !== undefined)
    scope.leaves.push({ kind: 'renamed', name: '', text: '' })
  judgeRestart(options, scope.relation(range), scope)
  scope.add({ effect: 'write', rule: 'sql-write', why: 'changes a sequence' })
  return { words: 'ALTER SEQUENCE' }
}

/** The options of a sequence, or of the identity of a column. */
export function judgeRestart(
  options: readonly Json[],
  sequence: Relation | null,
  scope: Scope,
): void {
  if (turns(options)) scope.add(back)
  const restart = option(options, 'restart')
  if (restart === undefined) return
  scope.hangsOnNumbers = true
  const { arg } = restart
  const integer = under(arg, 'Integer')
  const next = integer === null ? word(under(arg, 'Float') ?? nothing, 'fval') : numberOf(integer)
  scope.add(goesBack(next === '' ? null : next, 1n, sequence, scope) ? back : forth)
}

/** True where it counts down from now on, or begins again at its end. */
function turns(options: readonly Json[]): boolean {
  const step = child(option(options, 'increment') ?? nothing, 'arg')
  const integer = under(step, 'Integer')
  const by = integer === null ? word(under(step, 'Float') ?? nothing, 'fval') : numberOf(integer)
  return (
    by.startsWith('-') ||
    child(child(option(options, 'cycle') ?? nothing, 'arg'), 'Boolean')['boolval'] === true
  )
}

/** The grammar leaves a zero out. */
function numberOf(integer: JsonObject): string {
  return JSON.stringify(integer['ival'] ?? 0)
}

/** The sequence of an identity column; its name may be any. */
export function identityOf(table: JsonObject, column: string, scope: Scope): Relation | null {
  const found = scope.relation(table)?.columns.find(({ name }) => name === column)?.sequence
  return scope.catalog?.relations.get(found ?? -1) ?? null
}

/** `setval(sequence, number [, is_called])`. */
export function judgeSetval(args: readonly Json[], scope: Scope): void {
  scope.hangsOnNumbers = true
  const [sequence, value, called] = args
  const number = valueOf(value, scope)
  const found = sequenceOf(sequence, scope)
  if (number === undefined && isHighest(value, found, scope)) return scope.add(forth)
  const before = called === undefined || constant(called) === 'true' ? 0n : 1n
  scope.add(goesBack(number ?? null, before, found, scope) ? back : forth)
}

function valueOf(value: Json | undefined, scope: Scope): string | null | undefined {
  const cast = under(value, 'TypeCast')
  const parameter = under(cast === null ? value : cast['arg'], 'ParamRef')
  return parameter === null ? constant(value) : scope.value(parameter)
}

/** True unless the number that was given last stays behind. Without a catalog only the beginning is known to be one. */
function goesBack(
  number: string | null,
  before: bigint,
  sequence: Relation | null,
  scope: Scope,
): boolean {
  if (number === null || !/^-?\d+$/.test(number)) return true
  if (isRenamed(scope)) return true
  const { catalog } = scope
  if (catalog === null) return BigInt(number) <= 1n
  const last = sequence?.lastValue ?? null
  return last === null || BigInt(number) - before < last
}
