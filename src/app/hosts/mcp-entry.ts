/** One MCP server in a host's JSON file: what is named there, and the same entry started by Firebreak. */
import { basename } from 'node:path'
import { isObject, textOf } from '../../base/json.ts'
import type { Json, JsonObject } from '../../base/json.ts'
import { FirebreakError } from '../../base/error.ts'
import type { McpServer, Route } from './host.ts'
import { broken, readText, withoutValue, withValue } from './json-text.ts'
import type { Leniency } from './json-text.ts'

/** A file with a list of servers somewhere in it. */
export interface McpFile {
  readonly path: string
  readonly at: readonly string[]
  readonly leniency: Leniency
}

/** How one host writes a server that it starts, and the text by which it takes a variable out of its own environment. */
export interface McpForm {
  readonly command: 'text and args' | 'list'
  readonly env: 'env' | 'environment'
  /** Members that a server started as a process must have here. */
  readonly also: JsonObject
  readonly variable: (name: string) => string
}

export function serversIn(
  host: string,
  { path, at, leniency }: McpFile,
  text: string,
): readonly McpServer[] {
  let list: Json | undefined = text.trim() === '' ? {} : readText(path, text, leniency)
  for (const key of at) list = isObject(list) ? list[key] : undefined
  if (list === undefined || list === null) return []
  if (!isObject(list)) throw broken(path, `has \`${at.join('.')}\` in another form than an object`)
  return Object.entries(list).flatMap(([name, entry]) =>
    isObject(entry) ? serverOf({ host, file: path, at: [...at, name], name }, entry) : [],
  )
}

/** What an entry says, in whichever of the forms in use; none where it names neither a program nor a URL. */
export function serverOf(
  where: Pick<McpServer, 'host' | 'file' | 'at' | 'name'>,
  entry: JsonObject,
): readonly McpServer[] {
  const command = [entry['command'], entry['args']].flatMap((part) =>
    Array.isArray(part)
      ? part.map((word: Json) => textOf(word))
      : textOf(part) === ''
        ? []
        : [textOf(part)],
  )
  const url =
    ['httpUrl', 'serverUrl', 'url'].map((key) => textOf(entry[key])).find((each) => each !== '') ??
    null
  if (command.length === 0 && url === null) return []
  const headers = textsOf(entry['headers'] ?? entry['http_headers'])
  const kind = command.length > 0 ? 'command' : 'url'
  const env = textsOf(entry['env'] ?? entry['environment'])
  const isOurs = kind === 'command' ? startsUs(command) : url !== null && isUs(url, headers, entry)
  return [{ ...where, kind, command, url: kind === 'url' ? url : null, env, headers, isOurs }]
}

function textsOf(value: Json | undefined): Readonly<Record<string, string>> {
  if (!isObject(value)) return {}
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [
      key,
      typeof each === 'string' ? each : JSON.stringify(each),
    ]),
  )
}

const runners = /^(node|bun|npx|bunx|pnpx)(\.exe|\.cmd)?$/

/** `firebreak mcp …`, by itself or by a runner of the kind that our own command may be. */
function startsUs(command: readonly string[]): boolean {
  const words = command.filter((word) => !word.startsWith('-'))
  const [program = '', first = '', second = ''] = words
  if (nameOf(program) === 'firebreak') return first === 'mcp'
  const isFile = /(^|[/\\])firebreak([/\\](bin|dist|src)[/\\].*)?(\.[cm]?[jt]s)?(@[\w.-]+)?$/.test(
    first,
  )
  return runners.test(basename(program)) && isFile && second === 'mcp'
}

function nameOf(program: string): string {
  return basename(program.replaceAll('\\', '/')).replace(/\.(exe|cmd|ps1)$/, '')
}

/** A grant is shown to one server alone: Firebreak. */
function isUs(url: string, headers: Readonly<Record<string, string>>, entry: JsonObject): boolean {
  const tokens = [...Object.values(headers), textOf(entry['bearer_token_env_var'])]
  return URL.canParse(url) && tokens.some((token) => /\bfbk_|FIREBREAK_GRANT/.test(token))
}

/** A name that `firebreak.yaml` takes for a target. */
export function targetName(server: string): string {
  const name = server
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^[^a-z]+|-+$/g, '')
    .slice(0, 40)
    .replace(/-+$/, '')
  return name === '' ? 'mcp' : name
}

/** What is started in its place. */
export function routed(
  server: Pick<McpServer, 'name'>,
  { command: { argv }, target, url }: Route,
): readonly string[] {
  if (basename(argv.at(-1) ?? '') === 'hook.cjs')
    throw new FirebreakError(
      'internal',
      'the hook’s own file has no `mcp`: firebreak itself is meant',
    )
  return [
    ...argv,
    'mcp',
    target ?? targetName(server.name),
    ...(url === undefined ? [] : ['--url', url]),
  ]
}

/** What a server's entry may have that belongs to the way it was reached before: a credential stands in any of them. */
const ofTheOldWay =
  /^(type|transport|command|args|env|environment|envFile|cwd|url|httpUrl|serverUrl|headers|headersHelper|auth|oauth|authProviderType|oauthScopes|requestInit)$/

/** The text with this server's entry going through Firebreak; what else the entry says stays. */
export function withRoute(text: string, server: McpServer, form: McpForm, route: Route): string {
  const root = readText(server.file, text, 'commas')
  let entry: Json | undefined = root
  for (const key of server.at) entry = isObject(entry) ? entry[key] : undefined
  if (!isObject(entry)) throw broken(server.file, `names no server \`${server.name}\` any more`)
  const wanted = entryFor(server, form, route)
  let now = text
  for (const key of Object.keys(entry))
    if (ofTheOldWay.test(key) && !(key in wanted)) now = withoutValue(now, [...server.at, key])
  for (const [key, value] of Object.entries(wanted))
    now = withValue(now, [...server.at, key], value)
  return now
}

function entryFor(
  server: McpServer,
  { command, env, also, variable }: McpForm,
  route: Route,
): JsonObject {
  const [program = '', ...args] = routed(server, route)
  const started = command === 'list' ? { command: [program, ...args] } : { command: program, args }
  return {
    ...also,
    ...started,
    [env]: { FIREBREAK_GRANT: route.grant ?? variable('FIREBREAK_GRANT') },
  }
}
