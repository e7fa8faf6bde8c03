/** What Firebreak's own MCP server is handed: the guard's preview of a question, and the recovery points that a grant may know of. */
import { FirebreakError } from '../base/error.ts'
import { isObject, toJson } from '../base/json.ts'
import type { JsonObject } from '../base/json.ts'
import { loadSql } from '../classify/payload-sql.ts'
import type { Operation } from '../core/operation.ts'
import type { Principal } from '../core/principal.ts'
import type { Mount } from '../gateways/http/house.ts'
import { toldBody } from '../gateways/http/answer.ts'
import { openOwnServer } from '../gateways/mcp/own.ts'
import type { Firebreak } from './compose.ts'
import { explainLine } from './explain.ts'
import { version } from './version.ts'

export function ownMount(firebreak: Firebreak): Mount {
  return openOwnServer({
    guard: firebreak.guard,
    preflight: async (principal, question) => await preflight(firebreak, principal, question),
    points: async (principal) => await points(firebreak, principal),
    version: version(),
    bodyBytes: firebreak.config.limits.bodyBytes,
  })
}

async function preflight(
  firebreak: Firebreak,
  principal: Principal,
  question: JsonObject,
): Promise<JsonObject> {
  const { target } = question
  if (typeof target !== 'string') return await explained(firebreak, question)
  const operations = operationsFor(firebreak, target, question)
  const { verdict, told } = await firebreak.guard.preview({
    principal,
    target,
    platform: firebreak.config.targets[target]?.platform ?? '',
    operations,
    key: null,
    request: null,
    reason: null,
  })
  const body = toldBody(
    { ...told, verdict: 'deny' },
    { kind: 'denied', status: 200, statusUrl: null },
  )
  const { operation, effect, findings, blastRadius, alternatives } = isObject(body) ? body : {}
  const facts = toJson({
    verdict,
    operation,
    effect,
    findings,
    blastRadius,
    alternatives,
    measured: true,
  })
  return isObject(facts) ? facts : {}
}

/** As that target's gateway reads it. */
function operationsFor(
  { targets, mcps }: Firebreak,
  target: string,
  { graphql, variables, tool, arguments: args }: JsonObject,
): readonly Operation[] {
  const platform = targets.get(target)
  if (platform !== undefined && typeof graphql === 'string')
    return platform.target.read({
      method: 'POST',
      path: platform.platform.path,
      query: '',
      contentType: 'application/json',
      contentEncoding: null,
      accept: null,
      body: Buffer.from(JSON.stringify({ query: graphql, variables: variables ?? {} })),
    })
  const server = mcps.get(target)
  if (server !== undefined && typeof tool === 'string') {
    const params = { name: tool, arguments: isObject(args) ? args : {} }
    return server.target.read({ method: 'tools/call', params }, server.catalog.known(tool))
  }
  throw new FirebreakError(
    'bad_input',
    `no question that \`${target.slice(0, 40)}\` could answer: a platform takes \`graphql\`, an MCP server \`tool\``,
  )
}

/** Of a text alone: what it would do in a protected environment of which nothing was measured. */
async function explained({ policy }: Firebreak, { sql, command }: JsonObject): Promise<JsonObject> {
  await loadSql()
  const asked =
    typeof sql === 'string'
      ? { kind: 'sql', text: sql }
      : { kind: 'shell', command: command ?? null }
  const { line } = explainLine(JSON.stringify(asked), policy)
  if (typeof line['error'] === 'string')
    throw new FirebreakError(
      'bad_input',
      `give \`target\`, \`sql\` or \`command\`: ${line['error']}`,
    )
  const { verdict = null, operation = null, effect = null, findings = null } = line
  return { verdict, operation, effect, findings, measured: false }
}

async function points({ state }: Firebreak, { scope }: Principal): Promise<readonly JsonObject[]> {
  const rows = await state.read((tx) => tx.find('point', {}))
  const mine = rows.filter(({ covers }) =>
    covers.some(({ target }) => scope.targets === null || scope.targets.includes(target)),
  )
  return mine.slice(-mostPoints).map(({ id, place, grade, takenAt, verifiedAt, covers }) => ({
    id,
    place,
    grade,
    takenAt: new Date(takenAt).toISOString(),
    verifiedAt: verifiedAt === null ? null : new Date(verifiedAt).toISOString(),
    covers: covers.map(({ target, type, id: thing }) => `${target}/${type}/${thing}`),
  }))
}

/** The newest of them; more are read by nobody. */
const mostPoints = 50
