/** Connection strings and the other ways in which the passwords of databases and servers are written down. */
import { isHere, isSomebody, ownerOfHost } from '../owners.ts'
import { rule } from '../rule.ts'
import type { Groups, Rule } from '../rule.ts'

/** `user:password@host` of a URL (RFC 3986 §3.2); the password may be percent-encoded, and is taken as it stands. */
const login = String.raw`(?<user>[^\s:@/'"<>\x60\\]{0,120}):(?<secret>[^\s@/'"\x60<>\\]{1,256})@(?<host>\[[0-9a-fA-F:.]{2,45}\]|[^\s/:'"?#\x60,;)(<>\\]{1,253})`

/** What may follow the host: port, database, settings. */
const rest = String.raw`(?::\d{1,5})?(?:/[\w.%~$-]{0,128})?(?:\?[\w.=&%~+:/-]{0,300})?`

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

const databases = schemes.flatMap(([provider, keyword, scheme]) => {
  const pattern = new RegExp(`${either(scheme)}://${login}${rest}`, 'dy')
  const far: Rule = rule(`${provider}-url`, provider, [[keyword], pattern], {
    glued: true,
    marked: '@',
    guessable: true,
    check: ({ host }) => isSomebody(host) && !isHere(host),
  })
  return [
    far,
    {
      ...far,
      id: 'local-database-url',
      low: true,
      // Papers are full of them, and they reach nothing.
      files: /^(?!.*\.(?:mdx?|rst|adoc|txt)$)/i,
      check: ({ host, user = '' }: Groups) =>
        isSomebody(host) && isHere(host) && !/[{}<>$]/.test(user),
    },
  ]
})

function either(text: string): string {
  return text.replaceAll(/\\.|[a-z]/g, (part) =>
    part.length > 1 ? part : `[${part}${part.toUpperCase()}]`,
  )
}

/** Texts about URLs are full of passwords; a real one has a digit, and seldom says that it is one. */
function isLikely(secret: string): boolean {
  const plain = secret.replaceAll(/%[0-9a-f]{2}/gi, '/')
  return plain.length >= 8 && /\d/.test(plain) && !/pass|word|secret|user/i.test(plain)
}

/** A variable in which a client takes its password; in code the value is quoted, else it is another variable. */
const password = (id: string, provider: string, name: string): Rule =>
  rule(
    id,
    provider,
    [
      [name],
      new RegExp(
        String.raw`${either(name)}(?:=["']?|["']?\s{0,4}[:=]\s{0,4}["'])(?<secret>[^\s'"\x60;,&|()]{4,200})(?!\()`,
        'dy',
      ),
    ],
    { guessable: true },
  )

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
      marked: '@',
      guessable: true,
      check: ({ host, secret = '' }) => isSomebody(host) && !isHere(host) && isLikely(secret),
      whose: ({ host = '' }) => ownerOfHost(host),
    },
  ),
  password('postgres-password', 'postgres', 'pgpassword'),
  password('mysql-password', 'mysql', 'mysql_pwd'),
  password('redis-password', 'redis', 'rediscli_auth'),
]
