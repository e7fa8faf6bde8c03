/** What the call of an MCP tool does, by the texts within its arguments and the words of its name. Descriptions and annotations are not believed. */
import { isObject } from '../../base/json.ts'
import type { Json, JsonObject } from '../../base/json.ts'
import { destroys, ordinary } from '../../classify/shell/operation.ts'
import type { Operation } from '../../core/operation.ts'
import type { DestroyKind } from '../../core/effect.ts'
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
  const found = [
    ...byName(name, call.tool),
    ...texts(call.arguments, '', 0).flatMap(([key, text]) => within(call, key, text, readers)),
    ...asked(call.arguments, readers),
  ]
  return found.length > 0 ? found : [ordinary(name)]
}

type Text = readonly [key: string, text: string]

/** Every text with the name that it stands under; a list of words is one text. */
function texts(value: Json, key: string, depth: number): readonly Text[] {
  if (depth > deepest) return []
  if (typeof value === 'string') return [[key, value]]
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

const sqlKey = /^(sql|query|queries|statements?|stmt|ddl|dml|migration|up|text)$|sql$|query$/i
const sqlText =
  /^(\s|--[^\n]*\n|\/\*[\s\S]*?\*\/|\()*(select|with|insert|update|delete\s+from|merge|truncate|drop|alter|create|grant|revoke|copy|do|call|begin|start|vacuum|reindex|set|explain|comment|lock|refresh|cluster|execute|prepare)\b/i
const shellKey = /^(command|commands|cmd|script|shell|bash|argv|cli|commandline|command_line)$/i
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
    return /^\s*mutation/.test(text) ? mutation(text) : []
  }
  if (sqlKey.test(key) && sqlText.test(text)) return sql(text)
  return shellKey.test(key) ? shell(text) : []
}

function requestOf(query: string, { variables }: JsonObject): string {
  return JSON.stringify(isObject(variables) ? { query, variables } : { query })
}

/** A mutation of a platform that has no reader here: by the names in it. */
function mutation(text: string): readonly Operation[] {
  const names = [...text.matchAll(/\b([a-z]\w*)\s*(?:\(|\{)/g)].map(([, name = '']) => name)
  return names.flatMap((name) => byName(name, name))
}

/** A request in parts: method, address and body. Read as the shell's `curl` is. */
function asked(given: JsonObject, { shell }: McpReaders): readonly Operation[] {
  const { method } = given
  const url = given['url'] ?? given['uri'] ?? given['endpoint']
  if (typeof method !== 'string' || typeof url !== 'string') return []
  const sent = given['body'] ?? given['data']
  const body = sent === undefined ? '' : typeof sent === 'string' ? sent : JSON.stringify(sent)
  const data = body === '' ? [] : ['--data-raw', quoted(body)]
  return shell(['curl', '-X', quoted(method), ...data, quoted(url)].join(' '))
}

const takes =
  /^(delete|destroy|drop|remove|purge|wipe|truncate|erase|terminate|deprovision|flush|empty)$/
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
    .split(/[^a-z0-9]+/)
  const isTaking = words.some((word) => takes.test(word))
  const isOver = words.some((word) => overwrites.test(word))
  if (!isTaking && !isOver) return []
  const found = kinds.filter(([what]) => words.some((word) => what.test(word)))
  if (found.length === 0) return []
  const lost: readonly DestroyKind[] = isTaking ? found.map(([, kind]) => kind) : ['overwrite']
  return [destroys(name, lost, `\`${tool}\` says by its name that it takes something away`)]
}
