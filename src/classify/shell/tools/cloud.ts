/** Clouds that are smaller, and Google’s and Microsoft’s: verbs that take what holds data away. */
import { rule, tool } from '../tool.ts'
import type { Rule } from '../tool.ts'
import { backup, data, gone, guard, key, over, stops, tells, who } from './rows.ts'
import type { Rows } from './rows.ts'

const gcloud = (): readonly Rule[] => [
  gone('projects delete', 'takes a project with all that it holds away'),
  gone('sql instances delete', 'takes a database server away'),
  gone('sql databases delete', 'drops a database'),
  backup('sql backups delete', 'takes a backup away'),
  over('sql backups restore', 'writes a backup over what lives'),
  over('sql instances restore-backup', 'writes a backup over what lives'),
  guard('sql instances patch', 'takes its protection away', {
    only: '--no-deletion-protection --no-backup',
  }),
  gone('compute instances delete', 'takes machines with their disks away'),
  data('compute disks delete', 'takes a disk away'),
  backup('compute snapshots|images|machine-images delete', 'takes a snapshot or image away'),
  gone('compute networks|firewall-rules|routers delete', 'takes a part of the network away'),
  stops('compute instances stop|reset|suspend', 'stops machines'),
  rule('compute addresses delete', ['destroy', 'name'], 'gives an address up that others can take'),
  gone('container clusters delete', 'takes a cluster away'),
  gone('container node-pools delete', 'takes nodes away'),
  data('storage rm', 'takes objects away'),
  gone('storage buckets delete', 'takes a bucket away'),
  data('storage rsync', 'takes away what is not at the source', {
    only: '--delete-unmatched-destination-objects',
    but: '--dry-run',
  }),
  guard('storage buckets update', 'changes how data is kept', {
    only: '--clear-retention-period --no-versioning --clear-soft-delete',
  }),
  gone('firestore databases delete', 'takes a database away'),
  data('firestore bulk-delete', 'takes documents away'),
  gone('spanner instances|databases delete', 'takes a database away'),
  backup('spanner backups delete', 'takes a backup away'),
  gone('bigtable instances|clusters|tables delete', 'takes a store away'),
  gone('redis instances delete', 'takes a store away'),
  gone('alloydb clusters|instances delete', 'takes a database away'),
  gone('filestore instances delete', 'takes a file system away'),
  gone('pubsub topics|subscriptions delete', 'takes a queue away'),
  data('pubsub subscriptions seek', 'throws messages away'),
  key('kms keys versions destroy', 'takes a key, and what it opens, away'),
  key('secrets delete', 'takes a secret away'),
  key('secrets versions destroy', 'takes a secret away'),
  tells('secrets versions access', 'prints a secret'),
  gone('run services|jobs delete', 'takes a service away'),
  gone('functions delete', 'takes a function away'),
  gone('app services|versions delete', 'takes a service away'),
  gone('artifacts repositories delete', 'takes images away'),
  gone('composer|dataflow|dataproc environments|clusters|jobs delete', 'takes what runs away'),
  rule(
    'dns managed-zones|record-sets delete',
    ['destroy', 'name'],
    'takes a zone or its records away',
  ),
  who('iam service-accounts|roles delete', 'takes somebody’s power away'),
  who('projects remove-iam-policy-binding', 'takes somebody’s power away'),
  tells('iam service-accounts keys create', 'makes a key'),
  tells('auth print-access-token|print-identity-token', 'prints a token'),
  guard('logging sinks|buckets delete', 'ends the record of what happens'),
  // At any depth.
  ...['*', '* *', '* * *', '* * * *'].map((depth) =>
    gone(`${depth} delete|destroy|undeploy`, 'takes something away'),
  ),
]
const az = (): readonly Rule[] => [
  gone('group delete', 'takes a group with all that it holds away'),
  gone('vm|vmss delete', 'takes machines away'),
  stops('vm|vmss stop|deallocate|restart', 'stops machines'),
  data('disk delete', 'takes a disk away'),
  backup('snapshot|image delete', 'takes a snapshot or image away'),
  gone('sql db|server|mi delete', 'takes a database away'),
  over('sql db restore', 'puts another state in its place', { only: '--never' }),
  gone('postgres|mysql|mariadb flexible-server|server|db delete', 'takes a database away'),
  over('postgres|mysql flexible-server restart', 'restarts a database', { only: '--never' }),
  gone('cosmosdb delete', 'takes a database account away'),
  gone(
    'cosmosdb sql|mongodb|cassandra|gremlin|table database|container|collection|keyspace|table delete',
    'takes a database away',
  ),
  gone('storage account|container|share|queue|table delete', 'takes a store away'),
  data('storage blob|file delete|delete-batch', 'takes files away'),
  data('storage blob sync', 'takes away what is not at the source', {
    only: '--delete-destination=true',
  }),
  guard(
    'storage account|container update|policy|immutability-policy|legal-hold delete|clear',
    'changes how data is kept',
  ),
  gone('aks delete', 'takes a cluster away'),
  gone('aks nodepool delete', 'takes nodes away'),
  gone('acr delete', 'takes images away'),
  data('acr repository delete', 'takes images away'),
  gone('redis delete', 'takes a store away'),
  key('keyvault delete|purge', 'takes a vault of keys away'),
  key('keyvault secret|key|certificate delete|purge', 'takes a key away'),
  tells('keyvault secret show|download', 'prints a secret'),
  gone('webapp|functionapp|staticwebapp|containerapp delete', 'takes an app away'),
  gone('appservice plan delete', 'takes a plan away'),
  backup(
    'backup vault|item|container|protection delete|disable',
    'ends backups, or takes them away',
    { only: '--never' },
  ),
  backup('backup protection disable', 'ends backups', { only: '--delete-backup-data' }),
  gone('backup vault delete', 'takes backups away'),
  guard('lock delete', 'takes a lock away'),
  who('ad user|sp|app|group delete', 'takes somebody’s account away'),
  who('role assignment delete', 'takes somebody’s power away'),
  tells('ad sp create-for-rbac', 'makes a key'),
  tells('account get-access-token', 'prints a token'),
  tells('storage account keys list', 'prints keys'),
  rule('network dns|public-ip delete', ['destroy', 'name'], 'gives a name or address up'),
  gone('network vnet|nsg|lb|application-gateway delete', 'takes a part of the network away'),
  gone('servicebus|eventhubs namespace delete', 'takes queues away'),
  gone('resource delete', 'takes whatever it is away'),
  ...['*', '* *', '* * *', '* * * *'].map((depth) =>
    gone(`${depth} delete|purge|delete-batch`, 'takes something away', {
      unlike: /^(deployment|tag|message)$/,
    }),
  ),
]
const doctl = (): readonly Rule[] => [
  gone('databases|database|db|dbs delete|d|rm', 'takes a database away'),
  gone('databases db|user|pool delete', 'takes a database, or somebody in it, away'),
  gone('compute|c droplet|d delete|d|rm', 'takes a machine away'),
  data('compute volume|vol delete|d|rm', 'takes a disk away'),
  backup('compute snapshot|image delete|d|rm', 'takes a snapshot away'),
  gone('compute domain delete', 'takes a domain away'),
  rule('compute domain records delete', ['destroy', 'name'], 'takes a record away'),
  rule('compute reserved-ip|floating-ip delete', ['destroy', 'name'], 'gives an address up'),
  over('compute droplet-action rebuild|restore|password-reset', 'writes a machine over'),
  stops('compute droplet-action power-off|shutdown|reboot|power-cycle', 'stops a machine'),
  gone('kubernetes|k8s|k cluster|c delete|d|rm', 'takes a cluster away'),
  gone('kubernetes cluster node-pool delete', 'takes nodes away'),
  gone('apps|app delete|d|rm', 'takes an app away'),
  gone('registry delete|d|rm', 'takes images away'),
  data('registry repository delete-manifest|delete-tag|delete', 'takes images away'),
  ...['*', '* *', '* * *'].map((depth) => gone(`${depth} delete|d|rm`, 'takes something away')),
]
const hcloud = (): readonly Rule[] => [
  gone('server delete', 'takes a machine away'),
  over('server rebuild|reset-password', 'writes a machine over'),
  stops('server poweroff|shutdown|reset|reboot', 'stops a machine'),
  guard(
    'server|volume|image|network|load-balancer|floating-ip|primary-ip disable-protection',
    'takes its protection away',
  ),
  guard('server disable-backup', 'ends backups'),
  data('volume delete', 'takes a disk away'),
  data('volume detach', 'takes a disk from what lives on it'),
  backup('image delete', 'takes a snapshot away'),
  gone(
    'network|load-balancer|firewall|certificate|placement-group delete',
    'takes a part of the network away',
  ),
  rule('floating-ip|primary-ip delete', ['destroy', 'name'], 'gives an address up'),
  gone('storage-box delete', 'takes a store away'),
  backup('storage-box snapshot delete', 'takes a snapshot away'),
  rule('zone delete', ['destroy', 'name'], 'takes a zone away'),
]

export const cloud: Rows = [
  [
    'gcloud',
    tool(gcloud, {
      valued:
        '--project --account --configuration --format --filter --zone --region --location --impersonate-service-account --verbosity --instance --keyring --key --secret -i',
      plain: '-q --quiet',
    }),
  ],
  [
    'gsutil',
    tool(
      () => [
        data('rm', 'takes objects away'),
        gone('rb', 'takes a bucket away'),
        data('rsync', 'takes away what is not at the source', { only: '-d', but: '-n' }),
        guard('versioning set off', 'ends the keeping of versions'),
        guard('retention clear', 'takes the retention away'),
      ],
      { valued: '-o -h -u', plain: '-m -q -D' },
    ),
  ],
  [
    'bq',
    tool(
      () => [
        gone('rm', 'takes a table or data set away'),
        data('query', 'runs SQL that takes data away', {
          like: /\b(drop|truncate|delete\s+from(?!.*\bwhere\b))\b/i,
        }),
        over('cp|mk', 'writes over a table', { only: '--replace -f --force' }),
      ],
      { valued: '--project_id --location --dataset_id --format' },
    ),
  ],
  [
    'az',
    tool(az, {
      valued:
        '-g --resource-group -n --name --subscription -o --output --query --account-name --account-key --vault-name --server -s --location -l',
    }),
  ],
  ['doctl', tool(doctl, { valued: '-t --access-token -c --config --context -o --output' })],
  ['hcloud', tool(hcloud, { valued: '--context --config --endpoint -o --output --poll-interval' })],
]
