/** Connection strings and the other ways in which the passwords of databases and servers are written down. */
import { rule } from '../rule.ts'
import type { Rule } from '../rule.ts'

/** `user:password@host` of a URL (RFC 3986 §3.2); the password may be percent-encoded, and is taken as it stands. */
const login = String.raw`(?<user>[^\s:@/'"<>\x60\\]{0,120}):(?<secret>[^\s@/'"\x60<>\\]{1,256})@(?<host>\[[0-9a-fA-F:.]{2,45}\]|[^\s/:'"?#\x60,;)(<>\\]{1,253})`

/** Schemes, the one that the reader of the URL would name, and whose server it is. */
const schemes: readonly (readonly [provider: string, keyword: string, scheme: string])[] = [
  ['postgres', 'postgres', String.raw`postgres(?:ql)?(?:\+\w{1,20})?`],
  ['mysql', 'mysql', String.raw`mysql2?(?:\+\w{1,20})?`],
  ['mysql', 'mariadb', String.raw`mariadb(?:\+\w{1,20})?`],
  ['mongodb', 'mongodb', String.raw`mongodb(?:\+srv)?`],
  ['redis', 'redis', 'rediss?'],
  ['amqp', 'amqp', 'amqps?'],
  ['clickhouse', 'clickhouse', String.raw`clickhouse(?:\+\w{1,20})?`],
  ['mssql', 'sqlserver', 'sqlserver'],
]

/** Hosts that only exist in texts about hosts. */
const nobody =
  /(?:^|\.)(?:example\.(?:com|org|net)|example|invalid|test)$|^(?:host(?:name)?|server|your[-_.].{0,80}|.{0,80}[-_.]host)$|[<>{}$%*]/i
/** This machine, or a name that means something in one machine's network alone. */
const here =
  /^(?:localhost|127\.\d+\.\d+\.\d+|0\.0\.0\.0|\[::1\]|host\.docker\.internal|[^.]+|.+\.(?:local|localhost|internal\.docker))$/i

const isHere = (host = ''): boolean => here.test(host) && !/^\[(?!::1\])/.test(host)
const isSomebody = (host = ''): boolean => !nobody.test(host)

const databases = schemes.flatMap(([provider, keyword, scheme]) => {
  const pattern = new RegExp(`${either(scheme)}://${login}`, 'dy')
  const far: Rule = rule(`${provider}-url`, provider, [[keyword], pattern], {
    glued: true,
    guessable: true,
    check: ({ host }) => isSomebody(host) && !isHere(host),
  })
  return [
    far,
    {
      ...far,
      id: 'local-database-url',
      low: true,
      check: ({ host }: Readonly<Record<string, string | undefined>>) =>
        isSomebody(host) && isHere(host),
    },
  ]
})

function either(text: string): string {
  return text.replaceAll(/\\.|[a-z]/g, (part) =>
    part.length > 1 ? part : `[${part}${part.toUpperCase()}]`,
  )
}

export const connections: readonly Rule[] = [
  ...databases,
  rule(
    'url-password',
    'unknown',
    [
      ['https://', 'http://', 'ftp://', 'smtp://', 'smtps://'],
      new RegExp(`[a-zA-Z]{3,5}://${login}`, 'dy'),
    ],
    {
      glued: true,
      guessable: true,
      check: ({ host, secret = '' }) => isSomebody(host) && !isHere(host) && secret.length > 5,
    },
  ),
  rule(
    'postgres-password',
    'postgres',
    [
      ['pgpassword'],
      /[pP][gG][pP][aA][sS][sS][wW][oO][rR][dD](?:=|["']?\s{0,4}:\s{0,4})["']?(?<secret>[^\s'"`;,&|)]{4,200})/dy,
    ],
    { guessable: true },
  ),
  rule(
    'mysql-password',
    'mysql',
    [
      ['mysql_pwd'],
      /(?:MYSQL_PWD)(?:=|["']?\s{0,4}:\s{0,4})["']?(?<secret>[^\s'"`;,&|)]{4,200})/dy,
    ],
    { guessable: true },
  ),
]
