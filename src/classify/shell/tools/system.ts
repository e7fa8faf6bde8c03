/** A machine's own: services of databases, accounts, schedules, firewalls, keys and audit. */
import { rule, tool } from '../tool.ts'
import type { Tool } from '../tool.ts'

const serves =
  'postgres(?:ql)?|pgbouncer|patroni|mysqld?|mariadbd?|mongod|mongos|redis|redis-server|valkey|valkey-server|elasticsearch|opensearch|clickhouse(?:-server)?|cassandra|scylla-server|cockroach|couchdb|couchbase-server|influxdb|neo4j|rabbitmq-server|kafka|zookeeper|etcd|minio|memcached|mssql-server|oracle|ceph[\\w-]*|vault|consul'
const database = new RegExp(`^(?:${serves})(?:[-@.\\d][\\w@.:-]*)?$`, 'i')
const packages =
  /^(postgres|pgbouncer|mysql|mariadb|mongo|redis|valkey|elasticsearch|opensearch|clickhouse|cassandra|couchdb|influxdb|neo4j|rabbitmq|etcd|minio|docker|containerd|lxd|vault)/i
const guards =
  /^(firebreak|auditd|rsyslog|.*backup.*|.*snapshot.*|.*pitr.*|restic.*|borg.*|kopia.*|pgbackrest.*|barman.*|wal-g.*|sanoid.*|snapper.*|firewalld|ufw|nftables|iptables|fail2ban|crond?)(\.(service|timer))?$/i

const ends = 'ends a database'

const systemctl = tool(
  () => [
    rule('stop|restart|kill|disable|mask', ['destroy', 'outage'], ends, { like: database }),
    rule('stop|disable|mask|kill', ['destroy', 'guard'], 'ends backups, audit or a firewall', {
      like: guards,
    }),
    rule('poweroff|reboot|halt|isolate|kexec|rescue', ['destroy', 'outage'], 'ends the machine'),
  ],
  { valued: '-H --host -M --machine -t --type -n -o' },
)

const firewall = tool(
  () => [
    rule('', ['expose'], 'drops the rules of the firewall', { only: '-F --flush' }),
    rule('', ['expose'], 'opens what no rule closes', { only: '-P --policy', like: /^ACCEPT$/ }),
  ],
  { valued: '-t --table -A -I -D -P --policy -p -s -d -j -i -o --dport --sport -m' },
)

const purge = tool(
  () => [
    rule('purge', ['destroy', 'data'], 'takes the program away with its data', { like: packages }),
    rule('remove|autoremove', ['destroy', 'data'], 'takes the program away with its data', {
      only: '--purge',
      like: packages,
    }),
  ],
  { shows: '-s --simulate --dry-run --just-print', valued: '-o -t -c' },
)

const kills = tool(() => [rule('', ['destroy', 'outage'], ends, { like: database })], {
  valued: '-s --signal -u -U -G -g -P -t',
})

const ended = tool(() => [rule('', ['destroy', 'outage'], 'ends the machine', { but: '-c' })])

export const system: readonly (readonly [string, Tool])[] = [
  ['systemctl', systemctl],
  [
    'service',
    tool(() => [rule('* stop|restart', ['destroy', 'outage'], ends, { like: database })]),
  ],
  [
    'brew',
    tool(() => [
      rule('services stop|restart|kill', ['destroy', 'outage'], ends, { like: database }),
    ]),
  ],
  ['pkill', kills],
  ['killall', kills],
  ['shutdown', ended],
  ['reboot', ended],
  ['poweroff', ended],
  ['halt', ended],
  [
    'userdel',
    tool(() => [
      rule('*', ['destroy', 'account'], 'deletes a user'),
      rule('*', ['destroy', 'data', 'account'], 'deletes a user with the home', {
        only: '-r --remove',
      }),
    ]),
  ],
  [
    'deluser',
    tool(() => [
      rule('*', ['destroy', 'account'], 'deletes a user', { most: 0 }),
      rule('*', ['destroy', 'data', 'account'], 'deletes a user with the files', {
        only: '--remove-home --remove-all-files',
      }),
    ]),
  ],
  [
    'passwd',
    tool(() => [rule('', ['expose'], 'lets an account in without a password', { only: '-d' })]),
  ],
  [
    'crontab',
    tool(
      () => [
        rule('', ['destroy', 'guard'], 'takes every schedule away, backups too', { only: '-r' }),
      ],
      {
        valued: '-u',
      },
    ),
  ],
  ['iptables', firewall],
  ['ip6tables', firewall],
  ['nft', tool(() => [rule('flush|delete', ['expose'], 'drops the rules of the firewall')])],
  [
    'ufw',
    tool(() => [rule('disable|reset|allow|delete', ['expose'], 'opens ports')], {
      shows: '--dry-run',
    }),
  ],
  [
    'firewall-cmd',
    tool(() => [
      rule('', ['expose'], 'opens ports', {
        only: '--add-port --add-service --add-rich-rule --add-source --panic-off --set-default-zone --load-zone-defaults',
      }),
    ]),
  ],
  ['apt', purge],
  ['apt-get', purge],
  ['aptitude', purge],
  [
    'dpkg',
    tool(() => [
      rule('', ['destroy', 'data'], 'takes the program away with its data', {
        only: '-P --purge',
        like: packages,
      }),
    ]),
  ],
  [
    'chattr',
    tool(() => [rule('', ['destroy', 'guard'], 'lets locked files be changed', { only: '-i -a' })]),
  ],
  [
    'setenforce',
    tool(() => [rule('0|permissive', ['destroy', 'guard'], 'ends a guard of the system')]),
  ],
  [
    'auditctl',
    tool(
      () => [
        rule('', ['destroy', 'guard'], 'drops the rules of the audit', { only: '-D' }),
        rule('', ['destroy', 'guard'], 'ends the audit', { only: '-e=0' }),
      ],
      { valued: '-e -a -w -p -k -f -b' },
    ),
  ],
  ['wevtutil', tool(() => [rule('cl|clear-log', ['destroy', 'guard'], 'clears an event log')])],
  [
    'gpg',
    tool(() => [
      rule('', ['destroy', 'key'], 'deletes a secret key', {
        only: '--delete-secret-keys --delete-secret-key --delete-secret-and-public-key',
      }),
      rule('', ['expose'], 'writes a secret key out', {
        only: '--export-secret-keys --export-secret-key --export-secret-subkeys',
      }),
    ]),
  ],
  [
    'keytool',
    tool(() => [rule('', ['destroy', 'key'], 'deletes a key', { only: '-delete' })], {
      isGo: true,
    }),
  ],
  ['pass', tool(() => [rule('rm|remove|delete', ['destroy', 'key'], 'deletes a secret')])],
  [
    'security',
    tool(() => [
      rule(
        'delete-generic-password|delete-internet-password|delete-keychain|delete-identity',
        ['destroy', 'key'],
        'deletes a secret',
      ),
      rule('find-generic-password|find-internet-password', ['expose'], 'prints a secret', {
        only: '-w -g',
      }),
    ]),
  ],
]
