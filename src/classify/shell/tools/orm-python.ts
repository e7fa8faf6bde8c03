/** Frameworks and migrators of Python: what empties, drops or rolls a database back. */
import { rule, tool } from '../tool.ts'
import type { Tool } from '../tool.ts'

const back = 'rolls migrations back: what they had added goes with its data'

const django = tool(
  () => [
    rule('flush', ['destroy', 'data'], 'empties every table'),
    rule('reset_db', ['destroy', 'container'], 'drops the database'),
    rule('migrate', ['destroy', 'data'], back, { like: /^zero$/, but: '--fake --plan' }),
    rule('reset_schema', ['destroy', 'data'], 'drops every table'),
    rule('clear_index|rebuild_index', ['destroy', 'overwrite'], 'empties the search index', {
      only: '--noinput',
    }),
    rule('dbrestore|mediarestore', ['destroy', 'overwrite'], 'writes a backup over what lives'),
    rule('dbbackup|mediabackup', ['destroy', 'backup'], 'deletes older backups', {
      only: '--clean -c',
    }),
  ],
  { valued: '--settings --pythonpath --database --verbosity -v', instead: '`migrate`, forwards' },
)

const alembic = tool(() => [rule('downgrade', ['destroy', 'data'], back, { but: '--sql' })], {
  valued: '-c --config -n --name -x --tag',
})

export const ormPython: readonly (readonly [string, Tool])[] = [
  ['manage.py', django],
  ['django-admin', django],
  ['django-admin.py', django],
  ['django', django],
  ['alembic', alembic],
  [
    'flask',
    tool(
      () => [
        rule('db downgrade', ['destroy', 'data'], back, { but: '--sql' }),
        rule('drop_db|drop-db|db-drop|reset-db|reset_db|dropdb', ['destroy', 'data'], 'drops all'),
      ],
      { valued: '--app -A --env-file -e --directory -d' },
    ),
  ],
  [
    'litestar',
    tool(() => [rule('database downgrade|drop-all', ['destroy', 'data'], back, { but: '--sql' })], {
      valued: '--app --app-dir',
    }),
  ],
  [
    'aerich',
    tool(() => [rule('downgrade', ['destroy', 'data'], back)], { valued: '-c --config --app' }),
  ],
  ['piccolo', tool(() => [rule('migrations backwards', ['destroy', 'data'], back)])],
  [
    'yoyo',
    tool(() => [rule('rollback|reapply', ['destroy', 'data'], back)], { valued: '-d -c -r -m' }),
  ],
  [
    'airflow',
    tool(() => [
      rule('db reset', ['destroy', 'container'], 'drops the metadata database'),
      rule('db downgrade', ['destroy', 'data'], back),
      rule('db clean', ['destroy', 'data'], 'deletes old rows', { but: '--dry-run' }),
      rule('dags delete', ['destroy', 'data'], 'deletes the history of a DAG'),
    ]),
  ],
  [
    'dbt',
    tool(
      () => [
        rule('run|build', ['destroy', 'overwrite'], 'drops incremental tables, makes them anew', {
          only: '--full-refresh -f',
        }),
      ],
      { valued: '-s --select -m --models --target -t --profile --project-dir --exclude --vars' },
    ),
  ],
  [
    'bench',
    tool(
      () => [
        rule('drop-site', ['destroy', 'container'], 'drops a site with its database'),
        rule('reinstall', ['destroy', 'container'], 'drops all the data of a site'),
        rule('restore', ['destroy', 'overwrite'], 'writes a backup over what lives'),
        rule('uninstall-app', ['destroy', 'data'], 'deletes the data of an app'),
      ],
      { valued: '--site' },
    ),
  ],
  ['superset', tool(() => [rule('db downgrade', ['destroy', 'data'], back)])],
  [
    'ckan',
    tool(() => [rule('db clean', ['destroy', 'data'], 'empties the database')], { valued: '-c' }),
  ],
]
