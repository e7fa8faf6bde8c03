/** What Firebreak would say, for one line of JSON: the gateways' own readers and policy, nothing executed, no daemon. */
import { setImmediate as breath } from 'node:timers/promises'
import { isObject, parseJson, textOf } from '../base/json.ts'
import type { Json, JsonObject } from '../base/json.ts'
import { FirebreakError, messageOf } from '../base/error.ts'
import { worstEffect } from '../core/effect.ts'
import type { Operation } from '../core/operation.ts'
import { strictest } from '../core/verdict.ts'
import type { Finding, Verdict } from '../core/verdict.ts'
import { readGraphql } from '../classify/graphql.ts'
import { readPlanFile } from '../classify/payload-plan.ts'
import { planned } from '../classify/plan/change.ts'
import { readPlan } from '../classify/plan/read.ts'
import { readGraphqlPayload } from '../classify/payload-graphql.ts'
import { readSqlPayload } from '../classify/payload-sql.ts'
import { toolReaders } from '../classify/mcp/readers.ts'
import { readTool } from '../classify/mcp/tool.ts'
import { readShell } from '../classify/shell/read.ts'
import { readSql } from '../classify/sql/read.ts'
import { asItStands } from '../classify/sql/statement.ts'
import type { SqlAbout } from '../classify/sql/statement.ts'
import type { Policy } from '../guard/ports.ts'
import { platformNamed } from '../platforms/known.ts'

/** Of one call; a terminal takes any number. */
const mostLines = 100

export interface Explained {
  /** The line to print. */
  readonly line: JsonObject
  readonly ok: boolean
}

/** One answer for one line of input; `sql` is what is known of the database. Total. */
export function explainLine(
  text: string,
  policy: Policy,
  sql: SqlAbout = { catalog: null },
): Explained {
  let id: Json = null
  try {
    const question = parseJson(text)
    if (!isObject(question)) return fault(null, 'the line is no JSON object')
    id = question['id'] ?? null
    if (typeof question['kind'] !== 'string') return fault(id, '`kind` is missing')
    return { ok: true, line: judged(id, operationsOf(question, sql), policy) }
  } catch (thrown) {
    // Whatever is wrong with one line, the others are answered.
    return fault(id, messageOf(thrown))
  }
}

/** An answer for each line that is not blank, as `firebreak explain` gives them; lets others be answered in between. */
export async function explainLines(text: string, policy: Policy): Promise<readonly Explained[]> {
  const answers: Explained[] = []
  for (const line of text.split(/\r?\n/)) {
    if (line.trim() === '') continue
    if (answers.length === mostLines)
      throw new FirebreakError('too_large', `more than ${mostLines} lines at once`)
    answers.push(explainLine(line, policy))
    await breath()
  }
  return answers
}

/** The operations that the gateway's reader finds; a kind or platform without a reader yet is unread. */
function operationsOf(question: JsonObject, about: SqlAbout): readonly Operation[] {
  const { kind, text } = question
  if (kind === 'sql') return sqlOperations(text, about)
  if (kind === 'shell') return shellOperations(question)
  if (kind === 'mcp') return [toolOperation(question)]
  if (kind === 'graphql') return graphqlOperations(question)
  if (kind === 'plan') return planOperations(question)
  return [unread(`no reader for \`${textOf(kind)}\` yet`)]
}

/** As `terraform show -json` or `pulumi preview --json` gives it, in `text`; or the bytes of the file that `terraform plan -out` or `pulumi preview --save-plan` writes, in `base64`. */
function planOperations({ text, base64 }: JsonObject): readonly Operation[] {
  if (typeof base64 === 'string') {
    const bytes = Buffer.from(base64, 'base64')
    if (bytes.toString('base64') !== base64) throw new Error('`base64` is none')
    return planned(readPlanFile(bytes))
  }
  if (typeof text !== 'string') throw new Error('`text` or `base64` is missing')
  return readPlan(text).operations
}

function graphqlOperations(question: JsonObject): readonly Operation[] {
  const { platform, text, variables, operationName } = question
  const known = typeof platform === 'string' ? platformNamed(platform) : null
  if (known === null) return [unread('no reader for this platform yet')]
  if (typeof text !== 'string') throw new Error('`text` is missing')
  if (variables !== undefined && variables !== null && !isObject(variables))
    throw new Error('`variables` must be an object')
  return readGraphql({
    platform: known,
    target: known.name,
    text,
    variables: isObject(variables) ? variables : {},
    operationName: typeof operationName === 'string' ? operationName : null,
  }).operations
}

/** Files that it names are not looked at: what would run out of one is unread. */
function shellOperations({ command, cwd }: JsonObject): readonly Operation[] {
  if (typeof command !== 'string') throw new Error('`command` is missing')
  if (cwd !== undefined && cwd !== null && typeof cwd !== 'string')
    throw new Error('`cwd` must be a text')
  const readers = { sql: readSqlPayload, graphql: readGraphqlPayload, file: () => null }
  return readShell(command, { readers, cwd: cwd ?? null })
}

/** Of a server of which nothing is known but its name; `server: railway` is taken to speak to Railway. */
function toolOperation({ server, tool, arguments: args }: JsonObject): Operation {
  if (typeof tool !== 'string') throw new Error('`tool` is missing')
  if (args !== undefined && args !== null && !isObject(args))
    throw new Error('`arguments` must be an object')
  const call = { tool, arguments: isObject(args) ? args : {}, said: null, word: null }
  return readTool(
    { ...call, environments: [] },
    toolReaders(typeof server === 'string' ? server : null),
  )
}

/** A text without a statement does nothing. */
function sqlOperations(text: Json | undefined, about: SqlAbout): readonly Operation[] {
  if (typeof text !== 'string') throw new Error('`text` is missing')
  const statements = readSql(text, about)
  if (statements.length === 0) throw new Error('`text` holds no statement')
  return statements.map(asItStands)
}

function judged(id: Json, operations: readonly Operation[], policy: Policy): JsonObject {
  const { kind, findings } = decideAll(operations, policy)
  const operation = operations.map(({ name }) => name).join(', ')
  const effect = worstEffect(operations.map((each) => each.effect))
  return {
    id,
    effect,
    verdict: kind,
    operation,
    findings: findings.map(({ rule, message }: Finding) => ({ rule, message })),
  }
}

/** The strictest verdict, in a protected environment of which nothing was measured, with what the reader found beside it. */
export function decideAll(operations: readonly Operation[], policy: Policy): Verdict {
  const decisions = operations.map((operation) =>
    policy.decide({
      principal: 'explain',
      target: 'explain',
      platform: 'explain',
      operation: operation.name,
      effect: operation.effect,
      kinds: operation.kinds,
      environments: [],
      protected: true,
      radiusKnown: false,
      lifeline: false,
      bytes: 0,
      rows: -1,
      backupsLost: 0,
      backupsLeft: 0,
    }),
  )
  const verdict = strictest(decisions.map((decision) => decision.verdict))
  const reasons = verdict.kind === 'allow' ? [] : operations.flatMap((each) => each.findings)
  return { ...verdict, findings: [...verdict.findings, ...reasons] }
}

function unread(why: string): Operation {
  return {
    name: 'unread',
    effect: 'unread',
    kinds: [],
    parameters: {},
    shown: {},
    selects: null,
    names: [],
    environments: [],
    findings: [{ rule: 'no-reader', message: why }],
    alternatives: [],
  }
}

function fault(id: Json, error: string): Explained {
  return { ok: false, line: { id, error } }
}
