/** What the call of an MCP tool does, by the texts within its arguments and the words of its name. Descriptions and annotations are not believed. */
import { isObject, parseJson } from '../../base/json.ts'
import type { Json, JsonObject } from '../../base/json.ts'
import { judgeOver } from '../../classify/mcp/over.ts'
import { placesIn } from '../../classify/mcp/texts.ts'
import { destroys, ordinary, unread } from '../../classify/shell/operation.ts'
import type { Operation } from '../../core/operation.ts'
import type { DestroyKind } from '../../core/effect.ts'
import { lost } from './lifeline.ts'
import { quoted } from './tool-call.ts'

/** Readers of what an argument holds. */
export interface McpReaders {
  readonly sql: (text: string) => readonly Operation[]
  readonly graphql: (platform: string, body: string) => readonly Operation[]
  readonly shell: (text: string) => readonly Operation[]
}

interface McpCall {
  readonly server: string
  readonly tool: string
  readonly arguments: JsonObject
}

/** Deeper than this no tool nests what it runs. */
const deepest = 12

export function readMcpCall(call: McpCall, readers: McpReaders): readonly Operation[] {
  const name = [call.server, call.tool].filter((part) => part !== '').join(' ')
  const told = texts(call.arguments, '', 0)
  const found = [
    ...byName(name, call.tool),
    ...(placesIn(call.arguments) ?? []).flatMap((place) =>
      judgeOver(place, call.tool).flatMap(({ kinds, findings }) =>
        findings.map(({ message }) => destroys(name, kinds, message)),
      ),
    ),
    ...told.flatMap((one) =>
      one === null
        ? [unread(name, 'what it is given is nested deeper than anybody looks')]
        : within(call, one[0], one[1], readers),
    ),
    ...objects(call.arguments, 0).flatMap((one) => [
      ...asked(one, readers),
      ...apart(one, readers),
    ]),
  ]
  return found.length > 0 ? found : [ordinary(name)]
}

type Text = readonly [key: string, text: string]

/** Every text with the name that it stands under; a list of words is one text, and JSON within a text is looked into. Null: too deep. */
function texts(value: Json, key: string, depth: number): readonly (Text | null)[] {
  if (depth > deepest) return [null]
  if (typeof value === 'string') {
    const inside = jsonIn(value)
    return [[key, value], ...(inside === null ? [] : texts(inside, key, depth + 1))]
  }
  if (Array.isArray(value)) {
    const words = value.filter((one) => typeof one === 'string')
    const line: Text = [key, words.map(quoted).join(' ')]
    return [
      ...(words.length > 1 ? [line] : []),
      ...value.flatMap((one) => texts(one, key, depth + 1)),
    ]
  }
  return isObject(value)
    ? Object.entries(value).flatMap(([name, one]) => texts(one, name, depth + 1))
    : []
}

/** Every object, however deep. */
function objects(value: Json, depth: number): readonly JsonObject[] {
  if (depth > deepest) return []
  const inside = typeof value === 'string' ? jsonIn(value) : value
  if (Array.isArray(inside)) return inside.flatMap((one) => objects(one, depth + 1))
  return isObject(inside)
    ? [inside, ...Object.values(inside).flatMap((one) => objects(one, depth + 1))]
    : []
}

/** The object or list that a text is the JSON of. */
function jsonIn(text: string): Json | null {
  if (!/^\s*[{[]/.test(text)) return null
  try {
    return parseJson(text)
  } catch {
    // It only begins like one.
    return null
  }
}

/** A program and its words apart: `{ command: 'bash', args: ['-c', …] }`. */
function apart(given: JsonObject, { shell }: McpReaders): readonly Operation[] {
  const [command] = valuesAt(given, ['command', 'cmd', 'program', 'executable'])
  const args = given['args'] ?? given['arguments'] ?? given['argv']
  if (command === undefined || !Array.isArray(args)) return []
  const words = args.map((one) => (typeof one === 'string' ? one : JSON.stringify(one)))
  return shell([quoted(command), ...words.map(quoted)].join(' '))
}

const reading =
  /^(read|get|list|search|find|view|show|stat|info|grep|describe|fetch|query|open|cat|head)$/

/** Firebreak's own files among its arguments, where the tool does not only read. */
export function ownIn(call: McpCall, own: (path: string) => boolean): readonly Operation[] {
  const words = call.tool
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
  if (words.some((word) => reading.test(word))) return []
  return texts(call.arguments, '', 0).flatMap((one) =>
    one !== null && one[1].length < 400 && !one[1].includes('\n') && own(one[1])
      ? [lost(one[1])]
      : [],
  )
}

const sqlKey = /^(sql|query|queries|statements?|stmt|ddl|dml|migration|up)$|sql$|query$/i
const sqlText =
  /^(\s|;|--[^\n]*\n|\/\*[\s\S]*?\*\/|\()*(select|with|insert|update|delete\s+from|merge|truncate|drop|alter|create|grant|revoke|copy|do|call|begin|start|vacuum|reindex|set|explain|comment|lock|refresh|cluster|execute|prepare|reassign|import|discard|security)\b/i
const shellKey =
  /^(command|commands|cmd|script|shell|bash|argv|cli|commandline|command_line|(shell|bash|terminal|run|exec)_?command|exec|run)$/i
const codeKey = /^(code|source|snippet|python|javascript|js|typescript|program|expression|script)$/i
const graphqlKey = /^(query|mutation|document|graphql|gql|operation)$/i

function within(
  { server, tool, arguments: given }: McpCall,
  key: string,
  text: string,
  { sql, graphql, shell }: McpReaders,
): readonly Operation[] {
  if (graphqlKey.test(key) && /^\s*(mutation|query|subscription|fragment|#|\{)/.test(text)) {
    const isRailway = /railway/i.test(`${server} ${tool}`)
    if (isRailway) return graphql('railway', requestOf(text, given))
    return /\bmutation\b/.test(text) ? mutation(text) : []
  }
  if (sqlKey.test(key) && sqlText.test(text)) return sql(text)
  if (shellKey.test(key)) return [...shell(text), ...(codeKey.test(key) ? coded(text, shell) : [])]
  if (codeKey.test(key)) return coded(text, shell)
  // Under any other name: what reads as a statement that takes away is one.
  return !prose.test(key) && lossy.test(text)
    ? sql(text).filter(({ effect }) => effect === 'destroy')
    : []
}

/** What people read, and what lies in a file until somebody runs it. */
const prose =
  /^(title|body|content|contents|description|message|comment|summary|subject|name|label|note|notes|file_text|(old|new)_?(str|string|text)|prompt|markdown|html)$/i
const lossy =
  /^[\s;(]*(drop|truncate|delete\s+from|alter\s+(table|database|system)|update\s+\S+\s+set)\b/i

/** In which language, nobody says: as the two that most have. */
function coded(text: string, shell: McpReaders['shell']): readonly Operation[] {
  return ['python3 -c', 'node -e']
    .flatMap((run) => shell(`${run} ${quoted(text)}`))
    .filter(({ effect }) => effect !== 'read' && effect !== 'write')
}

function requestOf(query: string, { variables }: JsonObject): string {
  return JSON.stringify(isObject(variables) ? { query, variables } : { query })
}

/** A mutation of a platform that has no reader here: by the names in it. */
function mutation(text: string): readonly Operation[] {
  const names = [...text.matchAll(/\b([a-z]\w*)\s*(?:\(|\{)/g)].map(([, name = '']) => name)
  return names.flatMap((name) => byName(name, name))
}

const valuesAt = (given: JsonObject, keys: readonly string[]): readonly string[] =>
  keys.map((key) => given[key]).filter((one) => typeof one === 'string')

/** A request in parts: method, address and body. Read as the shell's `curl` is. */
function asked(given: JsonObject, { shell }: McpReaders): readonly Operation[] {
  const [method] = valuesAt(given, ['method', 'httpMethod', 'http_method', 'verb'])
  const [url] = valuesAt(given, ['url', 'uri', 'endpoint', 'path', 'href'])
  if (method === undefined || url === undefined) return []
  if (/^delete$/i.test(method) && url.startsWith('/'))
    return [destroys(`DELETE ${url}`, ['container'], `DELETE ${url}, of a host that nobody names`)]
  const sent = given['body'] ?? given['data']
  const body = sent === undefined ? '' : typeof sent === 'string' ? sent : JSON.stringify(sent)
  const data = body === '' ? [] : ['--data-raw', quoted(body)]
  return shell(['curl', '-X', quoted(method), ...data, quoted(url)].join(' '))
}

const takes =
  /^(delete|destroy|drop|remove|purge|wipe|truncate|erase|terminate|deprovision|flush|empty|clear|nuke|prune|obliterate|del|rm|trash|dispose|decommission)$/
const overwrites = /^(reset|restore|rollback|overwrite|rebuild)$/
const containers =
  /^(volumes?|databases?|db|projects?|environments?|clusters?|instances?|namespaces?|stacks?|services?|servers?|apps?|buckets?|organizations?|branch|branches|repository|repositories|repos?|sites?|droplets?|machines?|vms?|storage|collections?|index|indexes|indices|keyspaces?)$/
const kinds: readonly (readonly [RegExp, DestroyKind])[] = [
  [/^(backups?|snapshots?)$/, 'backup'],
  [/^(secrets?|keys?|credentials?|certificates?)$/, 'key'],
  [/^(accounts?|workspaces?|organizations?|tenants?)$/, 'account'],
  [/^(domains?|zones?|dns)$/, 'name'],
  [/^(retention|protection|lock|policy|policies|schedules?)$/, 'guard'],
  [containers, 'container'],
  [/^(tables?|schemas?|rows?|records?|documents?|objects?|queues?|topics?|disks?|data)$/, 'data'],
]

/** `volumeDelete`, `delete_project`, `reset-branch`: a verb that takes away, and a thing that holds what cannot be made again. */
function byName(name: string, tool: string): readonly Operation[] {
  const words = tool
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .replaceAll(
      /\b(delete|destroy|drop|remove|purge|wipe|truncate|erase|terminate)(?=[a-z]{3})/g,
      '$1 ',
    )
    .split(/[^a-z0-9]+/)
  const isTaking = words.some((word) => takes.test(word))
  const isOver = words.some((word) => overwrites.test(word))
  if (!isTaking && !isOver) return []
  const found = kinds.filter(([what]) => words.some((word) => what.test(word)))
  if (found.length === 0) return []
  const lost: readonly DestroyKind[] = isTaking ? found.map(([, kind]) => kind) : ['overwrite']
  return [destroys(name, lost, `\`${tool}\` says by its name that it takes something away`)]
}
