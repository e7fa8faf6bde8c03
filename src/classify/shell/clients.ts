/** Commands of platforms and frameworks that open a client of a database: judged as that client. */
import type { Operation } from '../../core/operation.ts'
import { argOf } from './arg.ts'
import type { Arg } from './arg.ts'
import type { Nested } from './nested.ts'
import type { Run } from './run.ts'
import type { Scope } from './scope.ts'

interface ClientOf {
  readonly sub: string
  /** Whether the words behind are the statement itself. */
  readonly isText: boolean
  /** Where a document of GraphQL goes; SQL goes to `psql`. */
  readonly to?: string
}

/** By program: the words by which it becomes one. */
const clients: ReadonlyMap<string, readonly ClientOf[]> = new Map<string, readonly ClientOf[]>([
  ['heroku', [{ sub: 'pg:psql', isText: false }]],
  ['fly', [{ sub: 'postgres connect', isText: false }]],
  ['flyctl', [{ sub: 'postgres connect', isText: false }]],
  [
    'railway',
    [
      { sub: 'connect', isText: false },
      // It sends the text to the platform, as the page does.
      { sub: 'api', isText: true, to: 'https://backboard.railway.com/graphql/v2' },
    ],
  ],
  ['render', [{ sub: 'psql', isText: false }]],
  ['manage.py', [{ sub: 'dbshell', isText: false }]],
  ['django-admin', [{ sub: 'dbshell', isText: false }]],
  ['kubectl', [{ sub: 'cnpg psql', isText: false }]],
  ['neonctl', [{ sub: 'psql', isText: false }]],
  [
    'supabase',
    [
      { sub: 'db query', isText: true },
      { sub: 'db execute', isText: true },
    ],
  ],
  ['neon', [{ sub: 'sql', isText: true }]],
])

/** Only what is grave of it. */
export function asClient(
  program: string,
  run: Run,
  scope: Scope,
  nested: Nested,
): readonly Operation[] {
  const args = run.argv.slice(1)
  const words = args.map(({ text }) => text).join(' ')
  const one = clients.get(program)?.find(({ sub }) => ` ${words} `.includes(` ${sub} `))
  if (one === undefined) return []
  const last = one.sub.split(' ').at(-1)
  const rest = args
    .slice(args.findIndex(({ text }) => text === last) + 1)
    .filter(({ text }) => text !== '--')
  const flags = one.isText
    ? rest.filter(({ text }) => !text.startsWith('-')).flatMap((text) => [argOf('-c'), text])
    : rest
  const psql = [argOf('psql'), ...flags]
  // `railway -s api logs`: a service of that name.
  const document = rest.find(({ text }) => text.includes('{'))?.text ?? null
  if (one.to !== undefined && document === null) return []
  return nested
    .run(
      { ...run, argv: one.to === undefined ? psql : asking(one.to, document), writes: [] },
      scope,
    )
    .filter(({ effect }) => effect !== 'read' && effect !== 'write')
}

function asking(url: string, query: string | null): readonly Arg[] {
  return ['curl', '--data-raw', JSON.stringify({ query }), url].map(argOf)
}
