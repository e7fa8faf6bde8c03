/** What the words of a tool's name say that it does. A name is a claim too: it can raise an alarm, and what it calm says is checked against what is handed to it. */
import type { DestroyKind, Effect } from '../../core/effect.ts'

export interface Claim {
  readonly effect: Effect
  readonly kinds: readonly DestroyKind[]
  /** The word that says so. */
  readonly word: string
  /** True where it runs a text that it is given: that text decides. */
  readonly runs: boolean
}

/** `deleteVolume`, `volume-delete`, `mcp__db__dropTable`: words in lower case. Accents are left out. */
export function wordsIn(name: string): readonly string[] {
  return plainText(name)
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replaceAll(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter(Boolean)
}

function plainText(name: string): string {
  return name.normalize('NFD').replaceAll(/\p{M}/gu, '')
}

/** What the name claims; null where none of its words is a verb that is known, or some are of a script that is not read here. */
export function claimOf(name: string): Claim | null {
  if (/[^\p{ASCII}]/u.test(plainText(name)) && /(?!\p{ASCII})\p{L}/u.test(plainText(name)))
    return null
  const words = wordsIn(name)
  if (isLossToCome(words)) return made('destroy', 'deletion', kindOf(words))
  const verb = verbIn(words)
  if (verb === null) return isView(words) ? made('read', words.at(-1) ?? '') : null
  const rest = words.filter((word) => word !== verb)
  return specialOf(verb, rest) ?? claims[verbs.get(verb) ?? 'read'](verb, rest, words)
}

/** The claim of a text that is a name itself: `action: "volume_delete"`; null for a sentence, unless it is an order. */
export function claimIn(text: string, isOrder = false): Claim | null {
  return (isOrder ? /^[^\n]{1,60}$/ : /^[\w.:/-]{1,60}$/).test(text) ? claimOf(text) : null
}

/** `schedule_key_deletion` deletes, `cancel_deletion` and `set_deletion_protection` do not. */
function isLossToCome(words: readonly string[]): boolean {
  const has = (list: ReadonlySet<string>): boolean => words.some((word) => list.has(word))
  const isCalm = has(keeping) || verbs.get(words.find((word) => verbs.has(word)) ?? '') === 'read'
  return has(losses) && !isCalm
}

/** The word that says what is done: the first verb, with its exceptions. */
function verbIn(words: readonly string[]): string | null {
  const known = words.filter((word) => verbs.has(word))
  // `sql_db_list` lists: what it is about stands before what it does.
  const first = known.find((word) => !topics.has(word)) ?? known[0]
  if (first === undefined) return null
  const grave = known.find((word) => gravest.has(verbs.get(word) ?? 'read'))
  const isJoined = /\b(and|or|then)\b/.test(words.join(' '))
  // `get_and_delete_message` does both, `confirm_delete` does what it begins; `get_delete_protection` reads.
  const counts = isJoined || begins.has(first)
  return counts && grave !== undefined ? grave : first
}

/** `collection-schema`, `pods_top`: a name without a verb that tells what is looked at, and of what. */
function isView(words: readonly string[]): boolean {
  const last = words.at(-1) ?? ''
  return views.has(last) && words.slice(0, -1).every((word) => subjects.has(word))
}

type Verb = 'read' | 'write' | 'destroy' | 'overwrite' | 'stop' | 'off' | 'share' | 'renew' | 'run'

const list = (text: string): readonly string[] => text.split(' ')
const set = (text: string): ReadonlySet<string> => new Set(list(text))

const verbs: ReadonlyMap<string, Verb> = new Map(
  Object.entries({
    read: 'get list ls read cat search find describe show view fetch lookup count check status inspect explain help browse resolve retrieve summarize summarise analyze analyse validate verify preview diff compare ping health whoami info stats metrics logs tail watch monitor detect discover estimate calculate convert think thinking ask wait history docs download export print peek scan lint suggest recommend has is can tree grep glob screenshot snapshot echo translate current head stat outline hover aggregate sequentialthinking hget hgetall hexists mget lrange llen smembers sismember zrange zscore xrange dbsize',
    write:
      'create add new insert update set edit write put post patch upsert save store send reply comment assign unassign label tag move rename copy duplicate clone fork open close reopen merge approve submit start enable resume link upload import deploy redeploy push commit checkout install build compile format mark complete archive schedule subscribe unsubscribe register log track record append attach detach configure generate plan sync refresh trigger init stage unstage draft undelete navigate click type press scroll select drag resize fill focus switch tab login react pin star unstar follow note remember revert rebase cherry stash pull cancel test rerun retry dismiss provision load confirm finalize complete prepare connect handle upgrade forward publish modify change adjust transition mute unmute emulate reindex hset lpush rpush sadd zadd xadd setex incr',
    destroy:
      'delete del remove rm rmdir destroy drop truncate purge wipe erase flush clear empty nuke obliterate unlink prune expunge terminate deprovision decommission teardown discard shred trash uninstall cleanup clean expire hdel lpop rpop spop srem zrem xdel ltrim xtrim flushdb flushall',
    overwrite: 'restore rollback reset rebuild reinstall reimage overwrite force failover promote',
    stop: 'stop shutdown pause suspend restart reboot kill scale hibernate drain cordon evict maintenance power',
    off: 'disable unprotect unlock detune',
    share: 'share invite impersonate expose transfer grant',
    renew: 'rotate regenerate revoke',
    run: 'execute exec run eval evaluate invoke call query shell bash terminal sql graphql request curl script ssh apply migrate psql command',
  } satisfies Readonly<Record<Verb, string>>).flatMap(([verb, words]) =>
    list(words).map((word) => [word, asVerb(verb)] as const),
  ),
)

function asVerb(text: string): Verb {
  const all = [
    'read',
    'write',
    'destroy',
    'overwrite',
    'stop',
    'off',
    'share',
    'renew',
    'run',
  ] as const
  return all.find((verb) => verb === text) ?? 'run'
}

type Told = (verb: string, rest: readonly string[], all: readonly string[]) => Claim

const made = (effect: Effect, word: string, ...kinds: readonly DestroyKind[]): Claim => ({
  effect,
  kinds,
  word,
  runs: false,
})

/** Some verbs mean something else beside some things. */
const special: readonly (readonly [verbs: string, beside: ReadonlySet<string>, as: Claim])[] = [
  [
    'close',
    set('account organization organisation workspace'),
    made('destroy', 'close', 'account'),
  ],
  ['open', set('port ports firewall'), made('expose', 'open')],
  ['run', set('scan audit diagnostics'), made('read', 'run')],
  ['request', set('review reviewer reviewers'), made('write', 'request')],
  ['query', set('prometheus loki tempo logs metrics traces observability'), made('read', 'query')],
  ['apply', set('kubectl manifest yaml kubernetes k8s'), made('write', 'apply')],
  [
    'cancel',
    set('subscription account plan membership contract'),
    made('destroy', 'cancel', 'account'),
  ],
]

function specialOf(verb: string, rest: readonly string[]): Claim | null {
  const found = special.find(
    ([word, beside]) => word === verb && rest.some((each) => beside.has(each)),
  )
  return found?.[2] ?? null
}

const claims: Readonly<Record<Verb, Told>> = {
  read: (verb, rest) => {
    const isSecret = rest.some((word) => secrets.has(word)) && !rest.some((word) => open.has(word))
    // The names of what a store of keys and values holds are no secrets; a way in is one.
    const isNames = verb === 'scan' && rest.every((word) => word === 'keys' || word === 'all')
    const isWayIn = rest.join(' ').includes('access to')
    return (isSecret && !isNames) || isWayIn ? made('expose', verb) : made('read', verb)
  },
  write: (verb, rest, all) => {
    const mints = ['create', 'add', 'new', 'generate', 'set', 'update', 'register'].includes(verb)
    if (all.includes('public') || all.includes('ownership') || all.includes('owner'))
      return made('expose', verb)
    const isReach = rest.some((word) => reach.has(word)) && !rest.some((word) => open.has(word))
    return mints && isReach ? made('expose', verb) : made('write', verb)
  },
  destroy: (verb, rest) =>
    rest.some((word) => light.has(word))
      ? made('write', verb)
      : made('destroy', verb, kindOf(rest)),
  overwrite: (verb, rest) =>
    made('destroy', verb, rest.some((word) => secrets.has(word)) ? 'key' : 'overwrite'),
  stop: (verb) => made('destroy', verb, 'outage'),
  off: (verb) => made('destroy', verb, 'guard'),
  share: (verb) => made('expose', verb),
  renew: (verb) => made('destroy', verb, 'key'),
  run: (verb, rest) =>
    rest.length > 0 && rest.every((word) => checks.has(word))
      ? made('write', verb)
      : { ...made('unread', verb), runs: true },
}

/** The kind of loss by the thing that goes: the first that is known. */
function kindOf(words: readonly string[]): DestroyKind {
  for (const [kind, nouns] of things) if (words.some((word) => nouns.has(word))) return kind
  return 'data'
}

const things: readonly (readonly [DestroyKind, ReadonlySet<string>])[] = [
  ['backup', set('backup backups snapshot snapshots pitr wal')],
  [
    'guard',
    set(
      'protection retention lock locks policy policies schedule audit firewall versioning rls trigger triggers',
    ),
  ],
  [
    'key',
    set(
      'key keys secret secrets variable variables credential credentials token tokens password certificate env',
    ),
  ],
  [
    'account',
    set(
      'account accounts organization organisation org team tenant workspace user users member members owner admin',
    ),
  ],
  ['name', set('domain domains dns zone hostname subdomain')],
  [
    'container',
    set(
      'database databases db project projects environment environments cluster clusters stack namespace instance instances server servers service services app apps repository repo branch schema keyspace bucket buckets deployment',
    ),
  ],
]

const topics = set('sql psql graphql')
const begins = set(
  'confirm approve complete finalize start trigger schedule submit force prepare request',
)
const gravest: ReadonlySet<Verb> = new Set(['destroy', 'overwrite', 'off', 'renew'])
const views = set(
  'schema schemas indexes size top messages requests replies history usage summary details overview',
)
const subjects = set(
  'collection collections storage browser console network conversation conversations pod pods node nodes db database table channel channels user users thread page account project server service',
)
const losses = set('deletion removal destruction termination purging teardown decommissioning')
/** What stands against a loss, or takes it back. */
const keeping = set('protection protect prevent cancel undo undelete revert stop abort policy')
const secrets = set(
  'secret secrets token tokens password passwords credential credentials key keys connection env variable variables dotenv',
)
const open = set('public publishable anon keyboard keyword keywords primary foreign press')
const reach = set(
  'token tokens key keys credential credentials user users role roles permission permissions access member admin collaborator webhook firewall port acl iam',
)
/** Marks on things: nothing goes that anybody would miss. */
const light = set(
  'label labels tag tags reaction assignee assignees reviewer reviewers star breakpoint breakpoints watcher bookmark highlight filter filters console selection screen context output input form cookies cache duplicates whitespace',
)
/** What everybody runs all day. */
const checks = set(
  'test tests lint build check checks typecheck format unit e2e suite diagnostics the all workflow workflows pipeline pipelines job jobs failed container pod pods image',
)
