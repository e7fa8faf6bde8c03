/** What is handed to a tool, judged: texts by the readers of their languages, choices (`action: "delete"`) by their words, requests by their method. */
import { isObject } from '../../base/json.ts'
import type { JsonObject } from '../../base/json.ts'
import type { Operation } from '../../core/operation.ts'
import { planOf } from '../graphql-plan.ts'
import { hiddenElsewhere } from './dialect.ts'
import { hostFindings } from './hosts.ts'
import { grave, held, quiet } from './judged.ts'
import type { Judged } from './judged.ts'
import { judgeMark } from './marks.ts'
import { opened, plainKey, textAt } from './texts.ts'
import type { Nature, Place, RunText } from './texts.ts'
import { claimIn, claimOf } from './verbs.ts'
import type { Claim } from './verbs.ts'

export interface PayloadReaders {
  readonly sql: (text: string) => readonly Operation[]
  readonly shell: (text: string) => readonly Operation[]
  /** Null where no platform is known that the text would go to. */
  readonly graphql: ((request: JsonObject) => readonly Operation[]) | null
}

/** What the tool is by its name: a claim, null for none, and its nature. */
export interface ByName {
  readonly claim: Claim | null
  readonly nature: Nature
}

/** Nothing for a value that does nothing by itself. */
export function judgePlace(
  place: Place,
  { claim, nature }: ByName,
  readers: PayloadReaders,
): readonly Judged[] {
  if (place.isWord === true) return []
  const text = textAt(place, nature)
  if (text !== null) return judgeText(text, place, { nature, readers })
  // What a tool that reads looks for may well be deleted things, and what a tool is about has a name.
  const reads = claim?.effect === 'read'
  const isAbout = claim !== null && !claim.runs
  return [
    ...judgeChoice(place, { reads, isAbout }),
    ...judgeMark(place, { claim, isGuard: nature.guards }),
  ]
}

function judgeText(
  { kind, text }: RunText,
  { among }: Place,
  { nature, readers }: { readonly nature: Nature; readonly readers: PayloadReaders },
): readonly Judged[] {
  switch (kind) {
    case 'sql':
      return [...(nature.postgres ? [] : elsewhere(text)), ...readers.sql(text).map(judgedOf)]
    case 'shell':
      return linesOf(text, nature).flatMap((line) =>
        readers.shell(line).map((operation) => withHost(judgedOf(operation), text, among)),
      )
    case 'graphql':
      return readers.graphql === null
        ? plainGraphql(text)
        : readers.graphql(requestOf(text, among)).map(judgedOf)
    case 'code':
      return [held('code-unread', 'runs code, which nobody here has read')]
  }
}

/** What is grave is told with the host that it would go on. */
function withHost(judged: Judged, text: string, among: JsonObject): Judged {
  const isCalm = judged.effect === 'read' || judged.effect === 'write'
  if (isCalm) return judged
  return { ...judged, findings: [...judged.findings, ...hostFindings(text, among)] }
}

/** The text, and what it is to the program that the tool calls: `kubectl`, given `delete pod`. */
function linesOf(text: string, { program }: Nature): readonly string[] {
  const isWhole = program === null || text.trimStart().startsWith(`${program} `)
  return isWhole ? [text] : [text, `${program} ${text}`]
}

function elsewhere(text: string): readonly Judged[] {
  const word = hiddenElsewhere(text)
  return word === null
    ? []
    : [held('sql-dialect', `a database other than PostgreSQL would run the \`${word}\` in it`)]
}

function requestOf(query: string, { variables, operationName }: JsonObject): JsonObject {
  const given = typeof variables === 'string' ? opened(variables) : variables
  return {
    query,
    ...(isObject(given) ? { variables: given } : {}),
    ...(typeof operationName === 'string' ? { operationName } : {}),
  }
}

function judgedOf({ name, effect, kinds, findings, names }: Operation): Judged {
  const own =
    effect === 'read' || effect === 'write' || findings.length > 0
      ? findings
      : [{ rule: 'mcp-payload', message: `\`${name}\` stands in what it is given` }]
  return { effect, kinds, findings: own, names }
}

/** For a platform that is not known: a query reads, a mutation does what the words of its fields say. */
function plainGraphql(text: string): readonly Judged[] {
  const plan = planOf(text)
  if (plan.kind !== 'plan') return [held('graphql-unread', 'the GraphQL in it cannot be read')]
  return plan.operations.flatMap(({ kind, fields }) =>
    kind === 'query' ? [quiet('read')] : fields.map(({ name }) => fieldOf(name)),
  )
}

function fieldOf(name: string): Judged {
  const claim = claimOf(name)
  if (claim === null || claim.runs || claim.effect === 'read')
    return held('graphql-unread', `what \`${name}\` does is not known`)
  if (claim.effect === 'write') return quiet('write')
  return grave(claim.effect, claim.kinds, `\`${name}\` stands in the GraphQL`)
}

const set = (text: string): ReadonlySet<string> => new Set(text.split(' '))

/** Members by which a tool is told what to do. */
const choices = set(
  'action actions operation operations op ops then mode verb command subcommand task intent',
)
/** Of those, what may say it in several words. */
const orders = set('action actions operation operations op ops then mode verb subcommand')
/** And those that do so where its own name says nothing; else they are about a thing. */
const calls = set('type kind tool toolname method name function')
const states = set('state status')

function judgeChoice(
  { key, value }: Place,
  { reads, isAbout }: { readonly reads: boolean; readonly isAbout: boolean },
): readonly Judged[] {
  if (typeof value !== 'string') return []
  const plain = plainKey(key)
  const text = value.normalize('NFKC').trim()
  const says = `\`${key}: ${value.slice(0, 60)}\` says so`
  if (states.has(plain) || (choices.has(plain) && gone.test(text)))
    return !reads && gone.test(text) ? [grave('destroy', ['data'], says)] : []
  if (!choices.has(plain) && (isAbout || !calls.has(plain))) return []
  return chosen(claimIn(text, orders.has(plain)), says)
}

const gone = /^(delet|destroy|remov|terminat|dropp|purg)(ed|ing)$/i

function chosen(claim: Claim | null, says: string): readonly Judged[] {
  if (claim === null || claim.runs) return []
  return claim.effect === 'read' || claim.effect === 'write'
    ? [quiet(claim.effect)]
    : [grave(claim.effect, claim.kinds, says)]
}
