/** MCP servers as hosts would reach them: those past Firebreak are named, and through Firebreak each is asked for its tools. */
import { messageOf } from '../../base/error.ts'
import { plain } from '../../base/plain.ts'
import { Secret } from '../../base/secret.ts'
import type { Finding } from '../../core/verdict.ts'
import { openUpstream } from '../../gateways/http/upstream.ts'
import { openHttpLine } from '../../gateways/mcp/http-line.ts'
import { allTools } from '../../gateways/mcp/line.ts'
import { openStdioLine } from '../../gateways/mcp/stdio-line.ts'
import type { Line } from '../../gateways/mcp/target.ts'
import { isHere } from '../config-targets.ts'
import { withEnv } from './env-text.ts'
import type { McpServer, Place } from './host.ts'
import { fileOfCheckout } from './of-checkout.ts'

/** As long as a host waits for a server that it starts. */
const mostMs = 15_000

/** One finding for each server that is reached past Firebreak, or through it and does not answer. `tools/list` alone is asked. */
export async function mcpFindings(
  servers: readonly McpServer[],
  place: Place,
): Promise<readonly Finding[]> {
  const found: Finding[] = []
  for (const server of servers.filter(({ isOff }) => !isOff)) {
    const finding = server.isOurs ? await tried(server, place) : past(server)
    if (finding !== null) found.push(finding)
  }
  return found
}

function past(server: McpServer): Finding {
  const way = server.kind === 'url' ? 'reached by its URL' : 'started by itself'
  return {
    rule: 'mcp-past-firebreak',
    message: `${whereOf(server)} is ${way}, past Firebreak; \`firebreak init --all-servers\` puts Firebreak in between`,
  }
}

function whereOf({ host, file, name }: McpServer): string {
  return `${host}, \`${file}\`: the MCP server \`${plain(name)}\``
}

async function tried(server: McpServer, place: Place): Promise<Finding | null> {
  const where = whereOf(server)
  const theirs = fileOfCheckout(server.command, place)
  if (theirs !== null)
    return {
      rule: 'mcp-past-firebreak',
      message: `${where} looks like Firebreak, and starts \`${plain(theirs)}\` of this checkout: it was not started; take it out, or run \`firebreak init\``,
    }
  const filled = (texts: Readonly<Record<string, string>>): Record<string, string> =>
    Object.fromEntries(
      Object.entries(texts).map(([name, text]) => [name, withEnv(text, place.env)]),
    )
  const given = { ...server, env: filled(server.env), headers: filled(server.headers) }
  const why = untriable(given)
  if (why !== null)
    return {
      rule: 'mcp-untried',
      message: `${where} goes through Firebreak, and was not tried: ${why}`,
    }
  try {
    await (given.kind === 'url' ? overHttp(given) : overLines(given, place))
    return null
  } catch (thrown) {
    // That it does not answer is what is told.
    const said = plain(messageOf(thrown).replaceAll(/fbk_[\w-]+/g, '[grant]'))
    return {
      rule: 'mcp-silent',
      message: `${where} goes through Firebreak, and names no tools: ${said}`,
    }
  }
}

/** The grant is shown to a Firebreak on this machine alone. */
function untriable({ kind, url, env, headers }: McpServer): string | null {
  const grants = Object.values(kind === 'url' ? headers : env)
  if (!grants.some((text) => text.includes('fbk_')))
    return 'no grant is in this environment or in the file'
  return kind === 'command' || (url !== null && URL.canParse(url) && isHere(new URL(url).hostname))
    ? null
    : 'its URL leads to another machine'
}

async function overLines({ command, env }: McpServer, place: Place): Promise<void> {
  const signal = AbortSignal.timeout(mostMs)
  const started = { command, env: { ...ordinary(place), ...env }, cwd: place.checkout }
  const line = await openStdioLine(started, signal)
  await named(line)
}

async function overHttp({ url, headers }: McpServer): Promise<void> {
  const { origin, pathname } = new URL(url ?? '')
  const [[name, value] = ['authorization', '']] = Object.entries(headers).filter(([, text]) =>
    text.includes('fbk_'),
  )
  const limits = { connectMs: mostMs, headMs: mostMs, bodyMs: mostMs, connections: 2 }
  const credential = { name: name.toLowerCase(), prefix: '' }
  const upstream = openUpstream({ origin, basePath: pathname, credential }, limits, null)
  try {
    const line = await openHttpLine(upstream, new Secret(value), AbortSignal.timeout(mostMs))
    await named(line)
  } finally {
    await upstream.close()
  }
}

async function named(line: Line): Promise<void> {
  try {
    await allTools(line)
  } finally {
    await line.close()
  }
}

/** What hosts hand to a server at the least. */
function ordinary({ env }: Place): Readonly<Record<string, string>> {
  const names = ['PATH', 'HOME', 'USER', 'LANG', 'SHELL', 'TERM', 'TMPDIR']
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = env[name]
      return value === undefined ? [] : [[name, value]]
    }),
  )
}
