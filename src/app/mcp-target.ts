/** An MCP server of the config as a target: how its requests are read, which tools a grant is shown, and what goes with a call. */
import { isObject } from '../base/json.ts'
import type { JsonObject } from '../base/json.ts'
import { widestRadius } from '../core/blast-radius.ts'
import type { Operation } from '../core/operation.ts'
import { readGiven } from '../classify/mcp/given.ts'
import type { PayloadReaders } from '../classify/mcp/payload.ts'
import { toolReaders } from '../classify/mcp/readers.ts'
import { leastOf, readTool, toolSaid } from '../classify/mcp/tool.ts'
import type { ToolWord } from '../classify/mcp/tool.ts'
import type { KnownTool } from '../gateways/mcp/catalog.ts'
import { effectOf } from '../gateways/mcp/methods.ts'
import type { McpRequest, McpTarget } from '../gateways/mcp/target.ts'
import { admits } from '../grants/admits.ts'
import type { Surveyed } from '../platforms/platform.ts'
import { environmentIds } from './config.ts'
import type { McpEntry } from './config-targets.ts'

export function targetOf(name: string, entry: McpEntry): McpTarget {
  const environments = environmentIds(entry).map(([, id]) => id)
  const readers = toolReaders(entry.speaks ?? null)
  const wordFor = (tool: string): ToolWord | null =>
    Object.hasOwn(entry.tools, tool) ? (entry.tools[tool] ?? null) : null
  const call = (params: JsonObject, known: KnownTool | null): readonly Operation[] => {
    const { name: tool, arguments: args, ...more } = params
    if (typeof tool !== 'string')
      return [plainOperation('tools/call', params, 'unread', environments)]
    const said = known === null ? null : toolSaid(known.tool)
    const word = wordFor(tool)
    const given = isObject(args) ? args : {}
    const operation = readTool(
      { target: name, tool, arguments: given, more, said, word, environments },
      readers,
    )
    return known?.hasChanged === true ? [operation, changed(tool, environments)] : [operation]
  }
  return {
    name,
    read: ({ method, params }: McpRequest, known) =>
      method === 'tools/call'
        ? call(params, known)
        : [otherOperation(method, params, { readers, environments })],
    refuses: (answer) => refusalOf(answer, readers),
    isShown: (scope, tool) => {
      const { name: operation } = tool
      if (typeof operation !== 'string') return false
      const least = leastOf(operation, toolSaid(tool), wordFor(operation)) ?? 'read'
      const wish = { target: name, operation, effect: least, environments: [] }
      const where = { environmentsKnown: true, nowhere: false, resources: [] }
      return admits({ ...scope, environments: [], resources: [] }, { ...wish, ...where }) === null
    },
  }
}

/** What changes something by a method is told by what is handed in. */
function otherOperation(
  method: string,
  params: JsonObject,
  {
    readers,
    environments,
  }: { readonly readers: PayloadReaders; readonly environments: readonly string[] },
): Operation {
  const effect = effectOf(method) ?? 'unread'
  const plain = plainOperation(method, params, effect, environments)
  return effect === 'write' ? { ...plain, ...readGiven(params, readers) } : plain
}

function refusalOf(answer: JsonObject, readers: PayloadReaders): string | null {
  const { effect, findings } = readGiven(answer, readers)
  if (effect === 'read' || effect === 'write') return null
  return findings[0]?.message ?? 'what it would do is not known'
}

function plainOperation(
  name: string,
  params: JsonObject,
  effect: Operation['effect'],
  environments: readonly string[],
): Operation {
  const message = `\`${name}\` is no method of MCP that is known here`
  return {
    name,
    effect,
    kinds: [],
    parameters: params,
    shown: params,
    selects: null,
    names: [],
    environments,
    findings: effect === 'unread' ? [{ rule: 'mcp-unread', message }] : [],
    alternatives: [],
  }
}

/** INVARIANT (pinned): beside whatever the call does, a person must look at what the tool has become. */
function changed(tool: string, environments: readonly string[]): Operation {
  const message = `the server tells of \`${tool}\` in other words than when it was seen first`
  return {
    ...plainOperation(tool, {}, 'unread', environments),
    findings: [{ rule: 'mcp-tool-changed', message }],
  }
}

/** What an MCP server says of what hangs on a thing is nothing: what goes is what its tool can reach, and that has no name. */
export function surveyOf(
  name: string,
  entry: McpEntry,
): (operations: readonly Operation[]) => Surveyed {
  const ids = environmentIds(entry).map(([, id]) => id)
  return (operations) => {
    const goes = operations.filter(
      ({ effect, kinds }) => effect === 'destroy' && kinds.some((kind) => kind !== 'outage'),
    )
    const unknown = widestRadius(`what hangs behind \`${name}\`, no MCP server says`)
    if (ids.length === 0)
      return {
        operations,
        radius: goes.length === 0 ? { ...unknown, known: true, unknown: [] } : unknown,
      }
    const resources = goes.map((operation) => ({
      target: name,
      type: 'mcp',
      id: operation.name,
      name: `what \`${operation.name}\` reaches`,
      environment: ids[0] ?? null,
      bytes: null,
      protects: null,
    }))
    return {
      operations,
      radius: { ...unknown, known: true, unknown: [], environments: ids, resources },
    }
  }
}
