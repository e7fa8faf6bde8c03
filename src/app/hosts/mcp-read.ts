/** What a host's file says of an MCP server, in whichever of the forms in use. */
import { basename } from 'node:path'
import { isObject, textOf } from '../../base/json.ts'
import type { Json, JsonObject } from '../../base/json.ts'
import type { McpServer } from './host.ts'
import { broken, readText } from './json-text.ts'
import type { Leniency } from './json-text.ts'

/** A file with a list of servers somewhere in it. */
export interface McpFile {
  readonly path: string
  readonly at: readonly string[]
  readonly leniency: Leniency
}

/** All that a file of JSON names. */
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

/** What an entry says; none where it names neither a program nor a URL. */
export function serverOf(
  where: Pick<McpServer, 'host' | 'file' | 'at' | 'name'>,
  entry: JsonObject,
): readonly McpServer[] {
  const command = [...wordsOf(entry['command']), ...wordsOf(entry['args'])]
  const env = { ...handedOn(entry['env_vars']), ...textsOf(entry['env'] ?? entry['environment']) }
  const isOff = entry['disabled'] === true || entry['enabled'] === false
  const server = { ...where, command, env, headers: headersOf(entry), isOff }
  if (command.length > 0)
    return [{ ...server, kind: 'command', url: null, isOurs: startsUs(command) }]
  const urls = ['httpUrl', 'serverUrl', 'url'].map((key) => textOf(entry[key]))
  const url = urls.find((each) => each !== '')
  return url === undefined
    ? []
    : [{ ...server, kind: 'url', url, isOurs: isUs(url, server.headers) }]
}

function wordsOf(value: Json | undefined): readonly string[] {
  if (typeof value === 'string') return value === '' ? [] : [value]
  return Array.isArray(value) ? value.map((word: Json) => textOf(word)) : []
}

function textsOf(value: Json | undefined): Readonly<Record<string, string>> {
  if (!isObject(value)) return {}
  const texts = Object.entries(value).map(([key, each]) => [
    key,
    typeof each === 'string' ? each : JSON.stringify(each),
  ])
  return Object.fromEntries(texts)
}

/** Codex names the variables that it hands on, and those that go into a header. */
function handedOn(names: Json | undefined): Readonly<Record<string, string>> {
  const list: readonly Json[] = Array.isArray(names) ? names : []
  const texts = list.map((each) => textOf(isObject(each) ? each['name'] : each))
  return Object.fromEntries(
    texts.filter((name) => name !== '').map((name) => [name, `\${${name}}`]),
  )
}

function headersOf(entry: JsonObject): Readonly<Record<string, string>> {
  const token = textOf(entry['bearer_token_env_var'])
  const named = Object.entries(textsOf(entry['env_http_headers']))
  return {
    ...textsOf(entry['headers'] ?? entry['http_headers']),
    ...Object.fromEntries(named.map(([header, name]) => [header, `\${${name}}`])),
    ...(token === '' ? {} : { Authorization: `Bearer \${${token}}` }),
  }
}

const runners = /^(node|bun|npx|bunx|pnpx)(\.exe|\.cmd)?$/
const ownFile =
  /(^|[/\\])firebreak([/\\](bin|dist|src)[/\\].*)?(\.[cm]?[jt]s)?(@[\w.-]+)?$|[/\\]cli[/\\]main\.[jt]s$/

/** `firebreak mcp …`, by itself or by a runner of the kind that our own command may be. */
export function startsUs(command: readonly string[]): boolean {
  const [program = '', first = '', second = ''] = command.filter((word) => !word.startsWith('-'))
  if (nameOf(program) === 'firebreak') return first === 'mcp'
  return runners.test(nameOf(program)) && ownFile.test(first) && second === 'mcp'
}

function nameOf(program: string): string {
  return basename(program.replaceAll('\\', '/')).replace(/\.(exe|cmd|ps1)$/, '')
}

/** A grant is shown to one server alone: Firebreak. */
function isUs(url: string, headers: Readonly<Record<string, string>>): boolean {
  return (
    URL.canParse(url) && Object.values(headers).some((text) => /\bfbk_|FIREBREAK_GRANT/.test(text))
  )
}
