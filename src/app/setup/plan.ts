/** What `firebreak init` would do, before it does any of it. Pure over what was seen. */
import { dirname } from 'node:path'
import { stringify } from 'yaml'
import { FirebreakError } from '../../base/error.ts'
import type { Found } from '../../scan/find.ts'
import { withAddition } from '../config-add.ts'
import { changed } from '../hosts/place.ts'
import type { FileChange, Host, HookCommand, McpServer, Place } from '../hosts/host.ts'
import type { Homes } from './names.ts'
import type { Seen } from './seen.ts'
import { serveMcp } from './mcp-served.ts'
import { grantMark, serve } from './served.ts'
import type { RailwayFacts, Ways } from './served.ts'
import { rewritten } from './span.ts'
import type { Span } from './span.ts'
import { openTargets } from './targets.ts'
import type { Wanted } from './targets.ts'

export interface Stays {
  /** A credential, or an MCP server. */
  readonly what: string
  readonly file: string
  readonly line: number | null
  /** It reaches little: nobody need do anything. */
  readonly low: boolean
  readonly why: string
  readonly todo: string
}

export interface Plan {
  readonly targets: readonly Wanted[]
  /** Every file as it will be, the config among them; a grant is `grantMark` until it is minted. */
  readonly files: readonly FileChange[]
  readonly stays: readonly Stays[]
  /** Hosts that get a hook now; and what keeps one from it. */
  readonly hooked: readonly Host[]
  readonly unhooked: readonly { readonly host: Host; readonly why: string }[]
}

export interface Planning {
  readonly place: Place
  readonly seen: Seen
  readonly config: { readonly path: string; readonly before: string | null }
  /** The names of its targets. */
  readonly taken: readonly string[]
  /** Whether one of them is this machine's shell already. */
  readonly hasShell: boolean
  readonly homes: Homes
  readonly ways: Ways
  /** Where the page is served; null where the config stays as it is. */
  readonly page: string | null
  readonly hook: HookCommand
  readonly firebreak: HookCommand
  readonly railway: (found: Found) => RailwayFacts | null
  /** MCP servers without a credential too. */
  readonly all: boolean
}

export function planOf(planning: Planning): Plan {
  const targets = openTargets(planning.taken)
  const stays: Stays[] = []
  const written = credentials(planning, targets, stays)
  const through = servers(planning, targets, { written, stays })
  const { files, hooked, unhooked } = hooks(planning, through)
  mustBeUnmarked(files)
  withShell(planning, targets)
  const config = configWith(planning, targets.all())
  const all = config === null ? files : [config, ...files]
  return { targets: targets.all(), files: all.filter(isChange), stays, hooked, unhooked }
}

/** Where hooks are, what they hold can wait for a person: for that this machine's shell is a target. */
function withShell({ seen, hasShell }: Planning, targets: Open): void {
  if (seen.hosts.length === 0 || hasShell) return
  targets.of('shell', () => ({ like: 'laptop', entry: { platform: 'shell' }, secret: null }))
}

type Open = ReturnType<typeof openTargets>

interface Written {
  readonly files: readonly FileChange[]
  /** Texts of secrets that are gone from where they stood. */
  readonly handled: ReadonlySet<string>
}

function credentials(
  { place, seen, ways, railway }: Planning,
  targets: Open,
  stays: Stays[],
): Written {
  const spans = new Map<string, Span[]>()
  const handled = new Set<string>()
  for (const found of seen.found) {
    const { file, line } = found.at
    const why = seen.fixed.get(file)
    const served =
      why === undefined
        ? serve(found, place.read(file) ?? '', { targets, ways, railway })
        : { stays: why, todo: 'put it right or take it out by hand, then run this again' }
    if ('stays' in served) {
      const what = `${found.rule}${found.name === null ? '' : ` (${found.name})`}`
      if (!isOfMcp(found, seen.servers))
        stays.push({ what, file, line, low: found.low, why: served.stays, todo: served.todo })
      continue
    }
    spans.set(file, [...(spans.get(file) ?? []), ...served])
    handled.add(found.secret.reveal())
  }
  const files = [...spans].map(([path, list]) => {
    const before = place.read(path) ?? ''
    return { path: place.real(path), before, after: rewritten(before, list) }
  })
  return { files, handled }
}

/** What stands where a grant will stand is ours alone: whoever wrote it before us would be given one in a place of their choice. */
function mustBeUnmarked(files: readonly FileChange[]): void {
  const marked = files.find(({ before }) => before?.includes(grantMark) === true)
  if (marked !== undefined)
    throw new FirebreakError(
      'bad_input',
      `\`${marked.path}\` holds \`${grantMark}\`, which only Firebreak writes`,
      'take it out, then run this again',
    )
}

/** A credential in the entry of an MCP server is told with its server. */
function isOfMcp({ at, secret }: Found, servers: readonly McpServer[]): boolean {
  const own = secret.reveal()
  return servers.some(
    ({ file, env, headers, command, url }) =>
      file === at.file &&
      [...Object.values(env), ...Object.values(headers), ...command, url ?? ''].some((text) =>
        text.includes(own),
      ),
  )
}

function servers(
  { place, seen, firebreak, ways, config, all }: Planning,
  targets: Open,
  { written, stays }: { readonly written: Written; readonly stays: Stays[] },
): readonly FileChange[] {
  let files = written.files
  for (const server of seen.servers) {
    const cwd =
      place.real(dirname(config.path)) === place.real(place.checkout) ? '.' : place.checkout
    const served = serveMcp(server, targets, { handled: written.handled, cwd, all })
    if (served.kind === 'stays')
      stays.push({
        what: `MCP server ${server.name}`,
        file: server.file,
        line: null,
        low: false,
        ...served,
      })
    if (served.kind !== 'through') continue
    const host = seen.hosts.find(({ name }) => name === server.host)
    if (host === undefined) continue
    const route = {
      command: firebreak,
      target: served.target,
      grant: grantMark,
      ...(ways.listen === usualListen ? {} : { url: `http://${ways.listen}` }),
    }
    files = merged(files, [host.throughFirebreak(changed(place, files), server, route)])
  }
  return files
}

function hooks(
  { place, seen, hook }: Planning,
  before: readonly FileChange[],
): Pick<Plan, 'files' | 'hooked' | 'unhooked'> {
  let files = before
  const hooked: Host[] = []
  const unhooked: { host: Host; why: string }[] = []
  for (const host of seen.hosts)
    try {
      const changes = host.hooks(changed(place, files), hook)
      if (changes.length > 0) hooked.push(host)
      files = merged(files, changes)
    } catch (thrown) {
      if (!(thrown instanceof FirebreakError)) throw thrown
      unhooked.push({ host, why: thrown.message })
    }
  return { files, hooked, unhooked }
}

/** Where `firebreak mcp` looks by itself. */
const usualListen = '127.0.0.1:7077'

/** One change for each file: what it was first, and what it is last. */
function merged(files: readonly FileChange[], more: readonly FileChange[]): readonly FileChange[] {
  const all = new Map(files.map((each) => [each.path, each]))
  for (const each of more) {
    const first = all.get(each.path)
    all.set(each.path, first === undefined ? each : { ...first, after: each.after })
  }
  return [...all.values()]
}

function isChange({ before, after }: FileChange): boolean {
  return before !== after
}

function configWith(
  { config: { path, before }, homes, ways, page }: Planning,
  wanted: readonly Wanted[],
): FileChange | null {
  if (before === null) {
    const targets = Object.fromEntries(wanted.map(({ name, entry }) => [name, entry]))
    const own = {
      version: 1,
      state: homes.state,
      key: { file: homes.key },
      listen: ways.listen,
      postgres: { listen: ways.postgres },
      console: page === null ? {} : { listen: page },
      targets,
      vault: { store: homes.vault },
    }
    return { path, before, after: `${head}${stringify(own, { lineWidth: 0 })}` }
  }
  let after: string | null = before
  for (const { name, entry } of wanted)
    after =
      after === null
        ? null
        : withAddition(after, { name, target: entry, database: null, store: null })
  if (after === null)
    throw new FirebreakError(
      'bad_config',
      `\`${path}\` is written in a way that nothing can be put into it with certainty`,
      'write its `targets:` as a plain block, or add these by hand: ' +
        wanted.map(({ name }) => name).join(', '),
    )
  return { path, before, after }
}

const head = `# Written by \`firebreak init\`; it holds no secret. Every environment counts as protected until it says \`protected: false\`.
`
