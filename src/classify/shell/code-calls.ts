/** Calls in code by which data goes, known by name: of files, of object mappers, of clients of stores and clouds. */
import type { DestroyKind } from '../../core/effect.ts'
import type { Operation } from '../../core/operation.ts'
import { byMethod, platformOf } from './http-request.ts'
import type { Nested } from './nested.ts'
import { destroys, unread } from './operation.ts'
import { mysql, sqlWords, standard } from './sql-words.ts'

/** What takes a text of SQL. */
const statements =
  /(?:\b(?:execute(?:_?(?:sql|script|many|query|update))?|exec(?:_driver_sql|_query)?|query|raw|raw_connection|run|sql|statement|unprepared|prepare|do|text|unsafe|find_by_sql|select_all|mysqli?_query|pg_query|Exec|Query|ExecContext|mb_query)|\$(?:execute|query)Raw(?:Unsafe)?|\bsql)\s*[(`\s]\s*(?:[\w$.>-]+\s*,\s*)?(?:[fr]?("""|'''|["'`])|<<[~-]?['"]?(\w+)|(?<=`))/g

const gone: readonly (readonly [RegExp, DestroyKind])[] = [
  [/\b(?:metadata|db|Base|engine)\.drop_all\b|\.drop_all_tables\b|\bdropAllTables\b/, 'data'],
  [/\b(?:dropDatabase|drop_database|dropSchema|drop_schema|dropAllSchemas)\b/, 'container'],
  [
    /\.(?:drop_collection|dropCollection|dropTable(?:IfExists)?|drop_table|deleteTable|delete_table|deleteIndex|delete_index|clearObjects|clear_objects|clearIndex|truncateTables?)\s*[(!]/,
    'data',
  ],
  [/\bdrop_table\s+[:"']/, 'data'],
  [/\bSchema::(?:drop|dropIfExists|dropAllTables|dropColumns)\s*\(/, 'data'],
  [/(?:::truncate|->truncate)\s*\(/, 'data'],
  [/\bDB::table\([^)]{0,200}\)\s*->delete\s*\(\s*\)/, 'data'],
  [/\b[A-Z]\w*::query\(\)\s*->(?:delete|forceDelete)\s*\(/, 'data'],
  [
    /\b[A-Z][\w:]*\.(?:(?:all|unscoped|unscope\([^)]{0,200}\))\.)?(?:delete_all|destroy_all)\b/,
    'data',
  ],
  [/\.objects\.all\(\)\.(?:delete|_raw_delete)\s*\(/, 'data'],
  [/\.query\.delete\s*\(\s*\)|\.query\([^()]{0,200}\)\.delete\s*\(/, 'data'],
  [/\bRepo\.delete_all\(\s*[A-Z][\w.]*\s*\)/, 'data'],
  [/\.(?:deleteMany|remove|delete_many)\s*\(\s*(?:\{\s*\}\s*)?[,)]/, 'data'],
  [/\bsequelize\.drop\s*\(|\.sync\s*\(\s*\{[^}]{0,200}force:\s*true/, 'data'],
  [/\.(?:synchronize|dropDatabase)\s*\(\s*true\s*\)/, 'data'],
  [/\.flush_?(?:all|db)\s*\(/i, 'container'],
  [
    /\b(?:delete_bucket|delete_objects|DeleteBucketCommand|DeleteObjectsCommand|deleteBucket)\b\s*\(/,
    'data',
  ],
  [
    /\b(?:delete_db_(?:instance|cluster)|delete_stack|delete_file_system|delete_volume|terminate_instances|delete_cluster|delete_project|deleteDBInstance|DeleteDBInstanceCommand|DeleteDBClusterCommand|TerminateInstancesCommand|DeleteStackCommand|DeleteTableCommand)\b\s*\(/,
    'container',
  ],
  [
    /\b(?:delete_(?:db_)?(?:cluster_)?snapshot|delete_backup|delete_recovery_point|DeleteDBSnapshotCommand|DeleteSnapshotCommand|delete_backup_vault)\b\s*\(/,
    'backup',
  ],
  [
    /\b(?:schedule_key_deletion|ScheduleKeyDeletionCommand|delete_secret|DeleteSecretCommand)\b\s*\(/,
    'key',
  ],
  [
    /\bRemove-Item\b[^\n;|]{0,300}\s-(?:Recurse|r)\b|\b(?:Clear-Disk|Format-Volume|Initialize-Disk|Remove-Partition)\b/i,
    'data',
  ],
]

/** `:memory:`: a database that ends with the program. */
const isPassing = (text: string): boolean => text.includes(':memory:')

export function callsIn(name: string, text: string, nested: Nested): readonly Operation[] {
  const found = [...sent(text, nested)]
  if (isPassing(text)) return found
  for (const [like, kind] of gone) {
    const call = like.exec(text)?.[0]
    if (call === undefined) continue
    const word = call.replaceAll(/[\s({,)]+$/g, '').slice(0, 60)
    found.push(destroys(`${name} ${word}`, [kind], `\`${word}\` takes data away`))
  }
  return [...found, ...stated(text)]
}

/** Texts of SQL that it hands to a database. */
function stated(text: string): readonly Operation[] {
  return [...text.matchAll(statements)].flatMap(({ index, 0: call, 1: quote, 2: mark }) => {
    const rest = text.slice(index + call.length)
    const end =
      mark === undefined
        ? rest.indexOf(quote ?? '`')
        : rest.search(new RegExp(`^\\s*${mark}\\b`, 'm'))
    const sql = end < 0 ? rest : rest.slice(0, end)
    const first = sqlWords(sql, mysql)
    return first.length > 0 ? first : sqlWords(sql, standard)
  })
}

const calls =
  /\b(?:requests|httpx|axios|http|got|ky|session|client|HTTP|HTTParty|Faraday|RestClient)\.(delete)\s*\(?\s*[fr]?["'`]([^"'`\s]+)|["'`](https?:\/\/[^"'`\s]+)["'`][^;]{0,200}?\b(?:method|CURLOPT_CUSTOMREQUEST)["']?\s*(?:=>|[:=,])\s*["'`](DELETE)|Net::HTTP::(Delete)\b[^\n]*["'](\S+?)["']/g

/** What it sends: a DELETE to a provider, a GraphQL document to a platform. */
function sent(text: string, { about }: Nested): readonly Operation[] {
  const found = [...text.matchAll(calls)].flatMap((one) =>
    byMethod('http', 'DELETE', one[2] ?? one[3] ?? one[6] ?? ''),
  )
  const grave = found.filter(({ effect }) => effect === 'destroy')
  const [, platform] =
    [...text.matchAll(/https?:\/\/[\w./-]+/g)]
      .map(([url]) => [url, platformOf(url)] as const)
      .find(([, one]) => one !== null) ?? []
  if (platform === undefined || platform === null) return grave
  const documents = [...text.matchAll(/("""|'''|["'`])((?:\\.|(?!\1)[^\\])*)\1/gs)]
    .map((one) => (one[2] ?? '').replaceAll(/\\(["'`])/g, '$1').replaceAll('\\n', '\n'))
    .filter((one) => /^\s*(mutation|query|subscription|fragment|\{)[^]*\}/.test(one))
  if (documents.length === 0 && /\b(post|put|mutat|body|data)/i.test(text))
    return [...grave, unread(platform, `sends what nobody here has read to ${platform}`)]
  return [
    ...grave,
    ...documents.flatMap((one) =>
      about.readers.graphql(
        platform,
        /^\s*\{\s*["']query/.test(one) ? one : JSON.stringify({ query: one }),
      ),
    ),
  ].filter(({ effect }) => effect !== 'read' && effect !== 'write')
}
