/** Commands of platforms and frameworks that open a client of a database: judged as that client. */
import type { Operation } from '../../core/operation.ts'
import { argOf } from './arg.ts'
import type { Nested } from './nested.ts'
import type { Run } from './run.ts'
import type { Scope } from './scope.ts'

/** By program: the words by which it becomes one, and whether the words behind are the statement itself. */
const clients: ReadonlyMap<string, readonly { readonly sub: string; readonly isText: boolean }[]> =
  new Map([
    ['heroku', [{ sub: 'pg:psql', isText: false }]],
    ['fly', [{ sub: 'postgres connect', isText: false }]],
    ['flyctl', [{ sub: 'postgres connect', isText: false }]],
    ['railway', [{ sub: 'connect', isText: false }]],
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
  return nested
    .run({ ...run, argv: [argOf('psql'), ...flags], writes: [] }, scope)
    .filter(({ effect }) => effect !== 'read' && effect !== 'write')
}
