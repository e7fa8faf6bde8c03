/** `firebreak.yaml`, read strictly: an unknown key, a wrong type or a duplicate refuses to start and says where. */
import { dirname, resolve } from 'node:path'
import * as v from 'valibot'
import { LineCounter, isMap, isNode, parseDocument } from 'yaml'
import type { Document } from 'yaml'
import { FirebreakError, messageOf } from '../base/error.ts'
import { address, consolePlace, path } from './config-console.ts'
import { restic } from './config-restic.ts'
import { name, target } from './config-targets.ts'
import type { TargetEntry } from './config-targets.ts'
import { duration, notify, sharedBy } from './config-notify.ts'
import { isService } from '../vault/restic-place.ts'
import { pathFrom } from './path.ts'
import { readRegular } from './regular-file.ts'
import { parseSize } from './retention-size.ts'

const size = v.pipe(
  v.string(),
  v.check((text) => (parseSize(text) ?? 0) > 0, 'is no size; write `500MB`, `200GB` or `2TB`'),
  v.transform((text) => parseSize(text) ?? 0),
)
const count = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1_000_000))
/** An owner of the vault: whose age identity opens it. What is mistyped shows when a key is wrapped to it. */
const recipient = v.pipe(
  v.string(),
  v.check(
    (text) => !text.startsWith('AGE-SECRET-KEY-'),
    'is a private key, which has no place here: make a new one, and name what `age-keygen -y` prints',
  ),
  v.check(
    (text) => !text.startsWith('ssh-'),
    'is an SSH key: make an age one with `age-keygen`, and name what `age-keygen -y` prints',
  ),
  v.regex(/^age1[0-9a-z]{50,3000}$/, 'is no age recipient: it reads `age1…`'),
)
/** Where a thing's bytes are read: files in a folder, or a target whose database is all that lives in it. */
const source = v.union([
  v.strictObject({
    covers: path,
    path,
    restic: v.optional(restic),
    /** A point and a drill as often as that, whatever agents do; else a point before each act alone. */
    every: v.optional(duration),
    drill: v.optional(duration),
  }),
  v.strictObject({ covers: path, database: name }),
])

/** A second place of every point: a bucket with Object Lock. */
const bucket = v.strictObject({
  name: v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'is no name of a bucket')),
  region: v.optional(v.pipe(v.string(), v.nonEmpty('must not be empty')), 'us-east-1'),
  /** Of a service that is not AWS. */
  endpoint: v.optional(v.pipe(v.string(), v.url('must be a URL'))),
  prefix: v.optional(
    v.pipe(v.string(), v.regex(/^[^/].*[^/]$|^.?$/, 'must not begin or end with `/`')),
    'firebreak',
  ),
  /** Its name in custody. */
  credential: v.optional(name, 'bucket'),
  /** How long what is put stays locked; a point that is leaned on, or is the last good one, longer. */
  keep: v.optional(duration, '35d'),
  /** How long WAL that is in no whole segment yet may wait until it is there too. */
  tail: v.optional(v.pipe(duration, v.minValue(1000, 'must be a second or more')), '60s'),
  /** Whose the bucket is, beside what it saves: no attack can show that. */
  apart: v.optional(
    v.picklist(['same account', 'other account', 'other provider']),
    'same account',
  ),
  /** Further credentials in custody that the canary attack is tried with. */
  attackers: v.optional(v.array(name), []),
})

const schema = v.strictObject({
  version: v.literal(1),
  state: v.optional(path, '.firebreak'),
  listen: v.optional(address, '127.0.0.1:7077'),
  /** Where Postgres clients come in. Without a certificate a grant is taken from this machine alone. */
  postgres: v.optional(
    v.strictObject({
      listen: v.optional(address, '127.0.0.1:6432'),
      tls: v.optional(v.strictObject({ cert: path, key: path })),
    }),
    {},
  ),
  /** The page for people, served where it is named. Passkeys are bound to `origin`: `localhost`, or a name with a certificate. */
  console: v.optional(consolePlace),
  mode: v.optional(v.picklist(['enforce', 'shadow']), 'enforce'),
  key: v.optional(
    v.union([
      v.strictObject({ file: path }),
      v.strictObject({ env: v.pipe(v.string(), v.regex(/^[A-Z_][A-Z0-9_]*$/)) }),
      v.strictObject({ credential: path }),
    ]),
  ),
  targets: v.record(name, target),
  vault: v.optional(
    v.strictObject({
      store: path,
      sources: v.optional(v.array(source), []),
      /** The owners: whoever holds one of their identities opens the vault, with nothing else left. */
      recipients: v.optional(v.pipe(v.array(recipient), v.maxLength(10)), []),
      minimum: v.optional(v.picklist(['V0', 'V1', 'V2', 'V3', 'V4', 'V5']), 'V1'),
      /** Databases by target: how often a point is taken and a drill held, and what must hold in a restored copy. */
      databases: v.optional(
        v.record(
          name,
          v.strictObject({
            /** `physical`: base backups and every byte of WAL, for any moment in between; it needs the right to replicate. */
            engine: v.optional(v.picklist(['logical', 'physical']), 'logical'),
            every: v.optional(duration),
            drill: v.optional(duration),
            holds: v.optional(v.array(v.pipe(v.string(), v.nonEmpty('must not be empty'))), []),
          }),
        ),
        {},
      ),
      bucket: v.optional(bucket),
      /** How long points stay before `firebreak vault prune` may take them; the last good one of each thing stays longer. */
      keep: v.optional(duration, '35d'),
      /** How much the vault's folder may hold; as much as its disk where nothing is said. */
      quota: v.optional(size),
      /** Where the servers of drills lie; a folder of the system's for what is temporary, where nothing is said. */
      scratch: v.optional(path),
    }),
  ),
  links: v.optional(v.array(v.strictObject({ holder: path, held: path })), []),
  /** Things that are Firebreak's own, as `target/type/id`: no agent may touch them. */
  lifeline: v.optional(v.array(path), []),
  policies: v.optional(path),
  grace: v.optional(duration),
  /** Who is told, and by what. */
  notify: v.optional(notify),
  limits: v.optional(
    v.strictObject({
      hold: v.optional(duration, '4h'),
      outcome: v.optional(duration, '24h'),
      openHolds: v.optional(count, 20),
      burst: v.optional(v.strictObject({ count, window: duration }), { count: 5, window: '1m' }),
      bodyBytes: v.optional(count, 1_000_000),
      /** Rows that one principal may change or delete in an hour, where its grant says nothing. */
      rows: v.optional(count, 100),
    }),
    {},
  ),
})

export type Config = v.InferOutput<typeof schema> & {
  /** The file it came from; relative paths in it start at its folder. */
  readonly file: string
}

/** Reads and checks a config file, or `text` as what would stand in it; throws `bad_config` with file, line, key and what to do. */
export function readConfig(file: string, text: string = readText(file)): Config {
  const lines = new LineCounter()
  const doc = parseDocument(text, { lineCounter: lines, uniqueKeys: true, strict: true })
  const fault = doc.errors[0] ?? doc.warnings[0]
  if (fault !== undefined) {
    const { line } = lines.linePos(fault.pos[0])
    throw bad(`${file}:${line}`, messageOf(fault).split(' at line ')[0] ?? 'cannot be read')
  }
  const result = v.safeParse(schema, doc.toJS({ maxAliasCount: 20 }), { abortPipeEarly: true })
  if (result.success) {
    const config = { ...result.output, file: resolve(file) }
    const shared = config.notify === undefined ? null : sharedBy(config.notify, ownNames(config))
    if (shared === null) return withPaths(config)
    const { channel, credential } = shared
    throw bad(
      `${file}:${lineOf(doc, lines, ['notify', 'channels', channel])}`,
      `\`notify.channels.${channel}\` would be sent the credential \`${credential}\`, which is kept for something else: say another \`credential\`, or name the channel otherwise`,
    )
  }
  const [issue] = result.issues
  const keys = (issue.path ?? []).map((item) => String(item.key))
  throw bad(`${file}:${lineOf(doc, lines, keys)}`, say(keys, issue))
}

/** A grant or an id that a config names must be found by people too: the declared environments of one target. */
export function environmentIds(
  entry: Config['targets'][string],
): readonly (readonly [string, string])[] {
  return Object.entries(entry.environments).flatMap(([label, { id }]) =>
    (typeof id === 'string' ? [id] : id).map((each) => [label, each] as const),
  )
}

/** Names in custody that are for targets, the vault or the console's sign-in. */
function ownNames({ targets, vault, console: page }: Config): ReadonlySet<string> {
  const { credential, attackers = [] } = vault?.bucket ?? {}
  const sources = (vault?.sources ?? []).flatMap((each) => ('restic' in each ? each.restic : []))
  const opened = sources.flatMap((restic) => [restic?.password, restic?.credential])
  const all = [...Object.keys(targets), credential, ...attackers, ...opened]
  return new Set([...all, page?.oidc?.credential].filter((each) => each !== undefined))
}

function withPaths(config: Config): Config {
  const at = (text: string): string => pathFrom(dirname(config.file), text)
  const targets = Object.entries(config.targets).map(
    ([key, entry]) => [key, entryAt(entry, at)] as const,
  )
  const { vault, key, postgres, console: page } = config
  const tlsAt = <
    T extends { readonly tls?: { readonly cert: string; readonly key: string } | undefined },
  >(
    entry: T,
  ): T =>
    entry.tls === undefined
      ? entry
      : { ...entry, tls: { cert: at(entry.tls.cert), key: at(entry.tls.key) } }
  const keyFile = key !== undefined && 'file' in key ? { key: { file: at(key.file) } } : {}
  return {
    ...config,
    ...keyFile,
    state: at(config.state),
    postgres: tlsAt(postgres),
    ...(page === undefined ? {} : { console: tlsAt(page) }),
    targets: Object.fromEntries(targets),
    ...(config.policies === undefined ? {} : { policies: at(config.policies) }),
    ...(vault === undefined
      ? {}
      : {
          vault: {
            ...vault,
            store: at(vault.store),
            ...(vault.scratch === undefined ? {} : { scratch: at(vault.scratch) }),
            sources: vault.sources.map((each) => ('path' in each ? placed(each, at) : each)),
          },
        }),
  }
}

function entryAt(entry: TargetEntry, at: (text: string) => string): TargetEntry {
  const placed = entry.ca === undefined ? entry : { ...entry, ca: at(entry.ca) }
  return placed.platform === 'mcp' && placed.cwd !== undefined
    ? { ...placed, cwd: at(placed.cwd) }
    : placed
}

type FolderSource = Extract<
  NonNullable<Config['vault']>['sources'][number],
  { readonly path: string }
>

function placed(source: FolderSource, at: (text: string) => string): FolderSource {
  const { path, restic } = source
  if (restic === undefined || isService(restic.repository)) return { ...source, path: at(path) }
  return { ...source, path: at(path), restic: { ...restic, repository: at(restic.repository) } }
}

function readText(file: string): string {
  try {
    return readRegular(file).toString('utf8')
  } catch (cause) {
    throw new FirebreakError(
      'bad_config',
      `the config \`${file}\` cannot be read: ${messageOf(cause)}`,
      'write one with `firebreak init`, or name it with `--config`',
      cause,
    )
  }
}

function say(keys: readonly string[], issue: v.BaseIssue<unknown>): string {
  const key = keys.join('.')
  if (issue.type === 'strict_object' && issue.expected === 'never')
    return `\`${key}\` is no key that Firebreak knows`
  if (issue.received === 'undefined') return `\`${key}\` is missing`
  return `\`${key}\` ${issue.type === 'check' || issue.type === 'regex' ? issue.message : `must be ${issue.expected ?? 'something else'}, and is ${issue.received}`}`
}

/** The line of the deepest part of the path that stands in the file: the key's own, where it has one. */
function lineOf(doc: Document, lines: LineCounter, keys: readonly string[]): number {
  for (let depth = keys.length; depth > 0; depth -= 1) {
    const parent: unknown = depth === 1 ? doc.contents : doc.getIn(keys.slice(0, depth - 1), true)
    const pair = isMap(parent)
      ? parent.items.find(({ key }) => String(key) === keys[depth - 1])
      : null
    const range = isNode(pair?.key) ? pair.key.range : null
    if (range !== null && range !== undefined) return lines.linePos(range[0]).line
  }
  return 1
}

function bad(where: string, what: string): FirebreakError {
  return new FirebreakError(
    'bad_config',
    `${where}: ${what}`,
    'correct it and start again; nothing runs until then',
  )
}
