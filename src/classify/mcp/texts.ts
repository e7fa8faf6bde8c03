/** Texts within a tool's arguments that would run somewhere: which they are is told by their names, by what the tool calls itself, and by how they begin. */
import { isObject } from '../../base/json.ts'
import type { Json, JsonObject } from '../../base/json.ts'
import { wordsIn } from './verbs.ts'

export interface RunText {
  readonly kind: 'sql' | 'graphql' | 'shell' | 'code'
  readonly text: string
}

export interface Place {
  readonly key: string
  readonly value: Json
  /** The object in which it stands. */
  readonly among: JsonObject
}

/** More members than this are read by nobody. */
const mostPlaces = 20_000

/** Every member of the arguments, at any depth; members of a list stand under the list's name. Null where there are too many. */
export function placesIn(args: JsonObject): readonly Place[] | null {
  const found: Place[] = []
  const visit = (key: string, value: Json, among: JsonObject): boolean => {
    found.push({ key, value, among })
    if (found.length > mostPlaces) return false
    if (isObject(value))
      return Object.entries(value).every(([name, member]) => visit(name, member, value))
    if (typeof value === 'object' && value !== null)
      return value.every((member) => visit(key, member, among))
    return true
  }
  return Object.entries(args).every(([key, value]) => visit(key, value, args)) ? found : null
}

/** What a tool is by its name, as far as texts go. */
export interface Nature {
  /** It hands texts to a database. */
  readonly sql: boolean
  /** It hands texts to a shell. */
  readonly shell: boolean
  /** It runs what it is given; which language must be told by the text. */
  readonly runs: boolean
  /** It looks for words: texts are words. */
  readonly looks: boolean
}

export function natureOf(tool: string, runs: boolean): Nature {
  const words = wordsIn(tool)
  const has = (list: readonly string[]): boolean => words.some((word) => list.includes(word))
  return { sql: has(databases), shell: has(shells), runs, looks: has(lookers) && !has(databases) }
}

/** The text that would run there; null where it is a value like any other. */
export function textAt(place: Place, nature: Nature): RunText | null {
  const { value } = place
  if (typeof value !== 'string' || value.trim() === '') return null
  const key = plainKey(place.key)
  const kind = kindByKey(key, nature)
  if (kind === 'shell') return shellText(value, place, nature)
  if (kind !== null) return { kind, text: value }
  const isSent = queryKeys.has(key) || nature.runs
  return isSent && !nature.looks ? sniffed(value, nature.sql && queryKeys.has(key)) : null
}

/** True for a member whose very name says that its text would run: `sql`, `command`. */
export function isRunByName({ key }: Place): boolean {
  return kindByKey(plainKey(key), calm) !== null
}

const calm: Nature = { sql: false, shell: false, runs: false, looks: false }

export function plainKey(key: string): string {
  return key.toLowerCase().replaceAll(/[^a-z]/g, '')
}

/** By what it is called alone. */
function kindByKey(key: string, nature: Nature): RunText['kind'] | null {
  if (sqlKeys.has(key)) return 'sql'
  if (graphqlKeys.has(key)) return 'graphql'
  if (shellKeys.has(key)) return 'shell'
  if (scriptKeys.has(key)) return nature.sql ? 'sql' : 'shell'
  return codeKeys.has(key) && nature.runs ? 'code' : null
}

/** `command: "view"` says what the tool is to do, `command: "ls -l"` what a shell is. */
function shellText(value: string, { key, among }: Place, nature: Nature): RunText | null {
  const isWord = /^[\w.-]+$/.test(value) && !('args' in among)
  if (isWord && !nature.shell && !scriptKeys.has(plainKey(key))) return null
  return { kind: 'shell', text: [value, ...wordsOf(among['args'])].join(' ') }
}

/** By how it begins. */
function sniffed(text: string, isSql: boolean): RunText | null {
  if (looksGraphql(text)) return { kind: 'graphql', text }
  return isSql || looksSql(text) ? { kind: 'sql', text } : null
}

const set = (text: string): ReadonlySet<string> => new Set(text.split(' '))

const sqlKeys = set(
  'sql sqls sqlquery sqlqueries sqlstatement sqlstatements sqltext ddl statement statements migration migrationsql rawsql',
)
const graphqlKeys = set('graphql graphqlquery gql mutation graphqldocument')
const shellKeys = set('command cmd commandline shellcommand bash shell')
const scriptKeys = set('script commands')
const codeKeys = set(
  'code javascript js python typescript function expression source snippet program',
)
const queryKeys = set('query queries q text input body statementtext operation document')
const databases =
  'sql postgres postgresql pg mysql mariadb sqlite database db supabase neon bigquery snowflake clickhouse duckdb redshift cockroach psql mssql migration'.split(
    ' ',
  )
const shells = 'shell bash command terminal exec ssh process cmd powershell zsh'.split(' ')
const lookers = 'search find docs documentation grep lookup web semantic ask memory'.split(' ')

function looksSql(text: string): boolean {
  return /^\s*(--|\/\*|\(?\s*(select|insert|update|delete|drop|truncate|alter|create|with|grant|revoke|merge|copy|do|call|vacuum|explain|begin|set|reindex|refresh|cluster|lock|comment|execute|prepare|show|table|values)\s)/i.test(
    text,
  )
}

function looksGraphql(text: string): boolean {
  return /^\s*(#[^\n]*\n\s*)*((query|mutation|subscription)\b[^{]{0,2000}\{|\{\s*[A-Za-z_])/.test(
    text,
  )
}

/** Words for a shell, each as one word. */
function wordsOf(args: Json | undefined): readonly string[] {
  if (typeof args !== 'object' || args === null || isObject(args)) return []
  return args.map((word) => {
    const text = typeof word === 'string' ? word : JSON.stringify(word)
    return `'${text.replaceAll("'", String.raw`'\''`)}'`
  })
}
