/** Texts within a tool's arguments that would run somewhere: which they are is told by their names, by what the tool calls itself, and by how they begin. */
import { isObject, parseJson } from '../../base/json.ts'
import type { Json, JsonObject } from '../../base/json.ts'
import { looksGraphql, looksSql } from './sniff.ts'
import { namesGuard } from './guards.ts'
import { wordsIn } from './verbs.ts'
import { shellWord } from '../../base/shell-word.ts'

export interface RunText {
  readonly kind: 'sql' | 'graphql' | 'shell' | 'code'
  readonly text: string
}

export interface Place {
  readonly key: string
  readonly value: Json
  /** The object in which it stands. */
  readonly among: JsonObject
  /** True for a word of a command that is given as a list: the list is read. */
  readonly isWord?: boolean
}

/** More members than this are read by nobody. */
const mostPlaces = 20_000

/** Every member of the arguments, at any depth; members of a list stand under the list's name. Null where there are too many. */
export function placesIn(args: JsonObject): readonly Place[] | null {
  const found: Place[] = []
  const visit = (key: string, value: Json, among: JsonObject, isWord = false): boolean => {
    found.push({ key, value, among, isWord })
    if (found.length > mostPlaces) return false
    const inner = typeof value === 'string' && nested.has(plainKey(key)) ? opened(value) : value
    if (isObject(inner))
      return Object.entries(inner).every(([name, member]) => visit(name, member, inner))
    if (typeof inner === 'object' && inner !== null)
      return inner.every((member) => visit(key, member, among, isLine(key, inner)))
    return true
  }
  return Object.entries(args).every(([key, value]) => visit(key, value, args)) ? found : null
}

/** The value of a text that is JSON; the text where it is none. */
export function opened(text: string): Json {
  if (!/^\s*[[{]/.test(text)) return text
  try {
    return parseJson(text)
  } catch {
    // No JSON: a text like any other.
    return text
  }
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
  /** Its database is PostgreSQL by its name. */
  readonly postgres: boolean
  /** The program that it calls, by its name; what it is given need not say it again. */
  readonly program: string | null
  /** It is about a guard against loss. */
  readonly guards: boolean
}

export function natureOf(tool: string, runs: boolean): Nature {
  const words = wordsIn(tool)
  const has = (list: readonly string[]): boolean => words.some((word) => list.includes(word))
  return {
    sql: has(databases),
    shell: has(shells),
    runs,
    looks: has(lookers) && !has(databases),
    postgres: has(postgres),
    guards: namesGuard(words),
    program: has(['exec']) ? null : (words.find((word) => programs.has(word)) ?? null),
  }
}

/** The text that would run there; null where it is a value like any other. */
export function textAt(place: Place, nature: Nature): RunText | null {
  const { value } = place
  const key = plainKey(place.key)
  if (isTexts(value)) return lineOf(value, key, nature)
  if (typeof value !== 'string' || value.trim() === '') return null
  const kind = kindByKey(key, nature)
  if (kind === 'shell') return shellText(value, place, nature)
  if (kind !== null) return { kind, text: value }
  const isSent = queryKeys.has(key) || nature.runs
  return isSent && !nature.looks ? sniffed(value, nature.sql && queryKeys.has(key)) : null
}

/** A list of words is one line: a program and what it is given. */
function lineOf(words: readonly string[], key: string, nature: Nature): RunText | null {
  const isSaid = kindByKey(key, nature) === 'shell' || (nature.shell && rests.has(key))
  return isSaid && beginsWithWord(words) ? { kind: 'shell', text: wordsOf(words) } : null
}

/** True for a list that is a command by its name; a list of whole lines is none. */
function isLine(key: string, list: readonly Json[]): boolean {
  return shellKeys.has(plainKey(key)) && isTexts(list) && beginsWithWord(list)
}

function beginsWithWord([first = '', ...more]: readonly string[]): boolean {
  return more.length > 0 && !/\s/.test(first)
}

function isTexts(value: Json): value is readonly string[] {
  return Array.isArray(value) && value.every((word) => typeof word === 'string')
}

/** True for a member whose very name says that its text would run: `sql`, `command`; and for a statement that is called a query. */
export function isRunByName({ key, value }: Place): boolean {
  const plain = plainKey(key)
  const isQuery = ['query', 'queries'].includes(plain) && typeof value === 'string'
  return kindByKey(plain, calm) !== null || (isQuery && looksSql(value))
}

/** True for a member that tells people something, or where: nothing runs it. */
export function isNote(key: string): boolean {
  return notes.has(plainKey(key))
}

const calm: Nature = {
  sql: false,
  shell: false,
  runs: false,
  looks: false,
  postgres: false,
  guards: false,
  program: null,
}

export function plainKey(key: string): string {
  return key.toLowerCase().replaceAll(/[^a-z]/g, '')
}

/** By what it is called alone. */
function kindByKey(key: string, nature: Nature): RunText['kind'] | null {
  if (sqlKeys.has(key)) return 'sql'
  if (graphqlKeys.has(key)) return 'graphql'
  // `preDeployCommand`, `startCommand`: run elsewhere, and later.
  if (shellKeys.has(key) || /.(?<!sub)(command|cmd)$/.test(key)) return 'shell'
  if (scriptKeys.has(key)) return nature.sql ? 'sql' : 'shell'
  return codeKeys.has(key) && nature.runs ? 'code' : null
}

/** `command: "view"` says what the tool is to do, `command: "ls -l"` what a shell is. */
function shellText(value: string, { key, among }: Place, nature: Nature): RunText | null {
  // The `command` of a database's own client is a statement.
  if (nature.sql && looksSql(value)) return { kind: 'sql', text: value }
  // What follows a program stands beside it, under one of several names.
  const rest = Object.entries(among).flatMap(([name, given]) =>
    rests.has(plainKey(name)) && name !== key ? [wordsOf(given)] : [],
  )
  const isWord = /^[\w.-]+$/.test(value) && rest.join('') === ''
  if (isWord && !nature.shell && !scriptKeys.has(plainKey(key))) return null
  return { kind: 'shell', text: [value, ...rest].join(' ') }
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
const shellKeys = set(
  'clicommand command cmd commandline shellcommand bash shell argv run entrypoint',
)
const rests = set('args arguments argv parameters params flags options commandargs')
/** Where a whole object of arguments may stand as a text. */
const nested = set(
  'arguments args parameters params input payload options variables config json data toolarguments toolinput request init resource manifest spec',
)
const scriptKeys = set('script commands')
const codeKeys = set(
  'code javascript js python typescript function expression source snippet program',
)
const notes = set(
  'description reason title comment comments message explanation note notes name summary label labels cwd path dir directory workdir workingdirectory filepath filename project projectid projectname database databasename schema table purpose thought rationale expectedoutput user role branch element',
)
const queryKeys = set('query queries q text input body statementtext operation document')
const postgres = 'postgres postgresql pg psql supabase neon cockroach'.split(' ')
const databases =
  'sql postgres postgresql pg mysql mariadb sqlite database db supabase neon bigquery snowflake clickhouse duckdb redshift cockroach psql mssql migration'.split(
    ' ',
  )
const programs = set(
  'terraform tofu pulumi kubectl helm aws gcloud az docker git prisma flyctl railway doctl vercel netlify',
)
const shells = 'shell bash command terminal exec ssh process cmd powershell zsh'.split(' ')
const lookers = 'search find docs documentation grep lookup web semantic ask memory'.split(' ')

/** Words for a shell: of a list each as one word, a text as it stands. */
function wordsOf(given: Json): string {
  if (typeof given === 'string') return given
  if (typeof given !== 'object' || given === null || isObject(given)) return ''
  return given
    .map((word) => {
      const text = typeof word === 'string' ? word : JSON.stringify(word)
      return shellWord(text)
    })
    .join(' ')
}
