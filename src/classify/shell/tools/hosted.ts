/** Databases that others run: projects, branches, and what is in them. */
import { rule, tool } from '../tool.ts'
import { backup, data, gone, guard, key, name, named, over, tells } from './rows.ts'
import type { Rows } from './rows.ts'

export const hosted: Rows = [
  ...named(
    'supabase',
    tool(
      () => [
        gone('projects delete', 'takes a project with its database away'),
        gone('branches delete', 'takes a branch’s database away'),
        data('db reset', 'drops and makes the linked database anew', { only: '--linked --db-url' }),
        over('db push', 'runs migrations that it is told to bring along', {
          only: '--include-all',
          but: '--dry-run --local',
        }),
        data('storage rm', 'takes files out of the storage', { only: '-r --recursive' }),
        key('secrets unset', 'takes secrets away'),
        gone('functions delete', 'takes a function away'),
        over('migration repair', 'writes over what the database says of its migrations'),
        over('backups restore', 'has a backup written over what lives'),
        tells('projects api-keys', 'prints the keys of a project'),
        name('domains|vanity-subdomains delete', 'gives a name up that others can take'),
        guard('network-bans remove', 'lets an address in that was shut out'),
      ],
      {
        valued:
          '--project-ref --db-url -p --password --workdir --profile --experimental-x --schema -s',
        instead: 'work on a local database: `supabase db reset --local`',
      },
    ),
  ),
  ...named(
    'neon neonctl',
    tool(
      () => [
        gone('projects|project delete', 'takes a project with all its branches away'),
        gone('branches|branch delete', 'takes a branch with its data away'),
        gone('databases|database delete', 'drops a database'),
        rule('roles|role delete', ['destroy', 'account'], 'drops a role of the database'),
        over('branches|branch reset|restore', 'writes a branch over with another state'),
        tells('connection-string|cs', 'prints a connection string with its password', {
          only: '--never',
        }),
      ],
      {
        valued:
          '--project-id --branch --org-id --api-key --config-dir -o --output --context-file --database-name --role-name',
      },
    ),
  ),
  ...named(
    'pscale',
    tool(
      () => [
        gone('database|db delete', 'takes a database away'),
        gone('branch delete', 'takes a branch with its data away'),
        backup('backup delete', 'takes a backup away'),
        guard('branch safe-migrations disable', 'lets schemas change without a look'),
        key('password delete', 'takes a password away'),
      ],
      { valued: '--org --service-token --service-token-id --api-token -f --format' },
    ),
  ),
  ...named(
    'turso',
    tool(() => [
      gone('db destroy', 'takes a database away'),
      gone('group destroy', 'takes a group with its databases away'),
      rule('org destroy', ['destroy', 'account'], 'takes an organisation away'),
      data('db shell', 'runs SQL that takes data away', {
        like: /\b(drop|truncate|delete\s+from(?!.*\bwhere\b))\b/i,
      }),
      tells('db tokens create', 'makes a token'),
    ]),
  ),
  ...named(
    'atlas',
    tool(
      () => [
        gone('clusters|cluster delete', 'takes a cluster with its data away'),
        gone('projects|project delete', 'takes a project away'),
        backup('backups snapshots delete', 'takes a snapshot away'),
        guard('backups schedule delete', 'ends the backups'),
        rule('dbusers delete', ['destroy', 'account'], 'takes a user away'),
        gone('streams instances delete', 'takes a store away'),
        gone('schema clean', 'drops everything in the schema'),
      ],
      { valued: '--projectId --orgId -P --profile -o --output -u --url' },
    ),
  ),
  ...named(
    'upstash',
    tool(() => [
      gone('redis|vector|kafka|qstash delete', 'takes a store with its data away'),
      rule('team delete', ['destroy', 'account'], 'takes a team away'),
    ]),
  ),
]
