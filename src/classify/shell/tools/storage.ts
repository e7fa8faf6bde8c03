/** Clients of object stores and file stores: what deletes, mirrors with deletes, and takes a store's guards away. */
import { rule, tool } from '../tool.ts'
import type { Tool } from '../tool.ts'

const gone = 'deletes what is stored there'
const mirror = 'deletes there what is not at its source'
const dry = 'see first what would go (`--dry-run`)'

const rclone = tool(
  () => [
    rule('sync', ['destroy', 'overwrite'], mirror),
    rule('bisync', ['destroy', 'overwrite'], 'deletes on both sides'),
    rule('delete|deletefile|purge|rmdirs', ['destroy', 'data'], gone),
    rule('move|moveto', ['destroy', 'data'], 'takes it away at its source'),
    rule('dedupe', ['destroy', 'data'], 'deletes what has the same name'),
    rule('cleanup', ['destroy', 'backup'], 'deletes old versions and what lies in the trash'),
    rule('backend cleanup|cleanup-hidden', ['destroy', 'backup'], 'deletes old versions'),
    rule('config show|dump|reveal', ['expose'], 'prints the credentials'),
    rule('reveal', ['expose'], 'prints a password'),
    rule('link', ['expose'], 'makes a public link', { but: '--unlink' }),
  ],
  {
    valued:
      '--config --transfers --checkers --include --exclude --filter --filter-from --include-from --exclude-from --max-age --min-age --max-size --min-size --backup-dir --suffix --bwlimit --log-file --log-level --files-from --max-delete',
    plain: '-v -P --progress --delete-before --delete-during --delete-after --delete-excluded',
    shows: '-n --dry-run',
    instead: dry,
  },
)

const s3cmd = tool(
  () => [
    rule('del|rm|rb', ['destroy', 'data'], gone),
    rule('sync', ['destroy', 'overwrite'], mirror, { only: '--delete-removed' }),
    rule('mv', ['destroy', 'data'], 'takes it away at its source'),
    rule('expire|setlifecycle', ['destroy', 'guard'], 'has a store delete by itself'),
    rule('dellifecycle|delpolicy|setversioning', ['destroy', 'guard'], 'takes a rule away'),
    rule('setacl', ['expose'], 'lets everybody read', { only: '--acl-public -P' }),
    rule('signurl', ['expose'], 'makes a link that needs no key'),
  ],
  {
    valued: '-c --config --access_key --secret_key --region --host --include --exclude --rinclude',
    shows: '-n --dry-run',
    instead: dry,
  },
)

const s5cmd = tool(
  () => [
    rule('rm|rb', ['destroy', 'data'], gone),
    rule('sync', ['destroy', 'overwrite'], mirror, { only: '--delete' }),
    rule('mv', ['destroy', 'data'], 'takes it away at its source'),
    rule('bucket-version', ['destroy', 'guard'], 'ends versioning', { only: '--set=Suspended' }),
    rule('run', ['unread'], 'would run a file that nobody here has read'),
    rule('presign', ['expose'], 'makes a link that needs no key'),
  ],
  {
    valued: '--endpoint-url --profile --numworkers --credentials-file --log --exclude --set',
    shows: '--dry-run',
    instead: dry,
  },
)

const mc = tool(
  () => [
    rule('rb|rm', ['destroy', 'data'], gone, { but: '--dry-run' }),
    rule('mirror', ['destroy', 'overwrite'], mirror, { only: '--remove', but: '--dry-run' }),
    rule('mv', ['destroy', 'data'], 'takes it away at its source'),
    rule('undo', ['destroy', 'overwrite'], 'puts older versions in their place', {
      but: '--dry-run',
    }),
    rule('version suspend', ['destroy', 'guard'], 'ends versioning'),
    rule('retention|legalhold|encrypt clear', ['destroy', 'guard'], 'takes a lock away'),
    rule('ilm rule|rule add|edit|import', ['destroy', 'guard'], 'has a store delete by itself', {
      only: '--expire-days --expire-delete-marker --noncurrent-expire-days --expire-all-object-versions',
    }),
    rule('ilm import', ['destroy', 'guard'], 'changes what a store deletes by itself'),
    rule('replicate rm|remove', ['destroy', 'guard'], 'ends a copy elsewhere'),
    rule('admin bucket delete|remove', ['destroy', 'container'], 'deletes a bucket'),
    rule(
      'admin user|group|accesskey|svcacct remove|rm|disable',
      ['destroy', 'account'],
      'takes a user away',
    ),
    rule('admin policy remove|rm|unset|detach', ['destroy', 'account'], 'takes rights away'),
    rule('admin user|accesskey|svcacct add|create', ['expose'], 'mints a new way in'),
    rule('admin policy set|attach', ['expose'], 'gives rights away'),
    rule('admin decommission|decom start', ['destroy', 'container'], 'empties a pool'),
    rule('admin service stop|restart', ['destroy', 'outage'], 'ends the server'),
    rule('admin config export|get', ['expose'], 'prints the configuration with its secrets'),
    rule('anonymous|policy set', ['expose'], 'lets everybody in', {
      like: /^(public|download|upload)$/,
    }),
    rule('share download', ['expose'], 'makes a link that needs no key'),
  ],
  {
    valued: '--config-dir -C --older-than --newer-than --version-id --vid --rewind --expire-days',
    plain: '--json --quiet -q --force --recursive -r --insecure --debug --no-color --remove',
    instead: dry,
  },
)

const b2 = tool(
  () => [
    rule('rm|delete-file-version|delete_file_version', ['destroy', 'data'], gone),
    rule('bucket delete', ['destroy', 'container'], 'deletes a bucket'),
    rule('delete-bucket|delete_bucket', ['destroy', 'container'], 'deletes a bucket'),
    rule('sync', ['destroy', 'overwrite'], mirror, { only: '--delete --keep-days --keepdays' }),
    rule('bucket update', ['destroy', 'guard'], 'changes what a store deletes by itself', {
      only: '--lifecycle-rule --lifecycle-rules --default-retention-mode',
    }),
    rule('update-bucket', ['destroy', 'guard'], 'changes what a store deletes by itself', {
      only: '--lifecycle-rule --lifecycle-rules --lifecycleRules --defaultRetentionMode',
    }),
    rule('key create', ['expose'], 'mints a key'),
    rule('create-key|create_key', ['expose'], 'mints a key'),
    rule('key delete', ['destroy', 'account'], 'takes a key away'),
    rule('delete-key|delete_key', ['destroy', 'account'], 'takes a key away'),
    rule('file update-legal-hold|update-file-legal-hold', ['destroy', 'guard'], 'changes a lock'),
    rule('file update-retention|update-file-retention', ['destroy', 'guard'], 'changes a lock'),
  ],
  { shows: '--dry-run --dryRun', instead: dry },
)

const azcopy = tool(
  () => [
    rule('remove|rm', ['destroy', 'data'], gone),
    rule('sync', ['destroy', 'overwrite'], mirror, { only: '--delete-destination' }),
  ],
  { shows: '--dry-run', instead: dry },
)

const cloud = tool(() => [
  rule('rm|rb|delete', ['destroy', 'data'], gone),
  rule('sync', ['destroy', 'overwrite'], mirror, { only: '--delete --delete-removed' }),
])

/** `hdfs dfs -rm -r /x`: its words are flags. */
const hadoop = tool(
  () => [
    rule('dfs|fs', ['destroy', 'data'], gone, { only: '-rm -rmr -expunge -truncate' }),
    rule('dfs|fs', ['destroy', 'backup'], 'deletes a snapshot', { only: '-deleteSnapshot' }),
    rule('namenode', ['destroy', 'container'], 'formats the whole file system', {
      only: '-format',
    }),
    rule('dfsadmin', ['destroy', 'guard'], 'takes a guard away', {
      only: '-disallowSnapshot -clrQuota',
    }),
    rule('distcp', ['destroy', 'overwrite'], mirror, { only: '-delete' }),
  ],
  { isGo: true },
)

export const storage: readonly (readonly [string, Tool])[] = [
  ['rclone', rclone],
  ['s3cmd', s3cmd],
  ['s5cmd', s5cmd],
  ['mc', mc],
  ['mcli', mc],
  ['b2', b2],
  ['backblaze-b2', b2],
  ['azcopy', azcopy],
  ['ossutil', cloud],
  ['ossutil64', cloud],
  ['obsutil', cloud],
  ['coscli', cloud],
  ['coscmd', cloud],
  ['swift', tool(() => [rule('delete', ['destroy', 'data'], gone)])],
  ['hdfs', hadoop],
  ['hadoop', hadoop],
  [
    'juicefs',
    tool(() => [
      rule('destroy', ['destroy', 'container'], 'destroys a file system'),
      rule('rmr', ['destroy', 'data'], gone),
      rule('gc', ['destroy', 'data'], 'deletes what it takes for lost', { only: '--delete' }),
    ]),
  ],
  [
    'lftp',
    tool(
      () => [
        rule('', ['destroy', 'data'], mirror, {
          like: /\b(mirror\b[^;]*\s(--delete|-e)\b|rm\s+-r|mrm|rmdir)/,
        }),
      ],
      { valued: '-c -e -u -p -f' },
    ),
  ],
]
