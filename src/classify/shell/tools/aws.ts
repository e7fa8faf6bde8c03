/** Amazon’s cloud: by service where it matters what goes, and every other verb that takes something away. */
import { rule, tool } from '../tool.ts'
import type { Rule } from '../tool.ts'
import { backup, data, gone, guard, key, over, stops, tells, who } from './rows.ts'
import type { Rows } from './rows.ts'

const dry = { but: '--dry-run --dryrun' }
const aws = (): readonly Rule[] => [
  tells('configure export-credentials', 'prints credentials'),
  tells('configure get', 'prints credentials', { like: /secret|session_token/i }),
  data('s3 rm', 'takes objects away', { only: '--recursive', but: '--dryrun' }),
  data('s3 rm', 'takes an object away', dry),
  gone('s3 rb', 'takes a bucket away'),
  data('s3 sync', 'takes away what is not at the source', { only: '--delete', but: '--dryrun' }),
  data('s3 mv', 'moves objects away', { only: '--recursive', but: '--dryrun' }),
  gone('s3api delete-bucket', 'takes a bucket away'),
  data('s3api delete-object|delete-objects', 'takes objects away'),
  guard(
    's3api delete-bucket-policy|delete-bucket-lifecycle|delete-bucket-replication|delete-public-access-block|delete-bucket-encryption',
    'takes a rule that keeps data away',
  ),
  guard('s3api put-bucket-versioning', 'ends the keeping of versions', { like: /Suspended/ }),
  guard(
    's3api put-bucket-lifecycle-configuration|put-object-retention|put-object-legal-hold|put-object-lock-configuration',
    'changes how long data is kept',
  ),
  gone('rds delete-db-instance|delete-db-cluster|delete-global-cluster', 'takes a database away'),
  backup(
    'rds delete-db-snapshot|delete-db-cluster-snapshot|delete-db-instance-automated-backup',
    'takes a backup away',
  ),
  guard('rds modify-db-instance|modify-db-cluster', 'takes its protection away', {
    only: '--no-deletion-protection --backup-retention-period=0',
  }),
  over(
    'rds restore-db-cluster-to-point-in-time|promote-read-replica',
    'puts another state in its place',
    { only: '--never' },
  ),
  stops('rds stop-db-instance|stop-db-cluster|reboot-db-instance', 'stops a database'),
  gone('dynamodb delete-table', 'takes a table with its items away'),
  backup('dynamodb delete-backup', 'takes a backup away'),
  guard('dynamodb update-continuous-backups|update-table', 'takes its protection away', {
    like: /PointInTimeRecoveryEnabled=false/,
    only: '--point-in-time-recovery-specification --no-deletion-protection-enabled',
  }),
  gone('ec2 terminate-instances', 'takes machines with their disks away', dry),
  data('ec2 delete-volume', 'takes a disk away', dry),
  backup('ec2 delete-snapshot|deregister-image', 'takes a snapshot or image away', dry),
  gone(
    'ec2 delete-vpc|delete-nat-gateway|delete-security-group|delete-subnet|delete-key-pair',
    'takes a part of the network away',
    dry,
  ),
  stops('ec2 stop-instances|reboot-instances', 'stops machines', dry),
  rule('ec2 authorize-security-group-ingress', ['expose'], 'opens a port', {
    like: /0\.0\.0\.0\/0|::\/0/,
  }),
  rule('ec2 release-address', ['destroy', 'name'], 'gives an address up that others can take'),
  gone('efs delete-file-system|delete-mount-target', 'takes a file system away'),
  gone('fsx delete-file-system|delete-volume', 'takes a file system away'),
  backup('fsx delete-backup', 'takes a backup away'),
  backup('backup delete-recovery-point|delete-backup-vault', 'takes backups away'),
  guard(
    'backup delete-backup-plan|delete-backup-selection|put-backup-vault-lock-configuration|delete-backup-vault-lock-configuration',
    'changes how backups are kept',
  ),
  key(
    'kms schedule-key-deletion|disable-key|delete-alias|delete-imported-key-material',
    'takes a key, and what it opens, away',
  ),
  key('secretsmanager delete-secret', 'takes a secret away'),
  tells('secretsmanager get-secret-value|batch-get-secret-value', 'prints a secret'),
  key('ssm delete-parameter|delete-parameters', 'takes parameters away'),
  tells('ssm get-parameter|get-parameters|get-parameters-by-path', 'prints secrets', {
    only: '--with-decryption',
  }),
  gone(
    'cloudformation delete-stack|delete-stack-set|delete-stack-instances',
    'takes a stack with all that it holds away',
  ),
  guard('cloudformation update-termination-protection', 'takes its protection away', {
    only: '--no-enable-termination-protection',
  }),
  rule(
    'route53 delete-hosted-zone|change-resource-record-sets',
    ['destroy', 'name'],
    'takes a zone or its records away',
    { like: /delete-hosted-zone|"DELETE"|file:/ },
  ),
  who(
    'iam delete-user|delete-role|delete-group|delete-policy|detach-role-policy|delete-account-alias',
    'takes somebody’s power away',
  ),
  key('iam delete-access-key', 'takes a key away'),
  tells('iam create-access-key|create-login-profile', 'makes a key'),
  who(
    'organizations delete-organization|remove-account-from-organization|close-account',
    'takes an account away',
  ),
  gone(
    'elasticache delete-cache-cluster|delete-replication-group|delete-serverless-cache',
    'takes a store with its data away',
  ),
  backup('elasticache delete-snapshot', 'takes a backup away'),
  gone('redshift delete-cluster', 'takes a warehouse away'),
  backup('redshift delete-cluster-snapshot', 'takes a backup away'),
  gone('docdb|neptune delete-db-cluster|delete-db-instance', 'takes a database away'),
  gone('es|opensearch delete-domain|delete-elasticsearch-domain', 'takes a search cluster away'),
  gone('eks delete-cluster|delete-nodegroup', 'takes a cluster away'),
  gone('ecs delete-cluster|delete-service', 'takes a service away'),
  stops('ecs update-service', 'scales to nothing', { only: '--desired-count=0' }),
  gone('ecr delete-repository', 'takes images away'),
  data('ecr batch-delete-image', 'takes images away'),
  gone('lambda delete-function', 'takes a function away'),
  gone('sqs delete-queue', 'takes a queue away'),
  data('sqs purge-queue', 'takes all messages away'),
  gone('sns delete-topic', 'takes a topic away'),
  gone('kinesis delete-stream', 'takes a stream away'),
  gone('kafka delete-cluster', 'takes a cluster away'),
  gone('logs delete-log-group', 'takes logs away'),
  guard('cloudtrail delete-trail|stop-logging', 'ends the record of what happens'),
  guard('logs put-retention-policy|delete-retention-policy', 'changes how long logs are kept'),
  who('cognito-idp delete-user-pool|admin-delete-user', 'takes people’s accounts away'),
  gone(
    'lightsail delete-instance|delete-relational-database|delete-disk|delete-bucket',
    'takes what holds data away',
  ),
  gone(
    'apigateway|apigatewayv2 delete-rest-api|delete-api|delete-stage',
    'takes an interface away',
  ),
  gone('cloudfront delete-distribution', 'takes a distribution away'),
  gone('stepfunctions delete-state-machine', 'takes a machine away'),
  gone('elasticbeanstalk terminate-environment|delete-application', 'takes an environment away'),
  gone('glue delete-database|delete-table', 'takes a table away'),
  gone('athena delete-data-catalog|delete-work-group', 'takes a catalog away'),
  gone('amplify delete-app|delete-backend-environment', 'takes an app away'),
  // What is not named here takes something away all the same.
  gone(
    '* delete-*|terminate-*|purge-*|deregister-*|destroy-*|reset-*|forget-*',
    'takes something away',
    {
      unlike:
        /^(delete-(message|message-batch|log-stream|tags?|item|network-interface|metric.*|alarms?)|deregister-(targets|task-definition)|reset-.*attribute)$/,
      ...dry,
    },
  ),
  guard('* disable-*|revoke-*|stop-logging', 'takes a protection or power away', dry),
]
const awsFlags =
  '--profile --region --output --endpoint-url --query --cli-read-timeout --cli-connect-timeout --ca-bundle --color --desired-count --backup-retention-period --point-in-time-recovery-specification'

export const amazon: Rows = [
  [
    'aws',
    tool(aws, {
      valued: awsFlags,
      plain: '--no-cli-pager --debug --no-verify-ssl --no-paginate --no-sign-request',
      instead: 'take a final snapshot, and have a person run it',
      shows: 'help',
    }),
  ],
  ['awslocal', tool(() => [])],
]
