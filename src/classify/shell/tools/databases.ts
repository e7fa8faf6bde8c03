/** Programs beside a database server: what drops, restores over, and makes anew. */
import { rule, tool } from '../tool.ts'
import type { Tool } from '../tool.ts'

const pg = '-h --host -p --port -U --username -d --dbname -W-x --maintenance-db'

export const databases: readonly (readonly [string, Tool])[] = [
  ['dropdb', tool([rule('*', ['destroy', 'container'], 'drops a database')], { valued: pg })],
  [
    'dropuser',
    tool([rule('*', ['destroy', 'account'], 'drops a role of the database server')], {
      valued: pg,
    }),
  ],
  [
    'pg_restore',
    tool(
      [
        rule('', ['destroy', 'overwrite'], 'drops what is there before it restores', {
          only: '-c --clean -C --create',
        }),
        rule('', ['destroy', 'overwrite'], 'restores into a database that lives', {
          only: '-d --dbname',
        }),
      ],
      {
        valued: `${pg} -F --format -j --jobs -n --schema -t --table -f --file -L --use-list -I -P -T -N -S --section`,
        shows: '-l --list',
      },
    ),
  ],
  [
    'pg_resetwal',
    tool([rule('', ['destroy', 'data'], 'throws the write-ahead log away')], {
      shows: '-n --dry-run',
    }),
  ],
  ['pg_dropcluster', tool([rule('*', ['destroy', 'container'], 'drops a whole cluster')])],
  ['initdb', tool([])],
  [
    'mysqladmin',
    tool(
      [
        rule('drop', ['destroy', 'container'], 'drops a database'),
        rule('shutdown', ['destroy', 'outage'], 'ends the server'),
      ],
      { valued: '-u -h -p-x -P -S --user --host --port' },
    ),
  ],
  [
    'mongorestore',
    tool(
      [
        rule('', ['destroy', 'overwrite'], 'drops each collection before it restores it', {
          only: '--drop',
        }),
      ],
      { valued: '--uri --host --port -d --db -c --collection --archive --nsInclude' },
    ),
  ],
]
