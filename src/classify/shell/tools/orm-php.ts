/** Laravel, Symfony, WordPress, Drupal, Magento and their kin: what empties, drops or writes a database over. */
import { rule, tool } from '../tool.ts'
import type { Tool } from '../tool.ts'

const back = 'rolls migrations back: what they had added goes with its data'
const fresh = 'drops every table and makes them anew'
const statement =
  /^\s*(drop|truncate|delete(?![^]*\bwhere\b)|update(?![^]*\bwhere\b)|alter[^]*\bdrop)\b/i
const runs = 'runs a statement that takes data away'

const artisan = tool(
  () => [
    rule('migrate:fresh|db:wipe', ['destroy', 'data'], fresh),
    rule('migrate:reset|migrate:refresh|migrate:rollback', ['destroy', 'data'], back, {
      but: '--pretend',
    }),
    rule('tenants:migrate-fresh|tenants:rollback', ['destroy', 'data'], fresh),
    rule('module:migrate-reset|module:migrate-refresh', ['destroy', 'data'], back),
    rule('queue:clear|queue:flush|horizon:clear', ['destroy', 'data'], 'takes queued jobs away'),
    rule('key:generate|passport:keys', ['destroy', 'key'], 'writes over the key in use', {
      only: '--force',
      but: '--show',
    }),
    rule('backup:clean', ['destroy', 'backup'], 'deletes older backups'),
    rule('down', ['destroy', 'outage'], 'puts the site into maintenance'),
    rule('env:decrypt', ['expose'], 'writes the secrets out'),
  ],
  { valued: '--database --path --step --env --seeder', instead: '`artisan migrate`' },
)

/** Symfony takes the beginning of each part of a command's name: `d:s:d`. */
const symfony = tool(
  () => [
    rule('', ['destroy', 'container'], 'drops the database', {
      like: /^d(o\w*)?:(da?\w*):dr?o?p?$/,
      only: '--force -f',
      but: '--dump-sql',
    }),
    rule('', ['destroy', 'data'], 'drops every table', {
      like: /^d(o\w*)?:(mongodb:)?(s\w*):dr?o?p?$/,
      but: '--dump-sql',
    }),
    rule('', ['destroy', 'data'], 'drops what no entity names', {
      like: /^d(o\w*)?:s(ch\w*)?:u\w*$/,
      only: '--force -f',
    }),
    rule('', ['destroy', 'data'], 'empties every table before it loads', {
      like: /^(d(o\w*)?:(mongodb:)?f\w*:l\w*|hautelook:fixtures:load)$/,
      but: '--append',
    }),
    rule('doctrine:migrations:migrate|d:m:m', ['destroy', 'data'], back, {
      like: /^(first|prev|current-\d+)$/,
      but: '--dry-run --write-sql',
    }),
    rule('doctrine:migrations:execute', ['destroy', 'data'], back, {
      only: '--down',
      but: '--dry-run --write-sql',
    }),
    rule('doctrine:query:sql|dbal:run-sql', ['destroy', 'data'], runs, { like: statement }),
    rule('secrets:remove|secrets:generate-keys', ['destroy', 'key'], 'takes secrets away'),
    rule('secrets:decrypt-to-local', ['expose'], 'writes the secrets out'),
    rule('secrets:list', ['expose'], 'prints the secrets', { only: '--reveal' }),
    rule('setup:uninstall', ['destroy', 'container'], 'drops the database'),
    rule('setup:rollback', ['destroy', 'overwrite'], 'puts an older one in'),
    rule('setup:install', ['destroy', 'container'], 'drops every table first', {
      only: '--cleanup-database',
    }),
  ],
  { valued: '-e --env --connection --em --configuration' },
)

const wp = tool(
  () => [
    rule('db reset|drop|clean', ['destroy', 'container'], 'drops every table'),
    rule('db import', ['destroy', 'overwrite'], 'writes a dump over what lives'),
    rule('db query', ['destroy', 'data'], runs, { like: statement }),
    rule('site empty|delete', ['destroy', 'data'], 'deletes the content of a site'),
    rule('post|comment|user|term|menu|media|attachment|wc delete', ['destroy', 'data'], 'deletes', {
      only: '--force',
    }),
    rule('user delete', ['destroy', 'account'], 'deletes an account'),
    rule('search-replace', ['destroy', 'overwrite'], 'rewrites every table', {
      but: '--dry-run --export',
    }),
    rule('plugin uninstall', ['destroy', 'data'], 'deletes a plugin and its data'),
  ],
  { valued: '--path --url --ssh --http --user --require --context' },
)

const drush = tool(
  () => [
    rule('sql:drop|sql-drop', ['destroy', 'container'], 'drops every table'),
    rule('sql:create|sql-create', ['destroy', 'container'], 'drops the database and makes it anew'),
    rule('sql:sync|sql-sync', ['destroy', 'overwrite'], 'writes one database over another'),
    rule('sql:query|sql-query|sqlq', ['destroy', 'data'], runs, { like: statement }),
    rule('site:install|site-install|si', ['destroy', 'container'], 'drops every table first'),
    rule('entity:delete|entity-delete|edel', ['destroy', 'data'], 'deletes content'),
    rule('pm:uninstall|pm-uninstall|pmu|un', ['destroy', 'data'], 'deletes the data of a module'),
    rule('user:cancel|ucan', ['destroy', 'account'], 'deletes an account'),
    rule('core:rsync|rsync', ['destroy', 'overwrite'], 'deletes what is not at its source', {
      like: /^--delete/,
    }),
  ],
  { valued: '-r --root -l --uri', shows: '--simulate -s' },
)

const magerun = tool(() => [
  rule('db:drop', ['destroy', 'container'], 'drops the database'),
  rule('db:import', ['destroy', 'overwrite'], 'drops every table first', {
    only: '--drop --drop-tables',
  }),
  rule('customer:delete', ['destroy', 'data'], 'deletes customers'),
])

export const ormPhp: readonly (readonly [string, Tool])[] = [
  ['artisan', artisan],
  ['sail', artisan],
  ['console', symfony],
  ['symfony', symfony],
  ['magento', symfony],
  ['doctrine', symfony],
  ['doctrine-migrations', symfony],
  ['n98-magerun2', magerun],
  ['n98-magerun', magerun],
  ['wp', wp],
  ['wp-cli', wp],
  ['drush', drush],
  [
    'drupal',
    tool(() => [rule('database:drop|site:install', ['destroy', 'container'], 'drops all')]),
  ],
  [
    'typo3',
    tool(() => [rule('database:import', ['destroy', 'overwrite'], 'writes over what lives')]),
  ],
  [
    'craft',
    tool(() => [
      rule('db/drop-all-tables', ['destroy', 'container'], 'drops every table'),
      rule('db/restore', ['destroy', 'overwrite'], 'writes a backup over what lives'),
      rule('migrate/fresh|migrate/down|migrate/redo', ['destroy', 'data'], back),
    ]),
  ],
  [
    'yii',
    tool(() => [
      rule('migrate/fresh|migrate/down|migrate/redo|migrate/to', ['destroy', 'data'], back),
    ]),
  ],
  ['phinx', tool(() => [rule('rollback', ['destroy', 'data'], back)], { valued: '-e -t -d -c' })],
  ['cake', tool(() => [rule('migrations rollback', ['destroy', 'data'], back)])],
  [
    'spark',
    tool(() => [rule('migrate:refresh|migrate:rollback|db:wipe', ['destroy', 'data'], back)]),
  ],
]
