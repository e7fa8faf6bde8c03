/** A hook's question as an action: what its calls do by the very reader that the hook has, bound to their words and to the bytes they lean on. */
import type { Json, JsonObject } from '../../base/json.ts'
import { masked } from '../../classify/mcp/mask.ts'
import { readTool } from '../../classify/mcp/tool.ts'
import { readGraphqlPayload } from '../../classify/payload-graphql.ts'
import { readSqlPayload } from '../../classify/payload-sql.ts'
import type { PlanRead } from '../../classify/plan/change.ts'
import type { Operation } from '../../core/operation.ts'
import type { Call } from './call.ts'
import { byDefault } from './default-policy.ts'
import { readCalls } from './judge.ts'
import type { HookWorld } from './judge.ts'
import { isLifeline } from './lifeline.ts'
import { pushLines, pushNames } from './push.ts'
import { isForced } from './question.ts'
import type { Question, Seen } from './question.ts'
import { hush } from './hush.ts'

export interface Acted {
  /** Those that do not go by themselves; the first of them carries what the digest binds. */
  readonly operations: readonly Operation[]
  /** True where something of Firebreak's own is among it: nobody can approve that. */
  readonly isLifeline: boolean
}

/** Throws where it takes too long. The grammars must be loaded. */
export function acted(
  question: Question,
  { bounded, real }: Pick<HookWorld, 'bounded' | 'real'>,
): Acted {
  const { file, plan } = filesIn(question.files)
  const payloads = {
    sql: readSqlPayload,
    graphql: readGraphqlPayload,
    // As the hook has read it: the bytes of a plan are not sent along.
    plan: () => (): PlanRead => ({ why: 'it was not read' }),
    tool: (): typeof readTool => readTool,
    load: (): Promise<boolean> => Promise.resolve(false),
  }
  const found = bounded(() => readCalls(question.calls, { file, plan, real, bounded, payloads }))
  const held = found
    .filter((operation) => byDefault(operation).kind !== 'allow')
    .map((operation) => withNames(operation, question))
  const [first, ...more] = held
  if (first === undefined) return { operations: [], isLifeline: false }
  const parameters = parametersOf(question)
  const shown = masked(hush(parameters))
  return {
    operations: [{ ...first, parameters, shown }, ...more],
    isLifeline: found.some(isLifeline),
  }
}

/** A push by the refs that it writes over. */
function withNames(operation: Operation, { push }: Question): Operation {
  return push !== undefined && isForced(operation.name)
    ? { ...operation, names: pushNames(push) }
    : operation
}

/** INVARIANT (approval-binds): the words of every call, where they would run, the hash of each file, and what a remote has. */
function parametersOf({ calls, files, push }: Question): JsonObject {
  const [only, ...more] = calls
  const told = only !== undefined && more.length === 0 ? callOf(only) : { calls: calls.map(callOf) }
  return {
    ...told,
    ...(files.length === 0 ? {} : { files: files.map(lineOf) }),
    ...(push === undefined ? {} : { push: pushLines(push) }),
  }
}

function callOf(call: Call): JsonObject {
  switch (call.kind) {
    case 'shell':
      return { command: call.command, folder: call.cwd }
    case 'mcp':
      return { server: call.server, tool: call.tool, arguments: call.arguments }
    case 'file':
      return { [call.does]: call.path, folder: call.cwd }
    case 'unread':
      return { unread: call.why }
  }
}

function lineOf({ path, cwd, sha256 }: Seen): Json {
  return { path, folder: cwd, sha256: sha256 ?? 'could not be read' }
}

function filesIn(files: readonly Seen[]): Required<Pick<HookWorld, 'file' | 'plan'>> {
  const find = (path: string, cwd: string | null): Seen | undefined =>
    files.find((each) => each.path === path && each.cwd === cwd)
  return {
    file: (path, cwd) => find(path, cwd)?.text ?? null,
    plan: (path, cwd) => find(path, cwd)?.plan ?? null,
  }
}
