/** Queues, topics and keys of the programs that pass them on. */
import { tool } from '../tool.ts'
import { data, gone, guard, over } from './rows.ts'
import type { Rows } from './rows.ts'

export const brokers: Rows = [
  [
    'rpk',
    tool(
      () => [
        gone('topic delete', 'takes something away'),
        gone('group delete', 'takes something away'),
        gone('cluster storage|partitions delete', 'takes something away'),
      ],
      {
        valued: '-X --brokers --config --profile',
      },
    ),
  ],
  [
    'consul',
    tool(
      () => [
        data('kv delete', 'takes keys away', { only: '-recurse --recurse' }),
        guard('snapshot restore', 'writes a state over what lives'),
        gone('force-leave', 'takes a node away', { only: '--never' }),
      ],
      { isGo: true, valued: '-http-addr -token -datacenter' },
    ),
  ],
  [
    'etcdctl',
    tool(
      () => [
        data('del', 'takes keys away', { only: '--prefix --from-key' }),
        over('snapshot restore', 'writes a state over', { only: '--never' }),
        gone('member remove', 'takes a member away'),
      ],
      { valued: '--endpoints --cacert --cert --key --user' },
    ),
  ],
  [
    'kafka-topics',
    tool(() => [gone('', 'takes a topic with its messages away', { only: '--delete' })], {
      valued: '--bootstrap-server --topic --command-config --zookeeper',
    }),
  ],
  [
    'kafka-topics.sh',
    tool(() => [gone('', 'takes a topic with its messages away', { only: '--delete' })], {
      valued: '--bootstrap-server --topic --command-config --zookeeper',
    }),
  ],
  ['kafka-delete-records', tool(() => [data('', 'takes messages away')])],
  [
    'kafka-consumer-groups',
    tool(
      () => [
        guard('', 'moves where readers are', {
          only: '--reset-offsets --delete',
          but: '--dry-run',
        }),
      ],
      { valued: '--bootstrap-server --group --topic' },
    ),
  ],
  [
    'rabbitmqctl',
    tool(
      () => [
        gone(
          'delete_*|reset|force_reset|forget_cluster_node|clear_permissions',
          'takes queues with their messages away',
        ),
        data('purge_queue', 'takes all messages away'),
      ],
      { valued: '-n --node -p --vhost' },
    ),
  ],
  [
    'rabbitmqadmin',
    tool(
      () => [gone('delete *', 'takes a queue away'), data('purge *', 'takes all messages away')],
      {
        valued: '-H --host -P --port -u -p -V',
      },
    ),
  ],
  [
    'nats',
    tool(
      () => [
        gone(
          'stream|kv|object|consumer|account|bucket rm|del|delete|purge',
          'takes a stream with its messages away',
        ),
      ],
      { valued: '-s --server --creds --context' },
    ),
  ],
]
