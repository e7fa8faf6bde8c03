/** The MCP servers of the config, opened: how their calls are read, the ways to them, and what runs an approved call. */
import { readFileSync } from 'node:fs'
import { FirebreakError } from '../base/error.ts'
import { digest } from '../base/json.ts'
import type { Json } from '../base/json.ts'
import type { Secret } from '../base/secret.ts'
import { loadSql } from '../classify/payload-sql.ts'
import type { Operation } from '../core/operation.ts'
import { openRedactors } from '../custody/redact.ts'
import type { Redactor, Visit } from '../gateways/http/house.ts'
import { openCatalog } from '../gateways/mcp/catalog.ts'
import type { Catalog } from '../gateways/mcp/catalog.ts'
import { allTools } from '../gateways/mcp/line.ts'
import { openMcpRunner } from '../gateways/mcp/runner.ts'
import type { McpTarget, Way } from '../gateways/mcp/target.ts'
import type { Notices, Runner, State } from '../guard/ports.ts'
import type { Surveyed } from '../platforms/platform.ts'
import type { OpenSeal } from '../custody/seal.ts'
import type { Config } from './config.ts'
import type { McpEntry } from './config-targets.ts'
import type { Credentials } from './credentials.ts'
import { openPins } from './mcp-pins.ts'
import { surveyOf, targetOf } from './mcp-target.ts'
import { openWay } from './mcp-ways.ts'
import type { Renewals } from './oauth/renewals.ts'
import { openStored } from '../gateways/mcp/asked.ts'
import type { Shows } from '../gateways/mcp/listed.ts'

export interface OpenMcp {
  readonly target: McpTarget
  readonly catalog: Catalog
  readonly way: Way
  readonly runner: Runner
  readonly credential: () => Promise<Secret | null>
  readonly redactor: (secret: Secret | null) => Redactor
  readonly survey: (operations: readonly Operation[]) => Surveyed
  /** What waited, read again by what was known of its tool then. */
  readonly reread: (request: Json) => readonly Operation[]
  readonly authorities: string | null
}

interface World {
  readonly state: State
  readonly seal: OpenSeal
  readonly credential: Credentials
  readonly notices: Pick<Notices, 'tell'>
  readonly renewals: Pick<Renewals, 'renew'>
}

export async function openMcps(
  config: Config,
  world: World,
): Promise<ReadonlyMap<string, OpenMcp>> {
  const entries = Object.entries(config.targets).flatMap(([name, entry]) =>
    entry.platform === 'mcp' ? [[name, entry] as const] : [],
  )
  if (entries.length > 0) await loadSql()
  const opened = entries.map(
    async ([name, entry]) => [name, await openMcp(name, entry, world)] as const,
  )
  return new Map(await Promise.all(opened))
}

async function openMcp(name: string, entry: McpEntry, world: World): Promise<OpenMcp> {
  const { state, seal, credential: credentials, notices, renewals } = world
  const { tell } = notices
  const target = targetOf(name, entry)
  const pinned = await openPins(name, entry.pins, {
    state,
    seal,
    tell: (message) => tell('mcp-pins', message, name),
  })
  const redactors = openRedactors()
  const redactor = (secret: Secret | null): Redactor =>
    secret === null ? untouched : redactors(secret)
  const credential = async (): Promise<Secret | null> => {
    if (entry.secret !== undefined) return await credentials.of(name)
    // A server that takes none is a program or a place all the same, and the config may be somebody else's.
    if (!credentials.isAllowed())
      throw new FirebreakError('custody_locked', 'no approver has accepted the config')
    return null
  }
  const catalog = openCatalog({
    pinned,
    changed: (tool, hash) =>
      tell(
        'mcp-tool-changed',
        `\`${name}\` tells of its tool \`${tool}\` in other words than before: its calls are held. To take the new words, write \`pins: { "${tool}": "${hash}" }\` for it, then \`firebreak accept\``,
        name,
      ),
    list: async () => {
      const line = await way.line(AbortSignal.timeout(10_000))
      try {
        return await allTools(line)
      } finally {
        await line.close()
      }
    },
  })
  const shows = ({ principal }: Visit): Shows => ({
    tool: (tool) => !catalog.note(tool).hasChanged && target.isShown(principal.scope, tool),
    changed: catalog.stale,
  })
  const way = openWay(name, entry, {
    credential,
    renew: async (refused) => await renewals.renew(name, refused),
    redactor,
    shows,
  })
  const runner = openMcpRunner({
    line: way.line,
    tools: async (line) => {
      const tools = await allTools(line)
      for (const tool of tools) catalog.note(tool)
      return tools
    },
    deadline: (ms) => AbortSignal.timeout(ms),
    redact: async (bytes) => {
      const looks = redactor(await credential())
      return Buffer.concat([looks.push(bytes), looks.end()])
    },
  })
  const authorities = entry.ca === undefined ? null : digest(readFileSync(entry.ca, 'utf8'))
  return {
    target,
    catalog,
    way,
    runner,
    credential,
    redactor,
    authorities,
    survey: surveyOf(name, entry),
    reread: (request) => reread(target, request),
  }
}

function reread(target: McpTarget, request: Json): readonly Operation[] {
  const stored = openStored(request)
  if (stored === null) throw new FirebreakError('broken_store', 'what is stored is not a request')
  return target.read(stored, stored.known)
}

const untouched: Redactor = {
  push: (chunk) => chunk,
  end: () => new Uint8Array(0),
  whole: (text) => text,
}
