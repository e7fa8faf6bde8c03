/** Programs of stores that speak no SQL, or of many machines: documents, columns, series, graphs, search, warehouses. */
import { rule, tool } from '../tool.ts'
import type { Tool } from '../tool.ts'

const mongo = '--uri --host --port -u --username -p --password -d --db -c --collection --archive'

const influx = tool(
  () => [
    rule('delete', ['destroy', 'data'], 'deletes points'),
    rule('bucket|org|database|table delete', ['destroy', 'container'], 'deletes a store'),
    rule('delete database|table', ['destroy', 'container'], 'deletes a store'),
    rule('bucket update', ['destroy', 'guard'], 'changes how long points stay', {
      only: '-r --retention',
    }),
    rule('restore', ['destroy', 'overwrite'], 'writes a backup over all that lives', {
      only: '--full',
    }),
    rule('user delete', ['destroy', 'account'], 'deletes a user'),
    rule('auth create', ['expose'], 'mints a token'),
    rule('auth delete', ['destroy', 'account'], 'takes a token away'),
    rule('', ['destroy', 'container'], 'drops a store', {
      only: '-execute',
      like: /^\s*(drop|delete)\b/i,
    }),
  ],
  {
    valued:
      '-o --org -t --token --host -host -b --bucket --start --stop -p --predicate -r --retention -execute -database',
    isGo: true,
  },
)

const neo4j = tool(
  () => [
    rule('database load|restore', ['destroy', 'overwrite'], 'writes over a database', {
      only: '--overwrite-destination --force --overwrite-destination=true',
    }),
    rule('load|restore', ['destroy', 'overwrite'], 'writes over a database', { only: '--force' }),
    rule('database import full', ['destroy', 'overwrite'], 'writes over a database', {
      only: '--overwrite-destination',
    }),
    rule('server unbind', ['destroy', 'container'], 'takes a server out of its cluster'),
  ],
  { valued: '--from-path --from' },
)

const cypher = tool(
  () => [
    rule('', ['destroy', 'data'], 'deletes nodes', {
      like: /\b(delete|drop\s+(database|constraint|alias|user))\b/i,
    }),
  ],
  { valued: '-a -u -p -d -f --database' },
)

/** Warehouses and engines whose statement stands in a flag. */
const statements = tool(
  () => [
    rule('', ['destroy', 'data'], 'runs a statement that takes data away', {
      like: /(^|;)\s*(drop\s|truncate|delete\s+from(?![^]*\bwhere\b)|insert\s+overwrite|create\s+or\s+replace\s+table)/i,
    }),
  ],
  { valued: '-e -q --execute --query -u -n -p -d --server --catalog --schema -f --file -i' },
)

export const stores: readonly (readonly [string, Tool])[] = [
  [
    'mongorestore',
    tool(
      () => [
        rule('', ['destroy', 'overwrite'], 'drops each collection before it restores it', {
          only: '--drop',
        }),
      ],
      { valued: `${mongo} --nsInclude --nsExclude --nsFrom --nsTo`, shows: '--dryRun' },
    ),
  ],
  [
    'mongoimport',
    tool(
      () => [
        rule('', ['destroy', 'overwrite'], 'drops the collection before it imports', {
          only: '--drop',
        }),
        rule('', ['destroy', 'data'], 'deletes the documents that the file names', {
          only: '--mode=delete',
        }),
      ],
      { valued: `${mongo} --file --type --mode` },
    ),
  ],
  [
    'nodetool',
    tool(
      () => [
        rule('clearsnapshot', ['destroy', 'backup'], 'deletes snapshots'),
        rule('decommission|removenode|assassinate', ['destroy', 'container'], 'takes a node away'),
        rule('disableautocompaction|disablebackup', ['destroy', 'guard'], 'ends the backups'),
        rule('stopdaemon|drain|disablebinary', ['destroy', 'outage'], 'ends the server'),
      ],
      { valued: '-h -p -u -pw -pwf --host --port' },
    ),
  ],
  ['influx', influx],
  ['influxdb3', influx],
  [
    'influxd',
    tool(() => [rule('restore', ['destroy', 'overwrite'], 'writes a backup over what lives')]),
  ],
  ['neo4j-admin', neo4j],
  ['cypher-shell', cypher],
  [
    'arangorestore',
    // It drops what is there unless it is told not to.
    tool(() => [
      rule('', ['destroy', 'overwrite'], 'drops each collection before it restores it', {
        but: '--overwrite=false',
      }),
    ]),
  ],
  [
    'arangoimport',
    tool(() => [
      rule('', ['destroy', 'overwrite'], 'empties the collection', { only: '--overwrite' }),
    ]),
  ],
  [
    'couchbase-cli',
    tool(() => [
      rule('bucket-delete|bucket-flush', ['destroy', 'container'], 'empties or deletes a bucket'),
      rule('user-manage', ['destroy', 'account'], 'deletes a user', { only: '--delete' }),
    ]),
  ],
  [
    'cbbackupmgr',
    tool(() => [
      rule('remove|merge', ['destroy', 'backup'], 'deletes backups'),
      rule('restore', ['destroy', 'overwrite'], 'writes over what lives', {
        only: '--force-updates',
      }),
    ]),
  ],
  [
    'tiup',
    tool(() => [
      rule('cluster destroy|clean|prune', ['destroy', 'container'], 'destroys a cluster'),
      rule('cluster stop', ['destroy', 'outage'], 'ends a cluster'),
    ]),
  ],
  [
    'cockroach',
    tool(() => [
      rule('node decommission', ['destroy', 'container'], 'takes a node away'),
      rule(
        'debug reset-quorum|recover',
        ['destroy', 'data'],
        'throws away what it cannot agree on',
      ),
    ]),
  ],
  [
    'dolt',
    tool(() => [
      rule('reset', ['destroy', 'data'], 'throws changes away', { only: '--hard' }),
      rule('branch', ['destroy', 'data'], 'deletes a branch', { only: '-D' }),
      rule('table rm', ['destroy', 'data'], 'drops a table'),
      rule('push', ['destroy', 'overwrite'], 'writes over the history', { only: '-f --force' }),
    ]),
  ],
  [
    'curator_cli',
    tool(
      () => [
        rule('delete_indices|delete-indices', ['destroy', 'data'], 'deletes indices'),
        rule('delete_snapshots|delete-snapshots', ['destroy', 'backup'], 'deletes snapshots'),
      ],
      { valued: '--host --port --config', shows: '--dry-run' },
    ),
  ],
  [
    'elasticsearch-node',
    tool(() => [
      rule('unsafe-bootstrap|detach-cluster|repurpose', ['destroy', 'data'], 'throws data away'),
    ]),
  ],
  [
    'algolia',
    tool(
      () => [
        rule('indices|index delete|clear', ['destroy', 'data'], 'empties or deletes an index'),
        rule('objects|rules|synonyms|rule|synonym delete', ['destroy', 'data'], 'deletes records'),
        rule('apikeys|api-keys delete', ['destroy', 'account'], 'takes a key away'),
        rule('apikeys|api-keys create', ['expose'], 'mints a key'),
        rule('application|applications delete', ['destroy', 'container'], 'deletes an application'),
      ],
      { valued: '-p --profile --application-id --admin-api-key --api-key' },
    ),
  ],
  ['trino', statements],
  ['presto', statements],
  ['hive', statements],
  ['beeline', statements],
  ['spark-sql', statements],
  ['impala-shell', statements],
  [
    'rethinkdb',
    tool(() => [rule('restore', ['destroy', 'overwrite'], 'writes over', { only: '--force' })]),
  ],
]
