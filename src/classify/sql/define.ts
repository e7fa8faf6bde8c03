/** Judges what makes code and reach: functions, triggers, rules, views, extensions, privileges. */
import type { Json, JsonObject } from '../../base/json.ts'
import { functionNamed } from '../../platforms/postgres/functions.ts'
import { judgeAround, judgeCreated } from './body.ts'
import { judgeFunction } from './functions.ts'
import { disarmed, disarms } from './guards.ts'
import { voidRule } from './scope.ts'
import type { Heading, Scope } from './scope.ts'
import { judgeSet } from './settings.ts'
import { child, children, names, nothing, option, under, word } from './tree.ts'
import { walk } from './walk.ts'

const write = (why: string) => ({ effect: 'write', rule: 'sql-write', why }) as const
const reach = (why: string) => ({ effect: 'expose', rule: 'sql-reach', why }) as const

const revoked = {
  effect: 'destroy',
  kinds: ['outage'],
  rule: 'sql-outage',
  why: 'takes rights away from those who may lean on them',
} as const

export function judgeCreateFunction(node: JsonObject, text: string, scope: Scope): Heading {
  const isHarmless = judgeMade(node, text, scope)
  if (disarms(node, scope)) scope.add(disarmed)
  const options = children(node, 'options')
  if (isDefiner(options))
    scope.add(reach('makes a function that runs with the rights of its owner'))
  judgeSettings(options, scope)
  scope.add(write('makes a function'))
  const name = names(children(node, 'funcname')).at(-1) ?? ''
  // A call of one that does harm is judged by the catalog, or is of nothing that is known.
  if (isHarmless) scope.leaves.push({ kind: 'function', name, text: '' })
  return { words: node['is_procedure'] === true ? 'CREATE PROCEDURE' : 'CREATE FUNCTION' }
}

/** Judges the body, and says whether it does no harm. Where nothing of that name was there, nobody calls it yet. */
function judgeMade(node: JsonObject, text: string, scope: Scope): boolean {
  const inner = scope.inside(null, [])
  if (typeof inner === 'string') {
    scope.unread('sql-depth', 'holds functions too deep')
    return false
  }
  judgeCreated(node, text, inner)
  const isHarmless = inner.reasons.every(({ effect }) => effect === 'read' || effect === 'write')
  if (!isHarmless && isNew(node, scope))
    scope.lose(() => [], {
      effect: 'destroy',
      kinds: ['exec'],
      rule: voidRule,
      why: 'makes a function that can destroy; a call of it is judged by itself',
    })
  else scope.making(() => scope.absorb(inner))
  return isHarmless
}

/** True for a function in a language that is read, under a name that no other has. */
function isNew(node: JsonObject, scope: Scope): boolean {
  const name = names(children(node, 'funcname')).at(-1) ?? ''
  const language = child(
    child(option(children(node, 'options'), 'language') ?? nothing, 'arg'),
    'String',
  )
  const isRead =
    'sql_body' in node || ['sql', 'plpgsql'].includes(word(language, 'sval').toLowerCase())
  return (
    isRead && scope.isWhole && scope.catalog?.functionNames.has(name) === false && !scope.made(name)
  )
}

export function judgeAlterFunction(node: JsonObject, scope: Scope): Heading {
  if (isDefiner(children(node, 'actions')))
    scope.add(reach('lets a function run with the rights of its owner'))
  judgeSettings(children(node, 'actions'), scope)
  judgeAround(nothing, children(node, 'actions'), scope)
  scope.add(write('changes what a function promises'))
  return { words: 'ALTER FUNCTION' }
}

/** What is set while a function runs. Its own search path is its owner's care, and what the session has was judged when it was set. */
function judgeSettings(options: readonly Json[], scope: Scope): void {
  for (const each of options) {
    const found = under(each, 'DefElem') ?? nothing
    const set = under(found['arg'], 'VariableSetStmt')
    if (word(found, 'defname') !== 'set' || set === null) continue
    const isOrdinary =
      word(set, 'kind') === 'VAR_SET_CURRENT' || word(set, 'name') === 'search_path'
    if (!isOrdinary) judgeSet(set, scope)
  }
}

function isDefiner(options: readonly Json[]): boolean {
  const found = option(options, 'security')
  return found !== undefined && child(child(found, 'arg'), 'Boolean')['boolval'] === true
}

/** A temporary table that runs something for its rows is one like any other: what that changes is counted. */
export function noMoreOwn(range: JsonObject, scope: Scope): void {
  if (scope.isTemporary(range))
    scope.leaves.push({ kind: 'dropped', name: word(range, 'relname'), text: '' })
}

const replaced = {
  effect: 'destroy',
  kinds: ['guard'],
  rule: 'sql-guard',
  why: 'puts a trigger in the place of one that may guard the rows',
} as const

/** A trigger runs its function at what others do, so that function is judged now. */
export function judgeCreateTrigger(node: JsonObject, scope: Scope): Heading {
  const table = child(node, 'relation')
  const trigger = word(node, 'trigname')
  scope.touch(table)
  noMoreOwn(table, scope)
  const isOther =
    node['replace'] === true &&
    (!scope.isWhole ||
      scope.namesakes(table).some(({ triggers }) => triggers.some((it) => it.name === trigger)))
  scope.add(isOther ? replaced : write('adds a trigger'))
  scope.making(() => walk(node['whenClause'] ?? null, scope))
  const parts = names(children(node, 'funcname'))
  const name = parts.at(-1) ?? ''
  const own = functionNamed(name, true)
  const found = scope.functions(parts.at(-2) ?? null, name)
  scope.making(() => {
    for (const each of found) judgeFunction(each, scope, 'by a trigger')
  })
  if (scope.catalog !== null && found.length === 0 && !scope.made(name) && own.kind !== 'safe')
    scope.unread('function-unknown', `runs \`${parts.join('.')}\`, and what that does is not known`)
  return { words: 'CREATE TRIGGER' }
}

/** A rule runs its actions instead of, or beside, what others ask for. */
export function judgeRule(node: JsonObject, scope: Scope): Heading {
  scope.touch(child(node, 'relation'))
  const inner = scope.inside(null, ['new', 'old'])
  if (typeof inner === 'string') scope.unread('sql-depth', 'holds rules too deep')
  else {
    for (const each of children(node, 'actions')) inner.runner.node(each, '', inner)
    scope.making(() => scope.absorb(inner, ({ effect }) => effect !== 'read'))
  }
  scope.add({
    effect: 'destroy',
    kinds: ['guard'],
    rule: 'sql-meaning',
    why: 'changes what other statements mean',
    instead: ['use a trigger'],
  })
  return { words: 'CREATE RULE' }
}

export function judgeView(node: JsonObject, scope: Scope): Heading {
  // Nothing of it runs yet; with a catalog what it will run is known, and is judged before anybody reads it.
  if (scope.catalog !== null) scope.making(() => walk(node['query'] ?? null, scope))
  scope.touch(child(node, 'view'))
  scope.add(write('makes a view'))
  return { words: 'CREATE VIEW' }
}

/** Extensions that only compute, index and count. */
const plainExtensions: ReadonlySet<string> = new Set(
  `plpgsql uuid-ossp pgcrypto citext hstore ltree pg_trgm unaccent fuzzystrmatch btree_gin btree_gist intarray isn cube
  earthdistance tablefunc tsm_system_rows tsm_system_time dict_int dict_xsyn lo seg vector postgis postgis_topology
  postgis_raster postgis_tiger_geocoder address_standardizer pgrouting timescaledb pg_stat_statements bloom sslinfo
  pgrowlocks pgstattuple pg_freespacemap pg_visibility pg_buffercache pg_walinspect amcheck rum pgtap hypopg pg_hint_plan
  pg_ivm pgroonga pg_bigm ip4r semver orafce pg_uuidv7 pg_jsonschema pg_graphql pgvector`.split(
    /\s+/,
  ),
)

export function judgeExtension(node: JsonObject, scope: Scope): Heading {
  scope.add(
    plainExtensions.has(word(node, 'extname'))
      ? write('adds an extension')
      : {
          effect: 'destroy',
          kinds: ['exec'],
          rule: 'sql-code',
          why: `adds \`${word(node, 'extname')}\`, whose code is not known here`,
        },
  )
  return { words: 'CREATE EXTENSION' }
}

export function judgeGrant(node: JsonObject, scope: Scope): Heading {
  for (const each of children(node, 'objects')) {
    const range = under(each, 'RangeVar')
    if (range !== null) scope.touch(range)
  }
  return granted(node, scope)
}

/** `GRANT` gives reach; `REVOKE` takes it, and whoever leaned on it stands still. */
export function granted(node: JsonObject, scope: Scope): Heading {
  const gives = node['is_grant'] === true
  scope.add(gives ? reach('gives rights away') : revoked)
  return { words: gives ? 'GRANT' : 'REVOKE' }
}

export function judgeDefaultPrivileges(node: JsonObject, scope: Scope): Heading {
  granted(child(node, 'action'), scope)
  return { words: 'ALTER DEFAULT PRIVILEGES' }
}
