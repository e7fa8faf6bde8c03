/** Clients of databases: what they are given is read by the reader of that language, or by its first words where there is none. */
import type { Operation } from '../../core/operation.ts'
import { argvOf, flagsOf, spelled } from './argv.ts'
import type { Nested, Special } from './nested.ts'
import { mongoText } from './mongo.ts'
import { destroys, ordinary, unread } from './operation.ts'
import { programOf } from './run.ts'
import type { Fed } from './run.ts'
import type { Scope } from './scope.ts'
import { argOf } from './arg.ts'
import type { Arg } from './arg.ts'
import { hides } from './shells.ts'
import { mysql, sqlWords, standard } from './sql-words.ts'
import type { Dialect } from './sql-words.ts'

interface Client {
  readonly valued: string
  /** Flags whose value is a text. */
  readonly texts: readonly string[]
  /** Flags that name a file with one. */
  readonly files: readonly string[]
  /** Which of its words is a text: `sqlite3 FILE TEXT`, `mongosh URL`. */
  readonly wordAt: number | null
  readonly read: (text: string, nested: Nested) => readonly Operation[]
}

const sql = (text: string, { about }: Nested): readonly Operation[] => {
  // What psql does by itself (`\d`, `\copy`) is no SQL.
  const lines = text.split('\n')
  const own = lines.filter((line) => /^\s*\\/.test(line))
  const rest = lines.filter((line) => !/^\s*\\/.test(line)).join('\n')
  const found = rest.trim() === '' ? [] : about.readers.sql(rest)
  return [...own.flatMap(psqlOwn), ...found]
}

/** `\! cmd` runs a program, `\i file` a text that nobody here has read. */
function psqlOwn(line: string): readonly Operation[] {
  if (/^\s*\\!/.test(line)) return [unread('psql \\!', 'runs a program by psql')]
  if (/^\s*\\(ir?|include(_relative)?)\s/.test(line))
    return [unread('psql \\i', 'would run a file that nobody here has read')]
  if (
    /\\(o|out|g|gx|w|write)\s*\(?[^|]*\|(?!\s*(less|cat|more|head|column|jq)\b[^|;&$`]*$)/.test(
      line,
    )
  )
    return [unread('psql \\o', 'hands what it gets to a program')]
  if (/^\s*\\copy\b.*\bprogram\b/i.test(line))
    return [unread('psql \\copy', 'runs a program by psql')]
  if (/^\s*\\\w+\s.*`/.test(line) || /^\s*\\setenv\s+(\w*PAGER|\w*EDITOR)\b/.test(line))
    return [unread('psql', 'runs a program by psql')]
  return /\\gexec/.test(line) ? [unread('psql \\gexec', 'runs what a query gives')] : []
}

const byWords =
  (dialect: Dialect) =>
  (text: string): readonly Operation[] =>
    sqlWords(text, dialect)

/** A line of HBase's shell is a call. */
const hbase = (text: string): readonly Operation[] =>
  [
    ...text.matchAll(
      /^\s*(drop|drop_all|truncate|truncate_preserve|deleteall|delete_snapshot|delete_all_snapshot|restore_snapshot|drop_namespace)\b/gm,
    ),
  ].map(([, verb = '']) =>
    destroys(
      `hbase ${verb}`,
      [verb.includes('snapshot') ? 'backup' : 'data'],
      `\`${verb}\` takes data away`,
    ),
  )

const psqlFlags =
  '-c --command -d --dbname -h --host -p --port -U --username -f --file -v --set --variable -F --field-separator -o --output -P --pset -R --record-separator -T --table-attr -L --log-file'
const mysqlFlags =
  '-e --execute -h --host -P --port -u --user -D --database -S --socket --protocol --defaults-file --defaults-extra-file --ssl-mode --ssl-ca --login-path --default-character-set --init-command'
const client = (made: Partial<Client>): Client => ({
  valued: '',
  texts: [],
  files: [],
  wordAt: null,
  read: sql,
  ...made,
})

const clients: ReadonlyMap<string, Client> = new Map(
  Object.entries({
    psql: client({ valued: psqlFlags, texts: ['-c', '--command'], files: ['-f', '--file'] }),
    pgcli: client({ valued: psqlFlags, texts: ['-c', '--command'], files: [] }),
    cockroach: client({
      valued: '-e --execute --url --host --certs-dir -d --database -f --file',
      texts: ['-e', '--execute'],
      files: ['-f', '--file'],
    }),
    mysql: client({
      valued: mysqlFlags,
      texts: ['-e', '--execute', '--init-command'],
      read: byWords(mysql),
    }),
    mariadb: client({
      valued: mysqlFlags,
      texts: ['-e', '--execute', '--init-command'],
      read: byWords(mysql),
    }),
    mycli: client({ valued: mysqlFlags, texts: ['-e', '--execute'], read: byWords(mysql) }),
    sqlite3: client({
      valued: '-cmd -init -separator -nullvalue -newline',
      texts: ['-cmd'],
      files: ['-init'],
      wordAt: 1,
      read: byWords(standard),
    }),
    duckdb: client({
      valued: '-c -cmd -init -s',
      texts: ['-c', '-cmd', '-s'],
      wordAt: 1,
      read: byWords(standard),
    }),
    mysqlsh: client({
      valued: `${mysqlFlags} -f --file --uri`,
      texts: ['-e', '--execute'],
      files: ['-f', '--file'],
      read: byWords(mysql),
    }),
    clickhouse: client({
      valued: '-q --query --host --user --password --database -h -u -d',
      texts: ['-q', '--query'],
      read: byWords(mysql),
    }),
    db2: client({ wordAt: 0, valued: '-f', files: ['-f'], read: byWords(standard) }),
    sqlplus: client({ valued: '-m -r', read: byWords(standard) }),
    rman: client({ read: byWords(standard) }),
    hbase: client({ read: hbase }),
    'clickhouse-client': client({
      valued: '-q --query --host --user --password --database -h -u -d',
      texts: ['-q', '--query'],
      read: byWords(mysql),
    }),
    sqlcmd: client({
      valued: '-Q -q -S -U -P -d -i -o',
      texts: ['-Q', '-q'],
      files: ['-i'],
      read: byWords(standard),
    }),
    cqlsh: client({
      valued: '-e --execute -f --file -u -p -k',
      texts: ['-e', '--execute'],
      files: ['-f', '--file'],
      read: byWords(standard),
    }),
    snowsql: client({
      valued: '-q --query -f --filename -a -u -d -s -w -r -c',
      texts: ['-q', '--query'],
      files: ['-f', '--filename'],
      read: byWords(standard),
    }),
    usql: client({
      valued: '-c --command -f --file',
      texts: ['-c', '--command'],
      files: ['-f', '--file'],
    }),
    mongosh: client({
      valued: '--eval --host --port -u -p --username --password --authenticationDatabase --file -f',
      texts: ['--eval'],
      files: ['-f', '--file'],
      read: mongoText,
    }),
    mongo: client({
      valued: '--eval --host --port -u -p --username --password',
      texts: ['--eval'],
      read: mongoText,
    }),
  }),
)

const read: Special = (run, scope, nested) => {
  const place = { scope, nested, file: null }
  const { argv } = run
  const name = programOf(argv[0]?.text ?? '')
  const one = clients.get(name)
  if (one === undefined) return null
  const isGo = ['sqlite3', 'duckdb'].includes(name)
  const known = flagsOf(one.valued, '', isGo)
  const told = argvOf(isGo ? argv.slice(1) : spelled(argv.slice(1), known), known)
  const texts = one.texts.flatMap((flag) => told.flags.get(flag) ?? [])
  const own = one.wordAt === null ? [] : told.words.slice(one.wordAt)
  // `mongosh URL script.js`.
  const named = name.startsWith('mongo')
    ? told.words.filter(({ text }) => /\.m?js$/.test(text))
    : []
  const all: readonly Arg[] = [...texts, ...own]
  const files = [...one.files.flatMap((flag) => told.flags.get(flag) ?? []), ...named].filter(
    ({ text }) => text !== '-',
  )
  const found = [
    ...all.flatMap((text) => readText(name, text, one, nested)),
    ...files.flatMap((file) =>
      fed(name, nested.file(file, scope, run.stdin), one, { ...place, file: file.text }),
    ),
    ...(all.length + files.length === 0 || told.flags.get('-f')?.[0]?.text === '-'
      ? fed(name, run.stdin, one, place)
      : []),
  ]
  return orOrdinary(name, found)
}

function readText(
  name: string,
  { text, isKnown }: Arg,
  one: Client,
  nested: Nested,
): readonly Operation[] {
  const found = one.read(text, nested)
  if (isKnown || found.some(({ effect }) => effect === 'destroy')) return found
  return /^\s*[$`]/.test(text) ? [unread(name, 'would run a text that is not known before')] : found
}

interface Place {
  readonly scope: Scope
  readonly nested: Nested
  /** The file that was named; null where none was. */
  readonly file: string | null
}

/** What it is fed, or what a file holds that is named to it. */
function fed(
  name: string,
  held: Fed,
  one: Client,
  { scope, nested, file }: Place,
): readonly Operation[] {
  if (held.kind === 'text') return one.read(held.text, nested)
  if (held.kind === 'none') return file === null ? [] : [unread(name, notRead(`\`${file}\``))]
  const script = nested.file(argOf(held.from), scope)
  if (script.kind === 'text') return one.read(script.text, nested)
  const isProgram = hides.has(held.from) || !/\.\w+$/.test(held.from)
  return [unread(name, notRead(isProgram ? `what \`${held.from}\` gives it` : `\`${held.from}\``))]
}

const notRead = (what: string): string => `would run ${what}, which nobody here has read`

const orOrdinary = (name: string, found: readonly Operation[]): readonly Operation[] =>
  found.length > 0 ? found : [ordinary(name)]

export const sqlClients: readonly (readonly [string, Special])[] = [...clients.keys()].map(
  (name) => [name, read] as const,
)
