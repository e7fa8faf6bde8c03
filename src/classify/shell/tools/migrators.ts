/** Migrators that belong to no one framework, and those of Java, Go, Rust and .NET. */
import { rule, tool } from '../tool.ts'
import type { Tool } from '../tool.ts'

const back = 'rolls migrations back: what they had added goes with its data'
const drops = 'drops every table'

const flywayLike = /^(flyway:clean|flywayClean|:?\w*:?flywayClean)$/
const liquibaseLike =
  /^(liquibase:(dropAll|rollback\w*)|(:?\w+:)?liquibase(DropAll|Rollback\w*)|dropAll)$/

/** Maven, Gradle, sbt: the plug-ins of the migrators by their goals. */
const build = tool(
  () => [
    rule('', ['destroy', 'container'], 'drops all that is in the schema', { like: flywayLike }),
    rule('', ['destroy', 'data'], 'drops or rolls back what is in the schema', {
      like: liquibaseLike,
    }),
  ],
  { shows: '--dry-run -m' },
)

const pg = '-u --url -d --database -p --path --source --dir -e --env'

export const migrators: readonly (readonly [string, Tool])[] = [
  [
    'flyway',
    tool(
      () => [
        rule('', ['destroy', 'container'], 'drops all that is in the schema', { like: /^clean$/ }),
        rule('', ['destroy', 'data'], back, { like: /^undo$/ }),
      ],
      { isGo: true },
    ),
  ],
  [
    'liquibase',
    tool(() => [
      rule('drop-all|dropall', ['destroy', 'container'], drops),
      rule(
        'rollback|rollback-count|rollback-to-date|rollbackcount|rollbacktodate|rollback-one-changeset|rollback-one-update',
        ['destroy', 'data'],
        back,
      ),
    ]),
  ],
  ['mvn', build],
  ['mvnw', build],
  ['gradle', build],
  ['gradlew', build],
  ['sbt', build],
  [
    'dotnet-ef',
    tool(() => [
      rule('database drop', ['destroy', 'container'], 'drops the database', { but: '--dry-run' }),
      rule('database update 0', ['destroy', 'data'], back),
    ]),
  ],
  [
    'dotnet',
    tool(() => [
      rule('ef database drop', ['destroy', 'container'], 'drops the database', {
        but: '--dry-run',
      }),
      rule('ef database update 0', ['destroy', 'data'], back),
    ]),
  ],
  [
    'goose',
    tool(() => [rule('', ['destroy', 'data'], back, { like: /^(reset|down|down-to|redo)$/ })], {
      valued: '-dir -table -s',
      isGo: true,
    }),
  ],
  [
    'migrate',
    tool(
      () => [
        rule('drop', ['destroy', 'container'], drops),
        rule('down', ['destroy', 'data'], back),
        rule('force', ['destroy', 'guard'], 'sets the version, whatever has run'),
      ],
      { valued: '-path -database -source -lock-timeout -prefetch', isGo: true },
    ),
  ],
  [
    'dbmate',
    tool(
      () => [
        rule('drop', ['destroy', 'container'], 'drops the database'),
        rule('rollback|down', ['destroy', 'data'], back),
      ],
      { valued: `${pg} -s --schema-file --migrations-dir --migrations-table --env-file` },
    ),
  ],
  [
    'atlas',
    tool(
      () => [
        rule('schema clean', ['destroy', 'container'], drops),
        rule('schema apply', ['destroy', 'data'], 'drops what is not in the file, unasked', {
          only: '--auto-approve',
        }),
        rule('migrate down', ['destroy', 'data'], back),
      ],
      { valued: `${pg} --to --dev-url -c --config --var --exclude -s`, shows: '--dry-run' },
    ),
  ],
  [
    'sqlx',
    tool(() => [
      rule('database|db drop|reset', ['destroy', 'container'], 'drops the database'),
      rule('migrate revert', ['destroy', 'data'], back, { but: '--dry-run' }),
    ]),
  ],
  [
    'diesel',
    tool(
      () => [
        rule('database|db reset|drop', ['destroy', 'container'], 'drops the database'),
        rule('migration revert|redo', ['destroy', 'data'], back),
      ],
      { valued: '--database-url --migration-dir --config-file --locked-schema' },
    ),
  ],
  [
    'sea-orm-cli',
    tool(() => [rule('migrate fresh|refresh|reset|down', ['destroy', 'data'], back)], {
      valued: '-d --migration-dir -u --database-url -s',
    }),
  ],
  [
    'cargo',
    tool(() => [
      rule('sqlx database|db drop|reset', ['destroy', 'container'], 'drops the database'),
      rule('sqlx migrate revert', ['destroy', 'data'], back, { but: '--dry-run' }),
      rule('loco db reset|down|truncate', ['destroy', 'data'], drops),
    ]),
  ],
  [
    'tern',
    tool(
      () => [rule('migrate', ['destroy', 'data'], back, { only: '-d=0 --destination=0 -d=-1' })],
      {
        valued: '-d --destination -c --config -m --migrations --host --port --database --user',
      },
    ),
  ],
  [
    'soda',
    tool(() => [
      rule('drop|reset', ['destroy', 'container'], 'drops the database'),
      rule('migrate down|reset', ['destroy', 'data'], back),
    ]),
  ],
  [
    'buffalo',
    tool(() => [
      rule('pop|db drop|reset', ['destroy', 'container'], 'drops the database'),
      rule('pop|db migrate down|reset', ['destroy', 'data'], back),
    ]),
  ],
  [
    'sqitch',
    tool(() => [rule('revert|rebase|checkout', ['destroy', 'data'], back, { but: '--log-only' })]),
  ],
  [
    'skeema',
    tool(
      () => [
        rule('push', ['destroy', 'data'], 'drops what is not in the files', {
          only: '--allow-unsafe --safe-below-size',
        }),
      ],
      { shows: '--dry-run' },
    ),
  ],
  [
    'pgroll',
    tool(() => [rule('rollback', ['destroy', 'data'], back)], {
      valued: '--postgres-url --schema',
    }),
  ],
  [
    'edgedb',
    tool(() => [
      rule('database|branch drop|wipe', ['destroy', 'container'], 'drops a database'),
      rule('instance destroy', ['destroy', 'container'], 'destroys an instance'),
    ]),
  ],
  [
    'gel',
    tool(() => [
      rule('database|branch drop|wipe', ['destroy', 'container'], 'drops a database'),
      rule('instance destroy', ['destroy', 'container'], 'destroys an instance'),
    ]),
  ],
  [
    'pt-archiver',
    tool(() => [rule('', ['destroy', 'data'], 'deletes the rows it finds', { only: '--purge' })], {
      shows: '--dry-run',
      valued: '--source --where --limit',
    }),
  ],
  [
    'pt-table-sync',
    tool(() => [
      rule('', ['destroy', 'overwrite'], 'writes one table over another', { only: '--execute' }),
    ]),
  ],
]
