/** Object mappers, migrators and content systems of Node: what empties, drops or rolls a database back. */
import { rule, tool } from '../tool.ts'
import type { Tool } from '../tool.ts'

const back = 'rolls migrations back: what they had added goes with its data'
const fresh = 'drops every table and makes them anew'
const url = '--url --config -c --schema --env --cwd'

const prisma = tool(
  () => [
    rule('migrate reset', ['destroy', 'container'], 'drops the database and makes it anew'),
    rule('db push', ['destroy', 'data'], 'drops tables and columns that the schema does not name', {
      only: '--force-reset --accept-data-loss',
    }),
    rule('db execute', ['unread'], 'would run a text that nobody here has read', {
      only: '--file --stdin',
    }),
  ],
  { valued: `${url} --file --name --from-url --to-url`, instead: '`prisma migrate deploy`' },
)

const typeorm = tool(
  () => [
    rule('schema:drop', ['destroy', 'data'], 'drops every table'),
    rule('migration:revert', ['destroy', 'data'], back),
    rule('schema:sync', ['destroy', 'data'], 'drops columns and tables that no entity names'),
    rule('query', ['destroy', 'data'], 'runs a statement that takes data away', {
      like: /^\s*(drop|truncate|delete(?![^]*\bwhere\b)|alter[^]*\bdrop)\b/i,
    }),
  ],
  { valued: '-d --dataSource -f --config -c --connection' },
)

const sequelize = tool(
  () => [
    rule('db:drop', ['destroy', 'container'], 'drops the database'),
    rule('db:migrate:undo|db:migrate:undo:all', ['destroy', 'data'], back),
    rule('db:seed:undo:all|db:seed:undo', ['destroy', 'data'], 'takes seeded rows away'),
  ],
  { valued: `${url} --options-path --migrations-path --seeders-path --models-path --to --name` },
)

const knex = tool(
  () => [
    rule('migrate:rollback|migrate:down', ['destroy', 'data'], back),
    rule('migrate:unlock', ['destroy', 'guard'], 'lets two migrations run at once'),
  ],
  { valued: '--knexfile --cwd --env --client --connection --migrations-directory' },
)

const mikro = tool(
  () => [
    rule('schema:drop|schema:fresh', ['destroy', 'data'], fresh, { only: '--run -r --drop-db' }),
    rule('migration:fresh', ['destroy', 'data'], fresh),
    rule('migration:down', ['destroy', 'data'], back),
    rule('schema:update', ['destroy', 'data'], 'drops what no entity names', {
      only: '--run -r',
      but: '--safe',
    }),
  ],
  { valued: `${url} --seed --from -f --to -t --only -o`, shows: '--dump -d' },
)

/** AdonisJS. */
const ace = tool(
  () => [
    rule('migration:fresh|migration:refresh|db:wipe|db:truncate', ['destroy', 'data'], fresh),
    rule('migration:reset|migration:rollback', ['destroy', 'data'], back),
  ],
  { valued: '--connection -c --batch', shows: '--dry-run' },
)

const payload = tool(() => [
  rule('migrate:fresh', ['destroy', 'data'], fresh),
  rule('migrate:reset|migrate:refresh|migrate:down', ['destroy', 'data'], back),
])

const strapi = tool(
  () => [
    rule('import', ['destroy', 'overwrite'], 'deletes all content and files before it imports'),
    rule('transfer', ['destroy', 'overwrite'], 'deletes all content there before it transfers', {
      only: '--to',
    }),
    rule('transfer', ['destroy', 'overwrite'], 'deletes all content here before it transfers', {
      only: '--from',
    }),
    rule('configuration:restore|config:restore', ['destroy', 'overwrite'], 'puts an older one in'),
  ],
  { valued: '-f --file -k --key --to --to-token --from --from-token --exclude --only -s' },
)

const convex = tool(
  () => [
    rule('import', ['destroy', 'overwrite'], 'deletes what the tables had before it imports', {
      only: '--replace --replace-all',
    }),
    rule('env remove|rm', ['destroy', 'key'], 'takes a secret away that cannot be read back'),
    rule('deployment|project delete', ['destroy', 'container'], 'deletes a deployment'),
  ],
  { valued: '--table --format --deployment-name --preview-name --env-file --url --admin-key' },
)

const hasura = tool(
  () => [
    rule('migrate apply', ['destroy', 'data'], back, { only: '--down', but: '--skip-execution' }),
    rule('migrate apply', ['destroy', 'data'], back, { only: '--type=down' }),
    rule('migrate apply', ['destroy', 'data'], 'may roll migrations back to that version', {
      only: '--goto',
      but: '--skip-execution',
    }),
    rule('migrate delete', ['destroy', 'guard'], 'forgets which migrations have run'),
    rule('metadata|md clear|reset', ['destroy', 'overwrite'], 'clears roles, relations, triggers'),
  ],
  {
    valued:
      '--endpoint --admin-secret --project --envfile --database-name --log-level --down --up --goto --type --version',
    shows: '--dry-run',
  },
)

const medusa = tool(
  () => [
    rule('db:rollback', ['destroy', 'data'], back),
    rule('db:sync-links', ['destroy', 'data'], 'drops link tables', { only: '--execute-all' }),
  ],
  { valued: '--db --npx' },
)

const redwood = tool(
  () => [
    rule('prisma migrate reset', ['destroy', 'container'], 'drops the database'),
    rule('prisma db push', ['destroy', 'data'], 'drops what the schema does not name', {
      only: '--force-reset --accept-data-loss',
    }),
  ],
  { valued: url },
)

const drizzle = tool(
  () => [
    rule('push', ['destroy', 'data'], 'drops tables and columns that the schema does not name', {
      only: '--force',
    }),
    rule('push:pg|push:mysql|push:sqlite', ['destroy', 'data'], 'drops what is not in the schema', {
      only: '--force',
    }),
    // `drizzle-kit drop` takes a migration's file away, and nothing of the database.
  ],
  { valued: '--config --dialect --schema --out --url --host --user --password --database' },
)

export const ormNode: readonly (readonly [string, Tool])[] = [
  ['prisma', prisma],
  ['zenstack', prisma],
  ['zen', prisma],
  ['blitz', redwood],
  ['drizzle-kit', drizzle],
  ['typeorm', typeorm],
  ['typeorm-ts-node-commonjs', typeorm],
  ['typeorm-ts-node-esm', typeorm],
  ['sequelize', sequelize],
  ['sequelize-cli', sequelize],
  ['knex', knex],
  ['kysely', knex],
  ['mikro-orm', mikro],
  ['mikro-orm-esm', mikro],
  ['ace', ace],
  ['adonis', ace],
  ['payload', payload],
  ['strapi', strapi],
  ['convex', convex],
  ['hasura', hasura],
  ['medusa', medusa],
  ['redwood', redwood],
  ['rw', redwood],
  [
    'keystone',
    tool(() => [
      rule('prisma migrate reset', ['destroy', 'container'], 'drops the database'),
      rule('prisma db push', ['destroy', 'data'], 'drops what the schema does not name', {
        only: '--force-reset --accept-data-loss',
      }),
      rule('dev', ['destroy', 'container'], 'drops the database', { only: '--reset-db' }),
    ]),
  ],
  ['wasp', tool(() => [rule('db reset', ['destroy', 'container'], 'drops the database')])],
  [
    'db-migrate',
    tool(
      () => [
        rule('reset|down|db:drop', ['destroy', 'data'], back),
        rule('reset:*|down:*', ['destroy', 'data'], back),
      ],
      { valued: '-e --env -c --count -m --config' },
    ),
  ],
  [
    'node-pg-migrate',
    tool(() => [rule('down|redo', ['destroy', 'data'], back)], { valued: '-d -m -j' }),
  ],
  ['migrate-mongo', tool(() => [rule('down', ['destroy', 'data'], back)], { valued: '-f --file' })],
  [
    'graphile-migrate',
    tool(() => [
      rule('reset', ['destroy', 'container'], 'drops the database', { only: '--erase' }),
    ]),
  ],
  [
    'sanity',
    tool(() => [
      rule('dataset|datasets delete', ['destroy', 'container'], 'deletes a whole dataset'),
      rule('dataset|datasets import', ['destroy', 'overwrite'], 'writes over documents', {
        only: '--replace',
      }),
      rule('documents|document delete', ['destroy', 'data'], 'deletes documents'),
      rule('backup|backups disable', ['destroy', 'guard'], 'ends the backups of a dataset'),
    ]),
  ],
  [
    'contentful',
    tool(() => [
      rule('space delete', ['destroy', 'container'], 'deletes a space'),
      rule('space environment delete', ['destroy', 'container'], 'deletes an environment'),
    ]),
  ],
  [
    'directus',
    tool(() => [
      rule('database migrate:down', ['destroy', 'data'], back),
      rule('schema apply', ['destroy', 'data'], 'drops collections that the file does not name', {
        only: '--yes -y',
        but: '--dry-run',
      }),
    ]),
  ],
  [
    'appwrite',
    tool(() => [
      rule(
        'databases|tables-db delete|delete-collection|delete-table|delete-documents|delete-rows',
        ['destroy', 'data'],
        'deletes a database, or what is in it',
      ),
      rule('storage delete-bucket', ['destroy', 'data'], 'deletes a bucket'),
      rule('projects delete', ['destroy', 'container'], 'deletes a project'),
    ]),
  ],
  [
    'firebase',
    tool(
      () => [
        rule('firestore:delete', ['destroy', 'data'], 'deletes documents and what is below them'),
        rule('firestore:databases:delete', ['destroy', 'container'], 'deletes a database'),
        rule('firestore:backups:delete', ['destroy', 'backup'], 'deletes a backup'),
        rule('firestore:backups:schedules:delete', ['destroy', 'guard'], 'ends a backup schedule'),
        rule('database:remove', ['destroy', 'data'], 'deletes what is at that path'),
        rule('database:set', ['destroy', 'overwrite'], 'writes over all that is at that path'),
        rule('auth:export', ['expose'], 'writes every account with its password hash to a file'),
        rule('functions:secrets:destroy', ['destroy', 'key'], 'destroys a secret'),
        rule('functions:secrets:access', ['expose'], 'prints a secret'),
        rule('hosting:disable|functions:delete', ['destroy', 'outage'], 'ends what is served'),
      ],
      { valued: '-P --project --token --account --database --config -c -j' },
    ),
  ],
]
