/** One MCP server's entry in a host's file of JSON, made to start Firebreak. */
import { isObject } from '../../base/json.ts'
import type { Json, JsonObject } from '../../base/json.ts'
import { FirebreakError } from '../../base/error.ts'
import type { McpServer, Route } from './host.ts'
import { broken, readText, withoutValue, withValue } from './json-text.ts'
import { startsUs } from './mcp-read.ts'

/** How one host writes a server that it starts, and the text by which it takes a variable out of its own environment. */
export interface McpForm {
  readonly command: 'text and args' | 'list'
  readonly env: 'env' | 'environment'
  /** Members that a server started as a process must have here. */
  readonly also: JsonObject
  readonly variable: (name: string) => string
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
  const led = url === undefined ? [] : ['--url', url]
  const words = [...argv, 'mcp', target ?? targetName(server.name), ...led]
  if (!startsUs(words))
    throw new FirebreakError('internal', `\`${words.join(' ')}\` would not be known again as ours`)
  return words
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
