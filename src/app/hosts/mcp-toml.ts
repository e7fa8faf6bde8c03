/** MCP servers in Codex' `config.toml`: found, and one table changed with every other byte as it was. */
import { isDeepStrictEqual } from 'node:util'
import { parse, TomlError } from 'smol-toml'
import { isObject, toJson } from '../../base/json.ts'
import type { Json, JsonObject } from '../../base/json.ts'
import type { McpServer, Route } from './host.ts'
import { broken } from './json-text.ts'
import { routed } from './mcp-entry.ts'
import { serverOf } from './mcp-read.ts'
import { statementsOf, tomlOf } from './toml-lines.ts'
import type { Statement } from './toml-lines.ts'

const list = 'mcp_servers'

export function tomlServers(host: string, path: string, text: string): readonly McpServer[] {
  const servers = readToml(path, text)[list]
  if (servers === undefined) return []
  if (!isObject(servers)) throw broken(path, `has \`${list}\` in another form than a table`)
  return Object.entries(servers).flatMap(([name, entry]) =>
    isObject(entry) ? serverOf({ host, file: path, at: [list, name], name }, entry) : [],
  )
}

/** Keys of the way by which a server was reached before, and of its credentials. */
const ofTheOldWay =
  /^(command|args|env|env_vars|cwd|url|bearer_token|bearer_token_env_var|http_headers|env_http_headers|oauth\w*|scopes|auth|experimental_environment)$/

/** The text with this server's table starting Firebreak; what else the table says stays. */
export function withTomlRoute(text: string, server: McpServer, route: Route): string {
  const before = readToml(server.file, text)
  const entry = entryOf(before, server)
  const lines = linesFor(server, route)
  const all = statementsOf(text)
  const at = all.findIndex(
    ({ kind, keys }) => kind === 'table' && isDeepStrictEqual(keys, server.at),
  )
  if (entry === null || at === -1) throw otherForm(server)
  const eol = text.includes('\r\n') ? '\r\n' : '\n'
  const after = all.map((statement, nth) => {
    if (nth === at)
      return `${closed(statement.text, eol)}${lines.map((line) => line + eol).join('')}`
    return isOfTheOldWay(all, nth, server.at) ? '' : statement.text
  })
  const now = after.join('')
  const kept = Object.entries(entry).filter(([key]) => !ofTheOldWay.test(key))
  const own: unknown = parse(lines.join('\n'))
  const wanted = { ...Object.fromEntries(kept), ...(isObject(own) ? own : {}) }
  if (!isDeepStrictEqual(readToml(server.file, now), replaced(before, server, wanted)))
    throw otherForm(server)
  return now
}

function otherForm({ file, name }: McpServer): Error {
  return broken(
    file,
    `names \`${name}\` in another form than a table \`[${list}.${name}]\` of its own`,
  )
}

function entryOf(file: JsonObject, { name }: McpServer): JsonObject | null {
  const servers = file[list]
  const entry = isObject(servers) ? servers[name] : null
  return isObject(entry) ? entry : null
}

function replaced(file: JsonObject, { name }: McpServer, entry: JsonObject): JsonObject {
  const servers = file[list]
  return { ...file, [list]: { ...(isObject(servers) ? servers : {}), [name]: entry } }
}

/** Codex hands a server none of its environment but what is named. */
function linesFor(server: McpServer, route: Route): readonly string[] {
  const [program = '', ...args] = routed(server, route)
  return [
    `command = ${tomlOf(program)}`,
    `args = ${tomlOf(args)}`,
    route.grant === undefined
      ? `env_vars = ${tomlOf(['FIREBREAK_GRANT'])}`
      : `env = { FIREBREAK_GRANT = ${tomlOf(route.grant)} }`,
  ]
}

function closed(text: string, eol: string): string {
  return text.endsWith('\n') ? text : `${text}${eol}`
}

/** True for a pair of the server's own table or of a table below it, and for that table's name. */
function isOfTheOldWay(all: readonly Statement[], nth: number, at: readonly string[]): boolean {
  const { kind, keys } = all[nth] ?? { kind: 'nothing', keys: [] }
  if (kind === 'nothing') return false
  const table = all.slice(0, nth + 1).findLast((each) => each.kind === 'table')?.keys ?? []
  const way = kind === 'table' ? keys : [...table, ...keys]
  return isDeepStrictEqual(way.slice(0, at.length), at) && ofTheOldWay.test(way[at.length] ?? '')
}

/** The values of a TOML text; throws one clear line where it is none. */
export function readToml(path: string, text: string): JsonObject {
  try {
    const value: Json = plainOf(parse(text))
    return isObject(value) ? value : {}
  } catch (thrown) {
    if (!(thrown instanceof TomlError)) throw thrown
    throw broken(path, `is no TOML, in line ${thrown.line}`)
  }
}

/** Dates as they are written: nothing here asks for one. */
function plainOf(value: unknown): Json {
  const text: unknown = JSON.parse(JSON.stringify(value))
  return toJson(text)
}
