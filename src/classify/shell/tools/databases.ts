/** Programs beside a Postgres or MySQL server: what drops, restores over, and makes anew. */
import { rule, tool } from '../tool.ts'
import type { Tool } from '../tool.ts'

const pg = '-h --host -p --port -U --username -d --dbname --maintenance-db'
const ends = 'ends the server'

const mysql = '-u -h -P -S --user --host --port --socket --defaults-file --protocol'

const mysqlAdmin = tool(
  () => [
    rule('drop', ['destroy', 'container'], 'drops a database'),
    rule('shutdown|stop-slave|stop-replica', ['destroy', 'outage'], ends),
    rule('password', ['expose'], 'sets a new password'),
  ],
  { valued: mysql },
)

const mysqlImport = tool(
  () => [
    rule('', ['destroy', 'overwrite'], 'empties each table before it loads', {
      only: '-D --delete',
    }),
    rule('', ['destroy', 'overwrite'], 'writes over rows of the same key', { only: '--replace' }),
  ],
  { valued: mysql },
)

const mysqlDump = tool(
  () => [
    rule('', ['destroy', 'backup'], 'deletes the binary logs behind it: no way back by them', {
      only: '--delete-master-logs --delete-source-logs',
    }),
  ],
  { valued: mysql },
)

const ctl = tool(() => [rule('stop|restart|kill', ['destroy', 'outage'], ends)], {
  valued: '-D --pgdata -m --mode -t --timeout -l --log -o -U -N',
})

const cluster = tool(() => [rule('* * stop|restart', ['destroy', 'outage'], ends)])

export const databases: readonly (readonly [string, Tool])[] = [
  ['dropdb', tool(() => [rule('*', ['destroy', 'container'], 'drops a database')], { valued: pg })],
  [
    'dropuser',
    tool(() => [rule('*', ['destroy', 'account'], 'drops a role of the database server')], {
      valued: pg,
    }),
  ],
  [
    'createuser',
    tool(() => [rule('', ['expose'], 'makes a superuser', { only: '-s --superuser' })], {
      valued: `${pg} -c -g -a -m -v --valid-until --member-of`,
    }),
  ],
  [
    'pg_restore',
    tool(
      () => [
        rule('', ['destroy', 'overwrite'], 'drops what is there before it restores', {
          only: '-c --clean -C --create',
          but: '-f --file',
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
    tool(() => [rule('', ['destroy', 'data'], 'throws the write-ahead log away')], {
      shows: '-n --dry-run -V',
    }),
  ],
  ['pg_resetxlog', tool(() => [rule('', ['destroy', 'data'], 'throws the write-ahead log away')])],
  [
    'pg_rewind',
    tool(() => [rule('', ['destroy', 'overwrite'], 'writes another server over this one')], {
      shows: '-n --dry-run -V',
    }),
  ],
  [
    'pg_archivecleanup',
    tool(
      () => [rule('*', ['destroy', 'backup'], 'deletes archived logs: no way back to those times')],
      {
        valued: '-x',
        shows: '-n --dry-run',
      },
    ),
  ],
  [
    'vacuumlo',
    tool(() => [rule('*', ['destroy', 'data'], 'deletes large objects that no row names')], {
      valued: `${pg} -l`,
      shows: '-n --dry-run',
    }),
  ],
  ['pg_ctl', ctl],
  ['pg_ctlcluster', cluster],
  ['pg_dropcluster', tool(() => [rule('*', ['destroy', 'container'], 'drops a whole cluster')])],
  // It refuses a folder that holds anything.
  ['initdb', tool(() => [])],
  [
    'patronictl',
    tool(
      () => [
        rule('remove', ['destroy', 'container'], 'removes a cluster'),
        rule('reinit', ['destroy', 'overwrite'], 'makes a member anew from another'),
        rule('restart|failover|switchover|pause', ['destroy', 'outage'], 'moves or ends a server'),
      ],
      { valued: '-c --config-file -d --dcs-url' },
    ),
  ],
  [
    'pg_autoctl',
    tool(() => [
      rule('drop', ['destroy', 'container'], 'drops a node or a formation'),
      rule('perform failover|switchover', ['destroy', 'outage'], 'moves the server'),
    ]),
  ],
  ['mysqladmin', mysqlAdmin],
  ['mariadb-admin', mysqlAdmin],
  ['mysqlimport', mysqlImport],
  ['mariadb-import', mysqlImport],
  ['mysqldump', mysqlDump],
  ['mariadb-dump', mysqlDump],
  [
    'mysql_install_db',
    tool(() => [
      rule('', ['destroy', 'overwrite'], 'makes the system tables anew', { only: '--force' }),
    ]),
  ],
]
